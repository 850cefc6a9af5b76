package io.github.purebpf.bpf;

import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.bpf.error.MissingPrivilegeException;
import io.github.purebpf.bpf.error.UnsupportedKernelException;
import io.github.purebpf.bpf.error.VerifierException;
import io.github.purebpf.bpf.internal.sys.BpfProgInfo;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.uapi.AttachType;
import io.github.purebpf.uapi.ProgramType;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** A program that the kernel has verified. It does nothing until it is attached. */
public final class BpfProgram extends KernelObject {
  private final Optional<AttachType> attachType;

  private BpfProgram(Kernel kernel, int fd, String title, Optional<AttachType> attachType) {
    super(kernel, fd, title);
    this.attachType = attachType;
  }

  /**
   * Loads a program ({@code BPF_PROG_LOAD}, Linux 3.18; named since 4.15).
   *
   * @param maps the maps that its code refers to by name, and maybe others; the program keeps those
   *     it uses alive, so that they can be closed
   * @throws IllegalArgumentException if a map that the code refers to is not there, or if two have
   *     one name
   * @throws VerifierException if the verifier rejects it
   * @throws MissingPrivilegeException without CAP_BPF and, for programs of the network,
   *     CAP_NET_ADMIN
   * @throws UnsupportedKernelException if the kernel is older than the type of program
   * @throws KernelErrorException if it calls a kernel function by a name that the kernel does not
   *     have (ENOENT)
   */
  public static BpfProgram load(ProgramSpec spec, KernelMap... maps) {
    return load(Kernel.running(), spec, maps);
  }

  static BpfProgram load(Kernel kernel, ProgramSpec spec, KernelMap... maps) {
    var byName = byName(spec, maps);
    var fds = new HashMap<MapRef, Integer>();
    try {
      for (var name : spec.code().maps()) {
        fds.put(name, byName.get(name).fd().acquire());
      }
      var bound = Kfuncs.bind(spec.code().bind(fds::get), spec.name());
      var insns = bound.encode(ByteOrder.nativeOrder());
      int fd = new ProgramLoader(kernel, spec, insns).load();
      return new BpfProgram(kernel, fd, "program " + spec.name(), spec.attachType());
    } finally {
      fds.keySet().forEach(name -> byName.get(name).fd().release());
    }
  }

  private static Map<MapRef, KernelMap> byName(ProgramSpec spec, KernelMap... maps) {
    var byName = new HashMap<MapRef, KernelMap>();
    for (var map : maps) {
      if (byName.put(map.name(), map) != null) {
        throw new IllegalArgumentException(
            "program " + spec.name() + ": two maps named " + map.name());
      }
    }
    for (var name : spec.code().maps()) {
      if (!byName.containsKey(name)) {
        throw new IllegalArgumentException(
            "program %s refers to a map %s, which is not among those given: %s"
                .formatted(spec.name(), name, byName.keySet()));
      }
    }
    return byName;
  }

  /**
   * Opens a pinned program ({@code BPF_OBJ_GET}, Linux 4.4).
   *
   * @param type what it must be
   * @param attachType the hook that it was loaded for, which the kernel does not tell
   * @throws IllegalArgumentException if it is a program of another type, or none
   * @throws KernelErrorException if nothing is pinned there (ENOENT) or it may not be opened
   *     (EACCES, EPERM)
   */
  public static BpfProgram openPinned(
      Path path, ProgramType type, Optional<AttachType> attachType) {
    return openPinned(Kernel.running(), path, type, attachType);
  }

  static BpfProgram openPinned(
      Kernel kernel, Path path, ProgramType type, Optional<AttachType> attachType) {
    Objects.requireNonNull(attachType, "attachType");
    int fd = openPinned(kernel, path, "bpf-prog");
    var program = new BpfProgram(kernel, fd, "program pinned at " + path, attachType);
    try (var arena = Arena.ofConfined()) {
      int found =
          program
              .info(arena, BpfProgInfo.TYPE + Integer.BYTES)
              .get(ValueLayout.JAVA_INT, BpfProgInfo.TYPE);
      if (found != type.value()) {
        throw new IllegalArgumentException(
            "the program pinned at %s is a %s, not a %s"
                .formatted(
                    path,
                    ProgramType.byValue(found)
                        .map(ProgramType::kernelName)
                        .orElse("program of type " + found),
                    type.kernelName()));
      }
      return program;
    } catch (RuntimeException e) {
      program.close();
      throw e;
    }
  }

  /**
   * Attaches the program to a cgroup and those below it, together with programs that are or will be
   * attached there ({@code BPF_LINK_CREATE}, Linux 5.7).
   *
   * @param cgroup a directory in a cgroup2 file system
   * @return the attachment, which ends when it is closed
   * @throws NotCgroup2Exception if it is no such directory
   * @throws IllegalStateException if the program has no attach type
   * @throws MissingPrivilegeException without CAP_NET_ADMIN, for programs that see packets and
   *     before Linux 5.8; whoever holds any other program may attach it
   * @throws UnsupportedKernelException before Linux 5.7
   * @throws KernelErrorException if a program is attached there or above that wants to be alone
   *     (EPERM)
   */
  public BpfLink attachToCgroup(Path cgroup) {
    var type =
        attachType.orElseThrow(
            () -> new IllegalStateException(title() + " was loaded without an attach type"));
    return BpfLink.toCgroup(kernel(), this, type, cgroup);
  }

  /** The hook that the program was loaded for. */
  public Optional<AttachType> attachType() {
    return attachType;
  }
}
