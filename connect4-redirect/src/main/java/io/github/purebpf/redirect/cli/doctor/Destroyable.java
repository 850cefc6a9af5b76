package io.github.purebpf.redirect.cli.doctor;

import io.github.purebpf.bpf.features.Outcome;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/** Whether connections of others can be ended, as the configuration of the kernel says. */
final class Destroyable {
  private static final String YES = "CONFIG_INET_DIAG_DESTROY=y";

  private Destroyable() {}

  /**
   * Reads it.
   *
   * @param root the directory below which {@code /proc} and {@code /boot} are
   */
  static Outcome of(Path root) throws IOException {
    var running = root.resolve("proc/config.gz");
    if (Files.isReadable(running)) {
      try (var in = new GZIPInputStream(Files.newInputStream(running));
          var lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII))) {
        return of(lines.lines().anyMatch(YES::equals));
      }
    }
    var release = Files.readString(root.resolve("proc/sys/kernel/osrelease")).strip();
    var boot = root.resolve("boot").resolve("config-" + release);
    if (Files.isReadable(boot)) {
      try (var lines = Files.lines(boot)) {
        return of(lines.anyMatch(YES::equals));
      }
    }
    return new Outcome.Unknown("neither /proc/config.gz nor /boot/config-" + release + " is there");
  }

  private static Outcome of(boolean destroyable) {
    return destroyable
        ? new Outcome.Available()
        : new Outcome.Missing("the kernel is built without CONFIG_INET_DIAG_DESTROY");
  }
}
