package io.github.purebpf.bpf.features;

import io.github.purebpf.bpf.Cgroup2Mount;
import io.github.purebpf.bpf.error.Capability;
import io.github.purebpf.bpf.features.Feature.Kind;
import io.github.purebpf.uapi.Helper;
import io.github.purebpf.uapi.ProgramType;
import java.nio.file.Path;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/**
 * What the running kernel has, how it is set up, and what the thread that asked may do; as it was
 * at that moment.
 *
 * @param kernel what the kernel calls itself
 * @param machine what it runs on
 * @param jit the compiler of programs
 * @param security what decides who may do what
 * @param mounts where the file systems are that programs are used with
 * @param features all that was tried, in the kernel's order
 * @param helpers which helpers each type of program may call; empty unless asked for
 */
public record Report(
    KernelRelease kernel,
    Machine machine,
    Jit jit,
    Security security,
    Mounts mounts,
    List<Feature> features,
    List<Helpers> helpers) {

  /** Refuses nulls and copies the lists. */
  public Report {
    Objects.requireNonNull(kernel, "kernel");
    Objects.requireNonNull(machine, "machine");
    Objects.requireNonNull(jit, "jit");
    Objects.requireNonNull(security, "security");
    Objects.requireNonNull(mounts, "mounts");
    features = List.copyOf(features);
    helpers = List.copyOf(helpers);
  }

  /**
   * The machine.
   *
   * @param architecture as {@code os.arch} calls it
   * @param pageSize in bytes; empty if {@code /proc/self/auxv} cannot be read
   * @param possibleCpus how many CPUs the kernel can ever have, for which per-CPU maps hold values
   */
  public record Machine(String architecture, OptionalInt pageSize, OptionalInt possibleCpus) {}

  /**
   * The settings {@code net.core.bpf_jit_*}. Each is empty if it cannot be read: they exist only in
   * the initial network namespace, and root alone may read most of them.
   *
   * @param enable 0 for the interpreter, 1 for the compiler, 2 for one that prints its code
   * @param harden 0 for none, 1 for what processes without privilege load, 2 for everything
   * @param kallsyms whether compiled programs are in {@code /proc/kallsyms}: 0 or 1
   * @param limit the bytes that processes without privilege may fill with compiled code
   */
  public record Jit(
      OptionalInt enable, OptionalInt harden, OptionalInt kallsyms, OptionalLong limit) {}

  /** What lockdown keeps root from, {@code /sys/kernel/security/lockdown}. */
  public enum Lockdown {
    /** Nothing. */
    NONE,
    /** Changing the kernel, which {@code bpf_probe_write_user} counts as. */
    INTEGRITY,
    /** Reading its memory as well, which helpers such as {@code bpf_probe_read_kernel} do. */
    CONFIDENTIALITY
  }

  /**
   * What decides who may do what.
   *
   * @param capabilities the effective ones of the thread that asked, as far as BPF looks at them
   * @param initialUserNamespace whether these count; those of another user namespace do not
   * @param seccomp whether a filter of system calls is installed
   * @param unprivilegedBpfDisabled {@code kernel.unprivileged_bpf_disabled}: 0 for a {@code bpf(2)}
   *     open to all, 1 closed for good, 2 closed until root opens it; empty if there is no such
   *     switch
   * @param lockdown empty if securityfs is not mounted, or the kernel has none
   * @param lsms the active security modules; empty if securityfs is not mounted
   * @param memlock {@code RLIMIT_MEMLOCK} in bytes; empty for no limit
   * @param memlockMatters whether the kernel counts maps and programs against it, as it did before
   *     Linux 5.11
   */
  public record Security(
      Set<Capability> capabilities,
      boolean initialUserNamespace,
      boolean seccomp,
      OptionalInt unprivilegedBpfDisabled,
      Optional<Lockdown> lockdown,
      Optional<List<String>> lsms,
      OptionalLong memlock,
      boolean memlockMatters) {
    /** Copies the collections. */
    public Security {
      var copy = EnumSet.noneOf(Capability.class);
      copy.addAll(capabilities);
      capabilities = Collections.unmodifiableSet(copy);
      lsms = lsms.map(List::copyOf);
    }
  }

  /**
   * Where the file systems are, for this process.
   *
   * @param bpffs BPF file systems, in which objects are pinned
   * @param cgroup2 cgroup2, with how much of the hierarchy each mount shows
   * @param tracefs file systems of {@code trace_pipe} and the tracepoints
   */
  public record Mounts(List<Path> bpffs, List<Cgroup2Mount> cgroup2, List<Path> tracefs) {
    /** Copies the lists. */
    public Mounts {
      bpffs = List.copyOf(bpffs);
      cgroup2 = List.copyOf(cgroup2);
      tracefs = List.copyOf(tracefs);
    }
  }

  /**
   * The helpers of a type of program.
   *
   * @param type the type
   * @param callable those that its programs may call, in the kernel's order
   * @param untold why nothing is known; empty if something is
   */
  public record Helpers(ProgramType type, Set<Helper> callable, Optional<Outcome> untold) {
    /** Copies the set. */
    public Helpers {
      var copy = EnumSet.noneOf(Helper.class);
      copy.addAll(callable);
      callable = Collections.unmodifiableSet(copy);
    }
  }

  /** The features of a kind. */
  public List<Feature> features(Kind kind) {
    return features.stream().filter(feature -> feature.kind() == kind).toList();
  }

  /** The report for people, in lines. */
  @Override
  public String toString() {
    return ReportText.of(this);
  }

  /** The report for programs: JSON in ASCII. The manual's page on features tells its keys. */
  public String toJson() {
    return ReportJson.of(this);
  }
}
