package io.github.purebpf.benchmarks;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A peer that runs. It answers one line for each line, and ends with its standard input, also when
 * this JVM is killed.
 */
final class PeerProcess implements Contender {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Duration END = Duration.ofSeconds(10);

  private final Peer.Ready peer;
  private final Process process;
  private final BufferedWriter to;
  private final BufferedReader from;

  private PeerProcess(Peer.Ready peer, Process process) {
    this.peer = peer;
    this.process = process;
    this.to = process.outputWriter(StandardCharsets.UTF_8);
    this.from = process.inputReader(StandardCharsets.UTF_8);
  }

  /**
   * Waits until one that has been started is there.
   *
   * @throws IOException if it ends instead
   */
  static PeerProcess of(Peer.Ready peer, Process process) throws IOException {
    var started = new PeerProcess(peer, process);
    String line = started.line();
    if (!line.startsWith("ready ")) {
      started.close();
      throw new IOException(peer.title() + " did not start: " + line);
    }
    return started;
  }

  /** The number of the process. */
  long pid() {
    return process.pid();
  }

  @Override
  public Peer.Ready peer() {
    return peer;
  }

  @Override
  public Answer run(Case measured, int operations) {
    return ask("run " + measured.id() + " " + operations);
  }

  @Override
  public Answer latency(Case measured, int operations) {
    return ask("latency " + measured.id() + " " + operations);
  }

  private Answer ask(String question) {
    String answer;
    try {
      to.write(question);
      to.newLine();
      to.flush();
      answer = line();
    } catch (IOException e) {
      return new Answer.Failed("it has ended: " + e.getMessage());
    }
    return parse(question, answer);
  }

  static Answer parse(String question, String answer) {
    var words = answer.split(" ", 2);
    String rest = words.length > 1 ? words[1] : "";
    return switch (words[0]) {
      case "none" -> new Answer.Nothing(rest);
      case "ok" ->
          question.startsWith("latency")
              ? new Answer.Latencies(
                  Stream.of(rest.split(" ", -1)).skip(1).map(Long::valueOf).toList())
              : new Answer.Measured(Measurement.parse(answer));
      default -> new Answer.Failed(rest.isEmpty() ? answer : rest);
    };
  }

  /** The next line, or a word about why there is none. */
  private String line() throws IOException {
    var watchdog =
        CompletableFuture.runAsync(
            process::destroyForcibly,
            CompletableFuture.delayedExecutor(PATIENCE.toSeconds(), TimeUnit.SECONDS));
    try {
      String line = from.readLine();
      return line == null ? "error it ended, or took longer than " + PATIENCE : line;
    } finally {
      watchdog.cancel(false);
    }
  }

  @Override
  public void close() {
    try {
      to.close();
    } catch (IOException e) {
      // It has ended by itself.
      process.destroyForcibly();
    }
    try {
      if (!process.waitFor(END)) {
        process.destroyForcibly().waitFor();
      }
      from.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
