package io.github.purebpf.redirect.cli.demo;

import io.github.purebpf.redirect.Server;
import io.github.purebpf.redirect.VirtualAddress;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/** A running process that connects when it is told to, as {@link ConnectClient} does. */
public final class Client {
  private final String name;
  private final Process process;
  private final BufferedReader answers;
  private final Executor threads;

  /** Talks to a process, with a thread for each answer that is waited for. */
  public Client(String name, Process process, Executor threads) {
    this.name = name;
    this.process = process;
    this.answers = process.inputReader(StandardCharsets.US_ASCII);
    this.threads = threads;
  }

  /** For the reader. */
  public String name() {
    return name;
  }

  /** The first line that it prints, once it has started. */
  public CompletableFuture<String> started() {
    return CompletableFuture.supplyAsync(this::answer, threads);
  }

  /** Connects to an address: {@code served A}, {@code refused}, or {@code failed} and why. */
  CompletableFuture<String> connect(VirtualAddress to) {
    return ask(to.address() + " " + to.port());
  }

  /** Connects to a server, by its own address. */
  CompletableFuture<String> connect(Server to) {
    return ask(to.address() + " " + to.port());
  }

  /** Sends a line and receives the next that the process prints. */
  public CompletableFuture<String> ask(String line) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            var requests = process.outputWriter(StandardCharsets.US_ASCII);
            requests.write(line + "\n");
            requests.flush();
            return answer();
          } catch (IOException e) {
            throw new UncheckedIOException(name, e);
          }
        },
        threads);
  }

  private String answer() {
    try {
      var line = answers.readLine();
      return line != null ? line : "failed: the process has ended";
    } catch (IOException e) {
      throw new UncheckedIOException(name, e);
    }
  }
}
