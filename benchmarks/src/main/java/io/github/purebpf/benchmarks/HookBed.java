package io.github.purebpf.benchmarks;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.bpf.BpfLink;
import io.github.purebpf.bpf.BpfMap;
import io.github.purebpf.bpf.BpfProgram;
import io.github.purebpf.bpf.Codec;
import io.github.purebpf.bpf.MapSpec;
import io.github.purebpf.bpf.ProgramSpec;
import io.github.purebpf.bpf.ProgramStatistics;
import io.github.purebpf.bpf.RunStatistics;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.redirect.dataplane.Dataplane;
import io.github.purebpf.redirect.dataplane.Head;
import io.github.purebpf.redirect.dataplane.Hook;
import io.github.purebpf.redirect.dataplane.ProgramOptions;
import io.github.purebpf.redirect.dataplane.ServerWord;
import io.github.purebpf.redirect.dataplane.ServiceImage;
import io.github.purebpf.redirect.dataplane.Table;
import io.github.purebpf.redirect.dataplane.VipKey;
import io.github.purebpf.testkit.ScratchCgroup;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.locks.LockSupport;

/**
 * A table of addresses, and a client in a cgroup of its own that connects all the time. What a run
 * of a connect4 program costs is what the kernel counts ({@code BPF_ENABLE_STATS}).
 *
 * <p>Programs are loaded anew after a few measurements, because where the kernel puts the code
 * makes a few percent.
 */
final class HookBed implements AutoCloseable {
  /** The map of the program that only rewrites. */
  static final MapRef PLAIN = new MapRef("plain");

  /** Where the client connects to. */
  enum Way {
    /** A hit, with the first server. */
    SINGLE(Head.POLICY_SINGLE),
    /** A hit, with the server that has the fewest connections. */
    LEAST(Head.POLICY_LEAST_CONNECTIONS),
    /** An address that is not in the table. */
    MISS(Head.POLICY_SINGLE),
    /** A hit of a program that finds an address, writes another, and does not count. */
    REWRITE(Head.POLICY_SINGLE);

    private final int policy;

    Way(int policy) {
      this.policy = policy;
    }
  }

  /** After so many measurements a program is loaded anew. */
  private static final int USES = 3;

  private static final int MOST = 65_536;
  private static final int SERVERS = 3;
  private static final int BACKLOG = 4096;
  private static final int PORT = 8502;
  private static final int ERRNO = 111;
  private static final int LOOPBACK = 0x7f000001;
  private static final int VIP = 0x7f4d0001;
  private static final int OTHER = 0x7f4c0001;
  private static final Duration POLL = Duration.ofMillis(1);
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /** What is loaded, by the object that holds the code. */
  private final IdentityHashMap<BpfCode, Loaded> programs = new IdentityHashMap<>();

  private final Deque<AutoCloseable> open = new ArrayDeque<>();
  private final List<Integer> ports = new ArrayList<>();
  private final ScratchCgroup cgroup;
  private final Dataplane dataplane;
  private final BpfMap<Integer, Integer> plain;
  private final BpfLink link;
  private Way way;
  private Process client;

  /**
   * Sets up.
   *
   * @param addresses how many are in the table; the client uses the first
   */
  HookBed(int addresses, ProgramOptions options) throws IOException {
    try {
      cgroup = opened(ScratchCgroup.create());
      dataplane = opened(Dataplane.create());
      plain = opened(BpfMap.create(MapSpec.hash(PLAIN, Codec.u32(), Codec.u32(), MOST)));
      opened(RunStatistics.enable());
      for (var hook : List.of(Hook.OPERATIONS, Hook.RELEASE)) {
        opened(opened(dataplane.load(hook, options)).attachToCgroup(cgroup.path()));
      }
      for (int i = 0; i < SERVERS; i++) {
        ports.add(serve());
      }
      var table = dataplane.table();
      for (int i = 0; i < addresses; i++) {
        put(table, VIP + i, Head.POLICY_SINGLE);
        plain.put(Integer.reverseBytes(VIP + i), Integer.reverseBytes(LOOPBACK));
      }
      try (var first = dataplane.load(Hook.CONNECT4, options)) {
        link = opened(first.attachToCgroup(cgroup.path()));
      }
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
  }

  private <T extends AutoCloseable> T opened(T resource) {
    open.push(resource);
    return resource;
  }

  private int serve() throws IOException {
    var socket = opened(new ServerSocket(0, BACKLOG, InetAddress.ofLiteral("127.0.0.1")));
    Thread.ofPlatform().daemon().start(() -> accept(socket));
    return ((InetSocketAddress) socket.getLocalSocketAddress()).getPort();
  }

  private static void accept(ServerSocket server) {
    while (!server.isClosed()) {
      try (var _ = server.accept()) {
        // Closed at once.
      } catch (IOException closedOrGone) {
        // The client has gone, or this ends.
      }
    }
  }

  private void put(Table table, int vip, int policy) {
    var members =
        ports.stream()
            .map(port -> new ServiceImage.MemberImage(ServerWord.of(LOOPBACK, port), 1))
            .toList();
    table.begin();
    boolean done = false;
    try {
      table.put(new ServiceImage(VipKey.tcp(vip, PORT).word(), policy, ERRNO, 0, members));
      done = true;
    } finally {
      table.end(done);
    }
  }

  /**
   * Runs a program while the client goes a way.
   *
   * @param code for {@link #PLAIN} or for the maps of the redirector
   * @param runs how many are measured, or a few more, behind a quarter that warm up
   * @throws IOException if the client does not connect
   */
  Measurement measure(Way asked, BpfCode code, int runs) throws IOException {
    var program = loaded(code);
    link.update(program);
    go(asked);
    var begin = await(program, program.statistics().runs() + Math.ceilDiv(runs, 4));
    var end = await(program, begin.runs() + runs);
    return new Measurement(
        end.runs() - begin.runs(), end.nanos() - begin.nanos(), OptionalLong.empty(), "-");
  }

  private BpfProgram loaded(BpfCode code) {
    var program = programs.get(code);
    if (program == null || program.uses == USES) {
      var spec = ProgramSpec.connect4("bench_hook", code).withLicense("GPL").withoutSourceInfo();
      var fresh = new Loaded(dataplane.load(spec, plain));
      programs.put(code, fresh);
      if (program != null) {
        program.program.close();
      }
      program = fresh;
    }
    program.uses++;
    return program.program;
  }

  /** A program, and how often it was measured. */
  private static final class Loaded {
    private final BpfProgram program;
    private int uses;

    Loaded(BpfProgram program) {
      this.program = program;
    }
  }

  private void go(Way asked) throws IOException {
    if (asked != way) {
      rest();
      put(dataplane.table(), VIP, asked.policy);
      int port = asked == Way.REWRITE ? ports.getFirst() : PORT;
      var to = InetAddress.getByAddress(bytes(asked == Way.MISS ? OTHER : VIP)).getHostAddress();
      var script =
          "for ((i = 0; i < 10000000; i++)); do exec 3<>/dev/tcp/%s/%d; exec 3<&-; done 2>/dev/null"
              .formatted(to, port);
      client = cgroup.exec(List.of("bash", "-c", script));
      way = asked;
    }
  }

  private static byte[] bytes(int address) {
    return new byte[] {
      (byte) (address >> 24), (byte) (address >> 16), (byte) (address >> 8), (byte) address
    };
  }

  private ProgramStatistics await(BpfProgram program, long runs) throws IOException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    var now = program.statistics();
    while (now.runs() < runs) {
      if (System.nanoTime() - deadline > 0) {
        throw new IOException("the client has connected " + now.runs() + " times in " + PATIENCE);
      }
      LockSupport.parkNanos(POLL.toNanos());
      now = program.statistics();
    }
    return now;
  }

  /** Ends the client. */
  void rest() {
    if (client != null) {
      client.destroyForcibly().onExit().join();
      client = null;
      way = null;
    }
  }

  @Override
  public void close() throws IOException {
    rest();
    programs.values().forEach(loaded -> loaded.program.close());
    programs.clear();
    while (!open.isEmpty()) {
      try {
        open.pop().close();
      } catch (IOException | RuntimeException e) {
        throw e;
      } catch (Exception e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
