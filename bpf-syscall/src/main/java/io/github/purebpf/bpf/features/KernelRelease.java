package io.github.purebpf.bpf.features;

import io.github.purebpf.insn.KernelVersion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What the running kernel calls itself.
 *
 * @param release as {@code uname -r} prints it: the distribution's own number, whose third part may
 *     mean nothing
 * @param version the first two numbers
 * @param upstream the release that a distribution's kernel is made from, where it tells: Ubuntu
 *     does, in {@code /proc/version_signature}, and Debian in {@code uname -v}
 */
public record KernelRelease(String release, KernelVersion version, Optional<String> upstream) {
  private static final Pattern DEBIAN = Pattern.compile("\\bDebian (\\d+\\.\\d+\\.\\d+)");
  private static final Pattern PATCH = Pattern.compile("^\\d+\\.\\d+\\.(\\d{1,9})");
  private static final int LARGEST_PATCH = 255;

  /** Reads the files below a directory, which is the root one but in tests. */
  static KernelRelease read(Path root) {
    try {
      var release = Files.readString(root.resolve("proc/sys/kernel/osrelease")).strip();
      var signature = root.resolve("proc/version_signature");
      var version = root.resolve("proc/sys/kernel/version");
      return of(
          release,
          Files.isReadable(signature) ? Files.readString(signature) : "",
          Files.isReadable(version) ? Files.readString(version) : "");
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the kernel's release; is /proc mounted?", e);
    }
  }

  /**
   * Of the texts of the three files.
   *
   * @param signature such as {@code Ubuntu 5.4.0-12.15-generic 5.4.8}; empty if there is none
   * @param build such as {@code #1 SMP Debian 4.19.67-2 (2019-08-28)}
   */
  static KernelRelease of(String release, String signature, String build) {
    Optional<String> upstream = Optional.empty();
    var words = signature.strip().split(" ", -1);
    var debian = DEBIAN.matcher(build);
    if (words.length == 3) {
      upstream = Optional.of(words[2]);
    } else if (debian.find()) {
      upstream = Optional.of(debian.group(1));
    }
    return new KernelRelease(release, KernelVersion.parse(release), upstream);
  }

  /** {@code LINUX_VERSION_CODE}, in which the third number ends at 255. */
  int versionCode() {
    var matcher = PATCH.matcher(upstream.orElse(release));
    int patch = matcher.find() ? Integer.parseInt(matcher.group(1)) : 0;
    return version.major() << 16 | version.minor() << 8 | Math.min(patch, LARGEST_PATCH);
  }

  @Override
  public String toString() {
    return release + upstream.map(u -> " (" + u + ")").orElse("");
  }
}
