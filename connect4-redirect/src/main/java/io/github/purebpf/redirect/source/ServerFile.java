package io.github.purebpf.redirect.source;

import io.github.purebpf.redirect.WeightedServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Servers in a file. What it says counts when it is read the second time. */
final class ServerFile implements PollingSource.Look {
  static final Duration INTERVAL = Duration.ofMillis(500);

  private final Path file;
  private Optional<Finding> before = Optional.empty();

  ServerFile(Path file) {
    this.file = file;
  }

  @Override
  public Optional<Finding> look() {
    var now = read();
    boolean again = before.equals(Optional.of(now));
    before = Optional.of(now);
    return again ? before : Optional.empty();
  }

  private Finding read() {
    List<String> lines;
    try {
      lines = Files.readAllLines(file);
    } catch (NoSuchFileException e) {
      return new Finding.Failed(file + " is not there");
    } catch (IOException e) {
      return new Finding.Failed(file + " cannot be read: " + e.getMessage());
    }
    var servers = new ArrayList<WeightedServer>();
    for (int i = 0; i < lines.size(); i++) {
      var text = lines.get(i).replaceFirst("#.*", "").strip();
      try {
        if (!text.isEmpty()) {
          servers.add(WeightedServer.parse(text));
        }
      } catch (IllegalArgumentException e) {
        return new Finding.Failed(file + ", line " + (i + 1) + ": " + e.getMessage());
      }
    }
    try {
      return new Finding.Servers(servers, Set.of());
    } catch (IllegalArgumentException e) {
      return new Finding.Failed(file + ": " + e.getMessage());
    }
  }
}
