package io.github.purebpf.bpf.internal.failure;

import io.github.purebpf.bpf.error.BpfException;
import io.github.purebpf.bpf.error.Capability;
import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.bpf.error.MissingPrivilegeException;
import io.github.purebpf.bpf.error.UnsupportedKernelException;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.bpf.internal.sys.Privileges;
import io.github.purebpf.insn.KernelVersion;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Why a call failed: made only once it has, from what the caller knows about it and what the
 * machine can be asked.
 */
public final class Failure {
  /** Before, CAP_SYS_ADMIN was asked for in place of CAP_BPF and CAP_PERFMON. */
  private static final KernelVersion CAP_BPF_SINCE = new KernelVersion(5, 8);

  /** Before, kernel.unprivileged_bpf_disabled shut out every command, not only those that make. */
  private static final KernelVersion HOLDERS_MAY_USE = new KernelVersion(5, 19);

  /** Before, maps and programs counted against RLIMIT_MEMLOCK. */
  private static final KernelVersion MEMLOCK_UNTIL = new KernelVersion(5, 11);

  /** What counted. */
  private static final Set<String> LOCKED =
      Set.of(Cmd.MAP_CREATE.kernelName(), Cmd.PROG_LOAD.kernelName());

  /**
   * How an old kernel refuses what it does not know: a number, a command, a field behind the end of
   * its attr, an operation.
   */
  private static final Set<Integer> OLD_KERNEL =
      Set.of(Errno.EINVAL, Errno.ENOSYS, Errno.E2BIG, Errno.ENOTSUPP);

  private final Kernel kernel;
  private final String command;
  private final String object;
  private final Set<Capability> needed = EnumSet.noneOf(Capability.class);
  private final Map<String, KernelVersion> features = new LinkedHashMap<>();
  private final Map<Integer, Supplier<String>> hints = new HashMap<>();

  private Failure(Kernel kernel, String command, String object) {
    this.kernel = kernel;
    this.command = command;
    this.object = object;
  }

  /** A command of bpf(2) about an object, such as {@code map vips}. */
  public static Failure of(Kernel kernel, Cmd command, String object) {
    return new Failure(kernel, command.kernelName(), object)
        .feature(command.kernelName(), command.since());
  }

  /** Another system call. */
  public static Failure of(Kernel kernel, String call, String object) {
    return new Failure(kernel, call, object);
  }

  /** EPERM means a missing privilege if one of these is missing. */
  public Failure needs(Set<Capability> capabilities) {
    needed.addAll(capabilities);
    return this;
  }

  /** EINVAL, ENOSYS, E2BIG and ENOTSUPP mean an old kernel if it is older than this. */
  public Failure feature(String feature, KernelVersion since) {
    features.put(feature, since);
    return this;
  }

  /** What an errno means here, and the remedy. */
  public Failure hint(int errno, String words) {
    return hint(errno, () -> words);
  }

  /** The same, found out only if it is that errno. */
  public Failure hint(int errno, Supplier<String> words) {
    hints.put(errno, words);
    return this;
  }

  /** The exception for a negated errno. */
  public BpfException exception(int result) {
    int errno = -result;
    if (errno == Errno.EPERM) {
      var privileges = kernel.privileges();
      var wanted = wanted(privileges);
      if (!wanted.isEmpty() && !held(wanted, privileges)) {
        return new MissingPrivilegeException(missing(wanted, privileges), command, errno, wanted);
      }
      return error(errno, privileges);
    }
    if (OLD_KERNEL.contains(errno)) {
      var release = kernel.release();
      for (var feature : features.entrySet()) {
        if (release.compareTo(feature.getValue()) < 0) {
          return new UnsupportedKernelException(
              "%s of %s needs Linux %s for %s; this is Linux %s"
                  .formatted(command, object, feature.getValue(), feature.getKey(), release),
              command,
              errno,
              feature.getKey(),
              feature.getValue());
        }
      }
    }
    return error(errno, null);
  }

  /** What this kernel asks for. */
  private Set<Capability> wanted(Privileges privileges) {
    var release = kernel.release();
    var wanted = EnumSet.noneOf(Capability.class);
    wanted.addAll(needed);
    if (command.startsWith("BPF_")
        && privileges.unprivilegedBpfDisabled() != 0
        && release.compareTo(HOLDERS_MAY_USE) < 0) {
      wanted.add(Capability.CAP_BPF);
    }
    if (release.compareTo(CAP_BPF_SINCE) < 0
        && wanted.removeAll(Set.of(Capability.CAP_BPF, Capability.CAP_PERFMON))) {
      wanted.add(Capability.CAP_SYS_ADMIN);
    }
    return wanted;
  }

  private static boolean held(Set<Capability> wanted, Privileges privileges) {
    return privileges.initialUserNamespace()
        && wanted.stream().allMatch(c -> c.in(privileges.capabilities()));
  }

  private String missing(Set<Capability> wanted, Privileges privileges) {
    var message = new StringBuilder("%s of %s needs %s".formatted(command, object, names(wanted)));
    var lacking = EnumSet.copyOf(wanted);
    lacking.removeIf(c -> c.in(privileges.capabilities()));
    if (!lacking.isEmpty()) {
      message.append("; this thread lacks ").append(names(lacking));
    } else {
      message.append("; those of a user namespace do not count");
    }
    if (lacking.contains(Capability.CAP_BPF) && privileges.unprivilegedBpfDisabled() != 0) {
      message.append(
          " (kernel.unprivileged_bpf_disabled is " + privileges.unprivilegedBpfDisabled() + ")");
    }
    return message.toString();
  }

  private static String names(Set<Capability> capabilities) {
    return capabilities.stream().map(Enum::name).collect(Collectors.joining(" and "));
  }

  /** Whether the limit may be what refuses it. */
  private boolean isMemlockFull() {
    return LOCKED.contains(command)
        && kernel.release().compareTo(MEMLOCK_UNTIL) < 0
        && kernel.memlock() != Kernel.NO_LIMIT;
  }

  private KernelErrorException error(int errno, Privileges privileges) {
    var words = new ArrayList<String>();
    if (hints.containsKey(errno)) {
      words.add(hints.get(errno).get());
    } else if (errno == Errno.ENOSYS) {
      words.add("this kernel is built without it");
    } else if (errno == Errno.EMFILE) {
      words.add("too many open files, see ulimit -n");
    }
    if (privileges != null && isMemlockFull()) {
      // The most frequent reason there; what the caller knows of others stays.
      words.addFirst(
          ("the capabilities are there; before Linux 5.11 maps and programs count against"
                  + " RLIMIT_MEMLOCK, here %d bytes: Memlock.raise() lifts it, as do ulimit -l"
                  + " unlimited and LimitMEMLOCK=infinity")
              .formatted(kernel.memlock()));
    }
    if (privileges != null && words.isEmpty()) {
      words.add(
          privileges.seccomp()
              ? "the capabilities are there, but a seccomp filter is installed"
              : "the capabilities are there; a security module or lockdown refuses it");
    }
    var reason = words.isEmpty() ? "" : ": " + String.join("; ", words);
    return new KernelErrorException(
        "%s of %s failed with %s (%d)%s"
            .formatted(command, object, Errno.name(errno), errno, reason),
        command,
        errno);
  }
}
