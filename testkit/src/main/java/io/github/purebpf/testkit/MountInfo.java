package io.github.purebpf.testkit;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What {@code /proc/self/mountinfo} says. */
final class MountInfo {
  private static final Pattern OCTAL = Pattern.compile("\\\\([0-3][0-7]{2})");
  private static final int MOUNT_POINT = 4;

  private MountInfo() {}

  /**
   * Where the cgroup2 hierarchy is mounted; on a hybrid host that is not {@code /sys/fs/cgroup}.
   */
  static Optional<Path> cgroup2(List<String> lines) {
    for (String line : lines) {
      int separator = line.indexOf(" - ");
      if (separator >= 0 && line.startsWith("cgroup2 ", separator + 3)) {
        String escaped = line.split(" ", -1)[MOUNT_POINT];
        return Optional.of(Path.of(unescape(escaped)));
      }
    }
    return Optional.empty();
  }

  /** The kernel writes a space, a tab, a newline and a backslash as an octal number. */
  private static String unescape(String text) {
    return OCTAL
        .matcher(text)
        .replaceAll(
            match ->
                Matcher.quoteReplacement(Character.toString(Integer.parseInt(match.group(1), 8))));
  }
}
