package io.github.purebpf.redirect;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * A controller in a JVM of its own: {@code DIRECTORY TAKEOVER}. It prints {@code open}, or what the
 * refusal said, and for each line {@code attach PATH}, {@code put VIP SERVER} or {@code close} the
 * same. On {@code churn VIP SERVER} it changes all that there is until it is killed, and prints a
 * line each time.
 */
final class PersistentController {
  private PersistentController() {}

  public static void main(String[] args) throws IOException {
    try (var redirect =
        PersistentRedirect.open(
            Path.of(args[0]), RedirectOptions.DEFAULT, Takeover.valueOf(args[1]))) {
      System.out.println("open");
      var requests = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      for (var line = requests.readLine(); line != null; line = requests.readLine()) {
        if (line.equals("close")) {
          break;
        }
        System.out.println(answer(redirect, line.split(" ", -1)));
      }
    } catch (IllegalStateException e) {
      System.out.println(text(e));
    }
  }

  private static String answer(PersistentRedirect redirect, String[] words) {
    try {
      switch (words[0]) {
        case "attach" -> redirect.attach(Path.of(words[1]));
        case "put" -> redirect.table().put(service(words));
        case "churn" -> churn(redirect, service(words));
        default -> throw new IllegalArgumentException(words[0]);
      }
      return "done";
    } catch (IllegalStateException e) {
      return text(e);
    }
  }

  private static Service service(String[] words) {
    return Service.of(VirtualAddress.parse(words[1]), Server.parse(words[2]));
  }

  private static void churn(PersistentRedirect redirect, Service service) {
    var options = RedirectOptions.DEFAULT;
    while (true) {
      options = options.withPeerName(!options.peerName());
      redirect.upgrade(options);
      redirect.table().put(service);
      redirect.repair();
      System.out.println("turned");
    }
  }

  private static String text(Exception e) {
    return e.getClass().getSimpleName() + ": " + e.getMessage();
  }

  /** It, as a process. */
  static final class Child implements AutoCloseable {
    private final Process process;
    private final BufferedReader output;

    Child(Path directory, Takeover takeover) throws IOException {
      process =
          new ProcessBuilder(
                  ChildJvm.command(
                      PersistentController.class, directory.toString(), takeover.name()))
              .redirectError(ProcessBuilder.Redirect.INHERIT)
              .start();
      output = process.inputReader(StandardCharsets.UTF_8);
    }

    long pid() {
      return process.pid();
    }

    String line() throws IOException {
      return output.readLine();
    }

    void send(String request) throws IOException {
      var requests = process.outputWriter(StandardCharsets.UTF_8);
      requests.write(request + "\n");
      requests.flush();
    }

    String ask(String request) throws IOException {
      send(request);
      return line();
    }

    void signal(String name) throws IOException, InterruptedException {
      Tool.require("kill").run("-" + name, Long.toString(pid()));
    }

    void kill() throws InterruptedException {
      process.destroyForcibly().waitFor();
    }

    /** Kills it if it still runs. */
    @Override
    public void close() {
      process.destroyForcibly();
    }
  }
}
