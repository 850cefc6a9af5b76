package io.github.purebpf.bpf.features;

import io.github.purebpf.bpf.Cgroup2Mount;
import io.github.purebpf.bpf.error.Capability;
import io.github.purebpf.bpf.features.Report.Jit;
import io.github.purebpf.bpf.features.Report.Lockdown;
import io.github.purebpf.bpf.features.Report.Machine;
import io.github.purebpf.bpf.features.Report.Mounts;
import io.github.purebpf.bpf.features.Report.Security;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.bpf.internal.sys.MountInfo;
import io.github.purebpf.insn.KernelVersion;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What files say about a machine. A file that is not there or may not be read says nothing.
 *
 * @param root the directory below which {@code /proc} and {@code /sys} are
 */
record Facts(Path root) {
  private static final KernelVersion MEMCG = new KernelVersion(5, 11);
  private static final long AT_PAGESZ = 6;
  private static final int MOST = 1 << 16;
  private static final Pattern RANGE = Pattern.compile("(\\d{1,9})(?:-(\\d{1,9}))?");
  private static final Pattern CHOSEN = Pattern.compile("\\[(\\w+)]");
  private static final Pattern MEMLOCK =
      Pattern.compile("(?m)^Max locked memory +(\\d+|unlimited) ");

  Machine machine() {
    return new Machine(System.getProperty("os.arch"), pageSize(), possibleCpus());
  }

  private OptionalInt pageSize() {
    try {
      var vector =
          ByteBuffer.wrap(Files.readAllBytes(root.resolve("proc/self/auxv")))
              .order(ByteOrder.nativeOrder());
      while (vector.remaining() >= 2 * Long.BYTES) {
        long key = vector.getLong();
        long value = vector.getLong();
        if (key == AT_PAGESZ) {
          return OptionalInt.of(Math.toIntExact(value));
        }
      }
    } catch (IOException e) {
      // Not known, then.
    }
    return OptionalInt.empty();
  }

  /** The file lists ranges: {@code 0-3} or {@code 0,2-5}. */
  private OptionalInt possibleCpus() {
    var text = read("sys/devices/system/cpu/possible");
    if (text.isEmpty()) {
      return OptionalInt.empty();
    }
    var ranges = RANGE.matcher(text.get());
    int count = 0;
    while (ranges.find()) {
      int first = Integer.parseInt(ranges.group(1));
      int last = ranges.group(2) == null ? first : Integer.parseInt(ranges.group(2));
      count += last - first + 1;
    }
    return OptionalInt.of(count);
  }

  Jit jit() {
    return new Jit(
        number("proc/sys/net/core/bpf_jit_enable"),
        number("proc/sys/net/core/bpf_jit_harden"),
        number("proc/sys/net/core/bpf_jit_kallsyms"),
        read("proc/sys/net/core/bpf_jit_limit")
            .map(text -> OptionalLong.of(Long.parseLong(text)))
            .orElse(OptionalLong.empty()));
  }

  Security security(Kernel kernel) {
    var privileges = kernel.privileges();
    var held = EnumSet.noneOf(Capability.class);
    Stream.of(Capability.values())
        .filter(capability -> capability.isSetIn(privileges.capabilities()))
        .forEach(held::add);
    return new Security(
        held,
        privileges.initialUserNamespace(),
        privileges.seccomp(),
        number("proc/sys/kernel/unprivileged_bpf_disabled"),
        lockdown(),
        read(securityFs("lsm")).map(text -> List.of(text.split(",", -1))),
        memlock(),
        kernel.release().compareTo(MEMCG) < 0);
  }

  /** {@code none [integrity] confidentiality}. */
  private Optional<Lockdown> lockdown() {
    return read(securityFs("lockdown"))
        .map(CHOSEN::matcher)
        .filter(chosen -> chosen.find())
        .map(chosen -> Lockdown.valueOf(chosen.group(1).toUpperCase(Locale.ROOT)));
  }

  /** A file of securityfs, wherever that is mounted. */
  private String securityFs(String name) {
    return mounts("securityfs").stream().findFirst().map(below -> below + "/" + name).orElse("");
  }

  private OptionalLong memlock() {
    var matcher = MEMLOCK.matcher(read("proc/self/limits").orElse("") + "\n");
    return !matcher.find() || matcher.group(1).equals("unlimited")
        ? OptionalLong.empty()
        : OptionalLong.of(Long.parseLong(matcher.group(1)));
  }

  Mounts mounts() {
    return new Mounts(mounts("bpf"), Cgroup2Mount.all(root), mounts("tracefs"));
  }

  private List<Path> mounts(String type) {
    return MountInfo.mounts(type, root).stream().map(MountInfo.Mount::point).toList();
  }

  private OptionalInt number(String path) {
    return read(path)
        .map(text -> OptionalInt.of(Integer.parseInt(text)))
        .orElse(OptionalInt.empty());
  }

  /**
   * The text of a file, asked for at once: a number below {@code /proc/sys} comes with the first
   * read or not at all, and {@link Files#readString} begins with a read of a single byte.
   */
  private Optional<String> read(String path) {
    var file = root.resolve(path.startsWith("/") ? path.substring(1) : path);
    if (Files.isDirectory(file)) {
      return Optional.empty();
    }
    try (var in = Files.newInputStream(file)) {
      return Optional.of(new String(in.readNBytes(MOST), StandardCharsets.UTF_8).strip());
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
