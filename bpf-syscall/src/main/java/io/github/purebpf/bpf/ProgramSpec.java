package io.github.purebpf.bpf;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.uapi.AttachType;
import io.github.purebpf.uapi.ProgramType;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What a program is to be; {@link BpfProgram#load} loads it.
 *
 * @param name 1 to 15 of the characters {@code A-Z a-z 0-9 _ .}, shown by bpftool
 * @param type what kind of event it handles
 * @param attachType the hook it is made for; some types need one, and the kernel then checks the
 *     program against it
 * @param code the instructions
 * @param license what the kernel looks at before it lets a program call the helpers reserved for
 *     the GPL, such as {@code "GPL"} or {@code "Dual MIT/GPL"}; an empty one claims nothing
 * @param flags {@code BPF_F_…}, see {@link io.github.purebpf.uapi.ProgramFlags}
 * @param sourceInfo whether the kernel is told the names of the functions and the source line of
 *     each instruction, where it takes them (Linux 5.0) and this process may give them (CAP_BPF);
 *     callbacks need it
 * @param target what in the kernel it is made for; only tracing, LSM, iterators, extensions and
 *     struct_ops have one
 */
public record ProgramSpec(
    String name,
    ProgramType type,
    Optional<AttachType> attachType,
    BpfCode code,
    String license,
    int flags,
    boolean sourceInfo,
    Optional<ProgramTarget> target) {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.]{1,15}");

  /** Refuses nulls, a name that the kernel would refuse, and a program without instructions. */
  public ProgramSpec {
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(attachType, "attachType");
    Objects.requireNonNull(license, "license");
    Objects.requireNonNull(target, "target");
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "program name \"" + name + "\": the kernel takes 1 to 15 of A-Z a-z 0-9 _ and .");
    }
    if (code.slots() == 0) {
      throw new IllegalArgumentException("program " + name + " has no instruction");
    }
  }

  /** With source info and without a target. */
  public ProgramSpec(
      String name,
      ProgramType type,
      Optional<AttachType> attachType,
      BpfCode code,
      String license,
      int flags) {
    this(name, type, attachType, code, license, flags, true, Optional.empty());
  }

  /**
   * A program that sees every {@code connect(2)} of an IPv4 socket in a cgroup and may change the
   * address ({@code BPF_CGROUP_INET4_CONNECT}, Linux 4.17). It claims no license.
   */
  public static ProgramSpec connect4(String name, BpfCode code) {
    return connect(name, AttachType.CGROUP_INET4_CONNECT, code);
  }

  /**
   * A program that sees every {@code connect(2)} of an IPv6 socket in a cgroup, also those to
   * IPv4-mapped addresses, and may change the address ({@code BPF_CGROUP_INET6_CONNECT}, Linux
   * 4.17). It claims no license.
   */
  public static ProgramSpec connect6(String name, BpfCode code) {
    return connect(name, AttachType.CGROUP_INET6_CONNECT, code);
  }

  private static ProgramSpec connect(String name, AttachType attachType, BpfCode code) {
    return new ProgramSpec(
        name, ProgramType.CGROUP_SOCK_ADDR, Optional.of(attachType), code, "", 0);
  }

  /** The same under another license. */
  public ProgramSpec withLicense(String newLicense) {
    return new ProgramSpec(name, type, attachType, code, newLicense, flags, sourceInfo, target);
  }

  /** The same with other flags. */
  public ProgramSpec withFlags(int newFlags) {
    return new ProgramSpec(name, type, attachType, code, license, newFlags, sourceInfo, target);
  }

  /** The same for something in the kernel. */
  public ProgramSpec withTarget(ProgramTarget newTarget) {
    return new ProgramSpec(
        name, type, attachType, code, license, flags, sourceInfo, Optional.of(newTarget));
  }

  /** The same, of which the kernel learns no function names and no source lines. */
  public ProgramSpec withoutSourceInfo() {
    return new ProgramSpec(name, type, attachType, code, license, flags, false, target);
  }
}
