package io.github.purebpf.redirect;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;

/**
 * A JVM that connects to {@link ByteServer}s as often as it can: {@code FILE THREADS}, and for each
 * line {@code COUNT SETS ADDRESS PORT [ADDRESS PORT…]} so many times, to addresses at random. It
 * prints how often each of these came: {@code right}, {@code refused}, {@code any} when all sets
 * were possible, or what is wrong.
 *
 * <p>The server named n is a member of the set n / {@link #MEMBERS}. With several addresses, the
 * set of the one with the number i is i. With one, its sets take turns: those with the numbers 0 to
 * SETS - 1, and the {@link Turn}s in the file say which are possible.
 */
final class StormProgram {
  /** How many servers a set has. */
  static final int MEMBERS = 2;

  private final Turn turn;
  private final int threads;

  private StormProgram(Turn turn, int threads) {
    this.turn = turn;
    this.threads = threads;
  }

  /** How many times the set was changed, which two processes share. */
  static final class Turn {
    private static final VarHandle LONG =
        MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.nativeOrder());
    private static final int BEGUN = 0;
    private static final int DONE = 8;

    private final ByteBuffer memory;

    Turn(Path file) throws IOException {
      try (var channel =
          FileChannel.open(
              file, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE)) {
        memory = channel.map(FileChannel.MapMode.READ_WRITE, 0, 16);
      }
    }

    /** The last change that was begun. */
    long begun() {
      return (long) LONG.getVolatile(memory, BEGUN);
    }

    /** The last change that is done. */
    long done() {
      return (long) LONG.getVolatile(memory, DONE);
    }

    void begin(long change) {
      LONG.setVolatile(memory, BEGUN, change);
    }

    void end(long change) {
      LONG.setVolatile(memory, DONE, change);
    }
  }

  public static void main(String[] args) throws Exception {
    var program = new StormProgram(new Turn(Path.of(args[0])), Integer.parseInt(args[1]));
    System.out.println("ready");
    var requests = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
    for (var line = requests.readLine(); line != null; line = requests.readLine()) {
      System.out.println(program.answer(line.split(" ", -1)));
    }
  }

  private String answer(String[] words) throws Exception {
    int count = Integer.parseInt(words[0]);
    int sets = Integer.parseInt(words[1]);
    var addresses = new ArrayList<InetSocketAddress>();
    for (int i = 2; i < words.length; i += 2) {
      addresses.add(
          new InetSocketAddress(InetAddress.ofLiteral(words[i]), Integer.parseInt(words[i + 1])));
    }
    try (var pool = Executors.newFixedThreadPool(threads)) {
      var work = new ArrayList<Callable<Map<String, Long>>>();
      for (int i = 0; i < threads; i++) {
        int seed = i;
        work.add(() -> connect(addresses, sets, count / threads, new Random(seed)));
      }
      var all = new TreeMap<String, Long>();
      for (var part : pool.invokeAll(work)) {
        part.get().forEach((what, often) -> all.merge(what, often, Long::sum));
      }
      return all.toString();
    }
  }

  private Map<String, Long> connect(
      List<InetSocketAddress> addresses, int sets, int count, Random random) {
    var counts = new TreeMap<String, Long>();
    var buffer = ByteBuffer.allocateDirect(1);
    for (int i = 0; i < count; i++) {
      int number = random.nextInt(addresses.size());
      // Of both families in turn.
      var family = i % 2 == 0 ? StandardProtocolFamily.INET : StandardProtocolFamily.INET6;
      long from = turn.done();
      String what;
      try (var channel = SocketChannel.open(family)) {
        channel.connect(addresses.get(number));
        what = judge(channel, buffer, number, from, addresses.size() > 1 ? 0 : sets);
      } catch (ConnectException e) {
        what = "Connection refused".equals(e.getMessage()) ? "refused" : e.toString();
      } catch (IOException e) {
        what = e.toString();
      }
      counts.merge(what, 1L, Long::sum);
    }
    return counts;
  }

  private String judge(SocketChannel channel, ByteBuffer buffer, int number, long from, int sets)
      throws IOException {
    int read = channel.read(buffer.clear());
    long to = turn.begun();
    channel.setOption(StandardSocketOptions.SO_LINGER, 0);
    if (read != 1) {
      return "silence";
    }
    int server = buffer.get(0);
    int set = server / MEMBERS;
    if (sets == 0) {
      return set == number ? "right" : "server %d for address %d".formatted(server, number);
    }
    if (to - from >= sets - 1) {
      return "any";
    }
    for (long at = from; at <= to; at++) {
      if (at % sets == set) {
        return "right";
      }
    }
    return "server %d in the turns %d to %d".formatted(server, from, to);
  }
}
