package io.github.purebpf.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;

/** Where it was measured, and with what. */
final class Environment {
  private static final double IDLE = 0.25;

  private final LocalDate day = LocalDate.now(ZoneOffset.UTC);
  private final double load;

  private Environment(double load) {
    this.load = load;
  }

  /** Of now, before anything is measured. */
  static Environment now() throws IOException {
    return new Environment(
        Double.parseDouble(Files.readString(Path.of("/proc/loadavg")).split(" ", 2)[0]));
  }

  LocalDate day() {
    return day;
  }

  /** Whether others used the machine, so that figures are rough. */
  boolean isBusy() {
    return load > IDLE * processors();
  }

  private static int processors() {
    return Runtime.getRuntime().availableProcessors();
  }

  /** One thing on each line. */
  List<String> lines(Mode mode, List<Peer> peers) throws IOException {
    var lines = new ArrayList<String>();
    lines.add("Kernel: " + Files.readString(Path.of("/proc/sys/kernel/osrelease")).strip());
    lines.add(
        "CPU: %s, %d online, %s".formatted(model(), processors(), System.getProperty("os.arch")));
    lines.add("Load before: " + load + (isBusy() ? " (a busy machine: rough figures)" : ""));
    lines.add(
        "Mode: %s, %d rounds in %d processes, each after %d rounds of warm-up"
            .formatted(mode.name(), mode.allRounds(), mode.processes(), mode.warmUps()));
    for (var peer : peers) {
      lines.add(
          peer.title()
              + ": "
              + switch (peer) {
                case Peer.Ready ready -> ready.version();
                case Peer.Missing missing -> missing.remedy();
              });
    }
    return lines;
  }

  private static String model() throws IOException {
    try (var lines = Files.lines(Path.of("/proc/cpuinfo"))) {
      return lines
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse("of an unknown model");
    }
  }
}
