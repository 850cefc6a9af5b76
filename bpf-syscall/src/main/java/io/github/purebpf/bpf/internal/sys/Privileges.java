package io.github.purebpf.bpf.internal.sys;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What decides over EPERM, as {@code /proc} shows it for a thread.
 *
 * @param capabilities the effective set, one bit for each
 * @param initialUserNamespace whether these count for bpf(2), which looks at no other namespace
 * @param seccomp whether a filter of system calls is installed, as container runtimes do
 * @param unprivilegedBpfDisabled {@code kernel.unprivileged_bpf_disabled}: 0, 1 or 2
 */
public record Privileges(
    long capabilities, boolean initialUserNamespace, boolean seccomp, int unprivilegedBpfDisabled) {

  static Privileges ofThisThread() {
    try {
      // Capabilities belong to threads, so not /proc/self.
      var status = Files.readAllLines(Path.of("/proc/thread-self/status"));
      var uids = Files.readString(Path.of("/proc/self/uid_map")).strip().split("\\s+");
      var switchFile = Path.of("/proc/sys/kernel/unprivileged_bpf_disabled");
      int disabled =
          Files.isReadable(switchFile) ? Integer.parseInt(Files.readString(switchFile).strip()) : 0;
      return new Privileges(
          Long.parseUnsignedLong(field(status, "CapEff"), 16),
          List.of("0", "0", "4294967295").equals(List.of(uids)),
          !field(status, "Seccomp").equals("0"),
          disabled);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the privileges from /proc", e);
    }
  }

  private static String field(List<String> status, String name) {
    return status.stream()
        .filter(line -> line.startsWith(name + ":"))
        .map(line -> line.substring(name.length() + 1).strip())
        .findFirst()
        .orElse("0");
  }
}
