package io.github.purebpf.bpf;

import io.github.purebpf.asm.BpfCode;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Another JVM that runs a main class of these tests with this library on its class path. */
final class ChildJvm implements AutoCloseable {
  private final Process process;

  private ChildJvm(Process process) {
    this.process = process;
  }

  /**
   * Starts one.
   *
   * @param prefix the command that starts the JVM, such as setpriv; empty for none
   * @param classPath of the JVM, such as {@link #classPath}
   * @param options of the JVM
   */
  static ChildJvm start(
      List<String> prefix,
      List<Path> classPath,
      List<String> options,
      Class<?> main,
      String... arguments)
      throws IOException {
    var command = new ArrayList<>(prefix);
    command.add(tool("java").toString());
    command.add("--enable-native-access=ALL-UNNAMED");
    command.add("-XX:+UseSerialGC");
    command.addAll(options);
    command.add("-cp");
    command.add(String.join(File.pathSeparator, classPath.stream().map(Path::toString).toList()));
    command.add(main.getName());
    command.addAll(List.of(arguments));
    return new ChildJvm(new ProcessBuilder(command).redirectErrorStream(true).start());
  }

  /** A program of this JDK. */
  static Path tool(String name) {
    return Path.of(System.getProperty("java.home"), "bin", name);
  }

  /** The directories and jars with the classes of the library and of a test. */
  static Stream<Path> classPath(Class<?> test) {
    return Stream.of(BpfMap.class, BpfCode.class, test).map(ChildJvm::root).distinct();
  }

  private static Path root(Class<?> type) {
    String file = type.getName().replace('.', '/') + ".class";
    String url = type.getResource("/" + file).toString();
    String path = url.substring(0, url.length() - file.length()).replaceFirst("^jar:(.*)!/$", "$1");
    return Path.of(URI.create(path));
  }

  long pid() {
    return process.pid();
  }

  /** The next line it prints; null at the end. */
  String readLine() throws IOException {
    return process.inputReader(StandardCharsets.UTF_8).readLine();
  }

  /** Lets it go on. */
  void writeLine() throws IOException {
    var writer = process.outputWriter(StandardCharsets.UTF_8);
    writer.newLine();
    writer.flush();
  }

  /** Waits for its end: all that it has printed. */
  List<String> finish() throws IOException, InterruptedException {
    var lines = process.inputReader(StandardCharsets.UTF_8).readAllLines();
    int status = process.waitFor();
    if (status != 0) {
      throw new AssertionError("ended with " + status + ": " + String.join("\n", lines));
    }
    return lines;
  }

  /** Ends it if it runs. */
  @Override
  public void close() {
    process.destroyForcibly();
    boolean interrupted = false;
    while (process.isAlive()) {
      try {
        process.waitFor();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
