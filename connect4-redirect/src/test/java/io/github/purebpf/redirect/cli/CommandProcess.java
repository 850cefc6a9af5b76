package io.github.purebpf.redirect.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.redirect.cli.demo.OwnJvm;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The command in a process of its own; its standard error goes to its standard output. */
final class CommandProcess implements AutoCloseable {
  private static final int LIMIT_SECONDS = 60;

  private final Process process;
  private final BufferedReader output;

  private CommandProcess(Process process) {
    this.process = process;
    this.output = process.inputReader(StandardCharsets.UTF_8);
  }

  static CommandProcess start(String... arguments) throws IOException {
    return startWith(List.of(), arguments);
  }

  /** Starts it through another program, such as {@code env}. */
  static CommandProcess startWith(List<String> prefix, String... arguments) throws IOException {
    var command = new ArrayList<>(prefix);
    command.addAll(OwnJvm.withNativeAccess(Main.class, List.of(arguments)));
    return new CommandProcess(new ProcessBuilder(command).redirectErrorStream(true).start());
  }

  long pid() {
    return process.pid();
  }

  /** The next line that it prints, null when it has ended. */
  String line() throws IOException {
    return output.readLine();
  }

  /** Reads until a line contains a text. */
  void awaitLine(String text) throws IOException {
    var lines = new ArrayList<String>();
    for (var line = line(); line != null; line = line()) {
      lines.add(line);
      if (line.contains(text)) {
        return;
      }
    }
    throw new AssertionError("no line with \"" + text + "\" among " + lines);
  }

  String rest() throws IOException {
    return output.readAllAsString();
  }

  void signal(String name) throws IOException, InterruptedException {
    var kill = new ProcessBuilder("kill", "-" + name, Long.toString(pid())).inheritIO().start();
    assertTrue(kill.waitFor() == 0, "kill -" + name);
  }

  /** Waits for its end, and returns its exit status. */
  int end() throws InterruptedException {
    assertTrue(process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS), "still running");
    return process.exitValue();
  }

  /** Kills it if it still runs. */
  @Override
  public void close() {
    process.destroyForcibly();
  }
}
