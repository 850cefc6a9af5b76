package io.github.purebpf.testkit;

import java.util.ArrayList;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The effective capabilities of a process.
 *
 * @param effective one bit for each, as the kernel numbers them
 */
record Capabilities(long effective) {
  private static final Pattern LINE = Pattern.compile("(?m)^CapEff:\\s*([0-9a-fA-F]{16})$");
  private static final int CAP_NET_ADMIN = 12;
  private static final int CAP_SYS_ADMIN = 21;
  private static final int CAP_BPF = 39;

  /** Reads the text of {@code /proc/<pid>/status}. */
  static Capabilities parse(String status) {
    var matcher = LINE.matcher(status);
    if (!matcher.find()) {
      throw new IllegalArgumentException("/proc/self/status has no line CapEff");
    }
    return new Capabilities(Long.parseUnsignedLong(matcher.group(1), 16));
  }

  /** Says what is missing to load and attach programs, or nothing. */
  Optional<String> missingForBpf() {
    if (has(CAP_SYS_ADMIN)) {
      return Optional.empty();
    }
    var missing = new ArrayList<String>();
    if (!has(CAP_BPF)) {
      missing.add("CAP_BPF");
    }
    if (!has(CAP_NET_ADMIN)) {
      missing.add("CAP_NET_ADMIN");
    }
    return missing.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "kernel tests need "
                + String.join(" and ", missing)
                + " (or CAP_SYS_ADMIN), which this process does not have: run them as root");
  }

  private boolean has(int capability) {
    return (effective >>> capability & 1) == 1;
  }
}
