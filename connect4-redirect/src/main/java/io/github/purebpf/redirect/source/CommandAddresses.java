package io.github.purebpf.redirect.source;

import io.github.purebpf.redirect.Ipv4;
import io.github.purebpf.redirect.Server;
import io.github.purebpf.redirect.WeightedServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** The addresses that a command prints. */
record CommandAddresses(List<String> command, int port) implements PollingSource.Look {
  static final String PREFIX = "exec=";

  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int MOST_OUTPUT = 1 << 16;
  private static final int MOST_WORDS = 200;

  static CommandAddresses parse(String text, int port) {
    var command = List.of(text.substring(PREFIX.length()).strip().split("\\s+", -1));
    if (command.getFirst().isEmpty()) {
      throw new IllegalArgumentException(PREFIX + " names no command; write " + PREFIX + "COMMAND");
    }
    return new CommandAddresses(command, port);
  }

  @Override
  public Optional<Finding> look() throws InterruptedException {
    try {
      return Optional.of(run());
    } catch (IOException e) {
      return failed("cannot be run: " + e.getMessage());
    } catch (IllegalArgumentException e) {
      return failed("printed something else than addresses: " + e.getMessage());
    }
  }

  private Finding run() throws IOException, InterruptedException {
    // Files and not pipes, which a child that lives on would keep open.
    var out = Files.createTempFile("addresses", ".out");
    var err = Files.createTempFile("addresses", ".err");
    try {
      var process =
          new ProcessBuilder(command)
              .redirectInput(Path.of("/dev/null").toFile())
              .redirectOutput(out.toFile())
              .redirectError(err.toFile())
              .start();
      try {
        if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
          return failed("does not end in " + PATIENCE.toSeconds() + " s").orElseThrow();
        }
      } finally {
        process.destroyForcibly();
      }
      if (process.exitValue() != 0) {
        return failed("ended with " + process.exitValue() + ": " + words(read(err))).orElseThrow();
      }
      return servers(read(out));
    } finally {
      Files.delete(out);
      Files.delete(err);
    }
  }

  private Finding servers(String text) {
    var servers = new LinkedHashSet<WeightedServer>();
    for (var word : text.strip().split("\\s+", -1)) {
      if (!word.isEmpty() && !word.contains(":")) { // an IPv6 address, maybe with a zone
        servers.add(new WeightedServer(new Server(Ipv4.parse(word), port)));
      }
    }
    return servers.isEmpty()
        ? failed("printed no IPv4 address").orElseThrow()
        : new Finding.Servers(List.copyOf(servers), Set.of());
  }

  private static String read(Path file) throws IOException {
    try (var in = Files.newInputStream(file)) {
      return new String(in.readNBytes(MOST_OUTPUT), StandardCharsets.UTF_8);
    }
  }

  private static String words(String text) {
    var line = text.strip().replaceAll("[\\p{Cntrl}\\s]+", " ");
    return line.length() > MOST_WORDS ? line.substring(0, MOST_WORDS) + "…" : line;
  }

  private Optional<Finding> failed(String what) {
    return Optional.of(new Finding.Failed("the command " + command.getFirst() + " " + what));
  }
}
