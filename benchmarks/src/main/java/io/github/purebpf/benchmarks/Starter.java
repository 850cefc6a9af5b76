package io.github.purebpf.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Starts a loader again and again, each time for a cgroup that is new. */
final class Starter implements Contender {
  private static final int PATIENCE_SECONDS = 60;
  private static final String READY = "ready";

  /**
   * All that bpftool needs to do, from a folder for the pins, the object, the cgroup, two
   * addresses.
   */
  private static final String SHELL =
      """
      set -e
      "$1" prog load "$3" "$2/program" pinmaps "$2"
      "$1" map update pinned "$2/services" key $5 value $6
      "$1" cgroup attach "$4" connect4 pinned "$2/program"
      echo ready
      cat >/dev/null
      """;

  private final Peer.Ready peer;
  private final StartStage stage;
  private int started;

  Starter(Peer.Ready peer, StartStage stage) {
    this.peer = peer;
    this.stage = stage;
  }

  @Override
  public Peer.Ready peer() {
    return peer;
  }

  @Override
  public Answer run(Case measured, int operations) {
    int count = Math.min(operations, Starts.STARTS);
    long nanos = 0;
    try {
      for (int i = 0; i < count; i++) {
        nanos += start();
      }
      return new Answer.Measured(new Measurement(count, nanos, OptionalLong.empty(), "-"));
    } catch (IOException e) {
      return new Answer.Failed(String.valueOf(e.getMessage()));
    }
  }

  @Override
  public int warmUp(Case measured, int operations) {
    return 1;
  }

  /** How long it took. */
  private long start() throws IOException {
    var cgroup = stage.cgroup().child(peer.key() + "-" + ++started);
    var pins = Files.createDirectory(stage.pins().resolve(peer.key()));
    try {
      if (peer.key().equals(Starts.HELLO)) {
        return hello();
      }
      var client =
          stage
              .cgroup()
              .execIn(
                  cgroup, List.of(stage.client(), Starts.VIRTUAL, Integer.toString(stage.port())));
      try (var answers = client.inputReader()) {
        expect("ready to connect", line(client, answers));
        return redirected(cgroup, pins, client, answers);
      } finally {
        end(client);
      }
    } finally {
      for (var pin : List.of("program", Programs.SERVICES.name())) {
        Files.deleteIfExists(pins.resolve(pin));
      }
      Files.delete(pins);
      Files.delete(cgroup);
    }
  }

  private long hello() throws IOException {
    long begin = System.nanoTime();
    var process = new ProcessBuilder(peer.command()).start();
    try (var lines = process.inputReader()) {
      expect(READY, line(process, lines));
      return System.nanoTime() - begin;
    } finally {
      end(process);
    }
  }

  private long redirected(Path cgroup, Path pins, Process client, BufferedReader answers)
      throws IOException {
    var builder =
        new ProcessBuilder(command(cgroup, pins)).redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.environment().putAll(CommandLauncher.environment());
    var ask = client.outputWriter();
    ask.write("connect\n");
    ask.flush();
    long begin = System.nanoTime();
    var process = builder.start();
    try (var lines = process.inputReader()) {
      String answer = line(client, answers);
      long nanos = System.nanoTime() - begin;
      expect("greeted g", answer);
      expect(READY, line(process, lines));
      return nanos;
    } finally {
      end(process);
    }
  }

  private List<String> command(Path cgroup, Path pins) {
    String program = peer.command().getFirst();
    return switch (peer.key()) {
      case Peer.OWN ->
          List.of(
              program,
              "run",
              "--cgroup",
              cgroup.toString(),
              "--vip",
              "%s:%d=%s:%d".formatted(Starts.VIRTUAL, stage.port(), Starts.SERVER, stage.port()));
      case Starts.BPFTOOL ->
          List.of(
              "/bin/sh",
              "-c",
              SHELL,
              "sh",
              program,
              pins.toString(),
              stage.object().toString(),
              cgroup.toString(),
              Starts.VIRTUAL.replace('.', ' '),
              Starts.SERVER.replace('.', ' '));
      default -> List.of(program, cgroup.toString(), Starts.VIRTUAL, Starts.SERVER);
    };
  }

  private static void expect(String begin, String line) throws IOException {
    if (!line.startsWith(begin)) {
      throw new IOException("in place of \"" + begin + "\": " + line);
    }
  }

  /** The next line, or a word about why there is none. */
  private static String line(Process process, BufferedReader lines) throws IOException {
    var watchdog =
        CompletableFuture.runAsync(
            process::destroyForcibly,
            CompletableFuture.delayedExecutor(PATIENCE_SECONDS, TimeUnit.SECONDS));
    try {
      String line = lines.readLine();
      return line == null ? "the end" : line;
    } finally {
      watchdog.cancel(false);
    }
  }

  /** The command by a signal, as it has to undo something; the others by the end of their input. */
  private static void end(Process process) throws IOException {
    process.getOutputStream().close();
    process.destroy();
    try {
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public Answer latency(Case measured, int operations) {
    return new Answer.Nothing("starts are not timed one by one");
  }

  @Override
  public void close() {
    // Nothing runs between two starts.
  }
}
