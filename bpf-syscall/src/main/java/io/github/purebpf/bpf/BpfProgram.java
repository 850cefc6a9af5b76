package io.github.purebpf.bpf;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.bpf.error.MissingPrivilegeException;
import io.github.purebpf.bpf.error.UnsupportedKernelException;
import io.github.purebpf.bpf.error.VerifierException;
import io.github.purebpf.bpf.internal.event.Events;
import io.github.purebpf.bpf.internal.query.IdSpace;
import io.github.purebpf.bpf.internal.sys.BpfProgInfo;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.uapi.AttachType;
import io.github.purebpf.uapi.ProgramType;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** A program that the kernel has verified. It does nothing until it is attached. */
public final class BpfProgram extends KernelObject {
  private final ProgramType type;
  private final Optional<AttachType> attachType;
  private final String log;

  private BpfProgram(
      Kernel kernel,
      int fd,
      String title,
      ProgramType type,
      Optional<AttachType> attachType,
      String log) {
    super(kernel, fd, title);
    this.type = type;
    this.attachType = attachType;
    this.log = log;
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

  /**
   * Loads a program as options say.
   *
   * @param maps as above
   * @throws IllegalArgumentException as above
   * @throws VerifierException if the verifier rejects it
   * @throws MissingPrivilegeException as above
   * @throws UnsupportedKernelException as above
   * @throws KernelErrorException as above, and if there is no such interface (ENODEV, EINVAL)
   */
  public static BpfProgram load(ProgramSpec spec, LoadOptions options, KernelMap... maps) {
    return load(Kernel.running(), spec, options, maps);
  }

  static BpfProgram load(Kernel kernel, ProgramSpec spec, KernelMap... maps) {
    return load(kernel, spec, LoadOptions.DEFAULT, maps);
  }

  static BpfProgram load(Kernel kernel, ProgramSpec spec, LoadOptions options, KernelMap... maps) {
    return Events.load(
        new Events.Program(spec.name(), spec.type().kernelName(), spec.code().slots()),
        () -> loadNow(kernel, spec, options, maps),
        program -> program.log().length());
  }

  private static BpfProgram loadNow(
      Kernel kernel, ProgramSpec spec, LoadOptions options, KernelMap... maps) {
    var byName = byName(spec, maps);
    var fds = new HashMap<MapRef, Integer>();
    try {
      for (var name : spec.code().maps()) {
        fds.put(name, byName.get(name).fd().acquire());
      }
      var loaded = load(kernel, spec, options, spec.code().bind(fds::get));
      return new BpfProgram(
          kernel,
          loaded.fd(),
          "program " + spec.name(),
          spec.type(),
          spec.attachType(),
          loaded.log());
    } finally {
      fds.keySet().forEach(name -> byName.get(name).fd().release());
    }
  }

  private static ProgramLoader.Loaded load(
      Kernel kernel, ProgramSpec spec, LoadOptions options, BpfCode code) {
    try (var kfuncs = Kfuncs.bind(kernel, code, spec.name());
        var target = BoundTarget.of(kernel, spec)) {
      return new ProgramLoader(kernel, spec, options, kfuncs, target).load();
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
    return opened(
        kernel,
        openPinned(kernel, path, "bpf-prog"),
        "program pinned at " + path,
        type,
        attachType);
  }

  /**
   * Opens a program by its id, whoever loaded it ({@code BPF_PROG_GET_FD_BY_ID}, Linux 4.13).
   *
   * @param type what it must be
   * @param attachType the hook that it was loaded for, which the kernel does not tell
   * @throws IllegalArgumentException if it is a program of another type
   * @throws KernelErrorException if there is none (ENOENT)
   * @throws MissingPrivilegeException without CAP_SYS_ADMIN
   */
  public static BpfProgram openById(int id, ProgramType type, Optional<AttachType> attachType) {
    return openById(Kernel.running(), id, type, attachType);
  }

  static BpfProgram openById(
      Kernel kernel, int id, ProgramType type, Optional<AttachType> attachType) {
    Objects.requireNonNull(attachType, "attachType");
    return opened(
        kernel, IdSpace.PROGRAM.open(kernel, id), IdSpace.PROGRAM.title(id), type, attachType);
  }

  private static BpfProgram opened(
      Kernel kernel, int fd, String title, ProgramType type, Optional<AttachType> attachType) {
    var program = new BpfProgram(kernel, fd, title, type, attachType, "");
    try (var arena = Arena.ofConfined()) {
      int found =
          program
              .info(arena, BpfProgInfo.TYPE + Integer.BYTES)
              .get(ValueLayout.JAVA_INT, BpfProgInfo.TYPE);
      if (found != type.value()) {
        throw new IllegalArgumentException(
            "the %s is a %s, not a %s"
                .formatted(
                    title,
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
    return attach(new AttachPoint.Cgroup(cgroup));
  }

  /**
   * Attaches the program by a link ({@code BPF_LINK_CREATE}, Linux 5.7; {@code
   * BPF_RAW_TRACEPOINT_OPEN}, Linux 4.17).
   *
   * @return the attachment, which ends when it is closed
   * @throws IllegalArgumentException if it is a program for other places
   * @throws MissingPrivilegeException without the capability that the place asks for
   * @throws UnsupportedKernelException before the release that {@link AttachPoint} names for the
   *     place
   * @throws KernelErrorException if the place is not there (ENOENT, ENODEV), taken (EBUSY, EEXIST,
   *     EPERM), or of a kind that this kernel is built without (EINVAL, EOPNOTSUPP)
   */
  public BpfLink attach(AttachPoint point) {
    return Events.attach(title(), kind(point), point, () -> attachNow(point));
  }

  private BpfLink attachNow(AttachPoint point) {
    return switch (point) {
      case AttachPoint.Cgroup cgroup -> CgroupLinks.create(this, cgroup);
      case AttachPoint.Target target -> TracingLinks.create(this, target);
      case AttachPoint.RawTracepoint tracepoint -> TracingLinks.create(this, tracepoint);
      case AttachPoint.Xdp xdp -> DeviceLinks.create(this, xdp);
      case AttachPoint.Tcx tcx -> DeviceLinks.create(this, tcx);
      case AttachPoint.Netkit netkit -> DeviceLinks.create(this, netkit);
      case AttachPoint.Netns netns -> NamespaceLinks.create(this, netns);
      case AttachPoint.Netfilter netfilter -> NamespaceLinks.create(this, netfilter);
      case AttachPoint.SocketMap sockets -> SocketMapLinks.create(this, sockets);
      case Iteration iteration -> IteratorLinks.create(this, iteration);
      case PerfPoint perf -> PerfEventLinks.create(this, perf);
      case AttachPoint.UprobeMulti probes -> ProbeLinks.create(this, probes);
      case AttachPoint.KprobeMulti probes -> ProbeLinks.create(this, probes);
    };
  }

  /** What sort of place it is, by the name of its class. */
  private static String kind(Object point) {
    return point.getClass().getSimpleName();
  }

  /**
   * Attaches the program without a link ({@code BPF_PROG_ATTACH}, Linux 4.10). It then stays
   * attached beyond the end of this process, until {@link LegacyAttachment#detach}.
   *
   * @return what can detach it
   * @throws IllegalArgumentException if it is a program for other places
   * @throws KernelErrorException if a program is attached there in another mode, or above that
   *     wants to be alone (EPERM)
   */
  public LegacyAttachment attachLegacy(LegacyPoint point) {
    return Events.attach(title(), kind(point), point, () -> LegacyAttachment.make(this, point));
  }

  /**
   * How often the list of programs has changed that this one would be attached to, from 1 on
   * ({@code BPF_PROG_QUERY}): for {@link AttachOrder#atRevision}. Of cgroups since Linux 6.17, of
   * tcx and netkit since 6.6 and 6.7.
   *
   * @throws IllegalArgumentException if the place has no list, or is one for other programs
   * @throws UnsupportedKernelException if the kernel does not count
   */
  public long revisionAt(AttachPoint point) {
    return ListRevision.of(this, point);
  }

  /**
   * Runs the program with input of our own ({@code BPF_PROG_TEST_RUN}, Linux 4.12; see {@link
   * TestRun} for each kind). What it does to maps and the like stays done. A signal that interrupts
   * a run has it made again.
   *
   * @throws IllegalArgumentException if the run is for another type of program
   * @throws MissingPrivilegeException without CAP_BPF, before Linux 5.19
   * @throws UnsupportedKernelException if the kernel is older than this kind of run
   * @throws KernelErrorException if the packet no longer fits into the room for it (ENOSPC, after
   *     the run), if the input is not what this program takes (EINVAL), if the kernel is built
   *     without such runs (ENOTSUPP)
   */
  public <C> TestRunResult<C> testRun(TestRun<C> run) {
    return new TestRunCall<>(this, run).result();
  }

  /**
   * What the kernel has counted about the program ({@code BPF_OBJ_GET_INFO_BY_FD}, Linux 4.13).
   * Runs are counted while {@link RunStatistics} are on.
   */
  public ProgramStatistics statistics() {
    try (var arena = Arena.ofConfined()) {
      return ProgramStatistics.of(info(arena, ProgramStatistics.INFO_SIZE));
    }
  }

  /** The type that the program was loaded as. */
  public ProgramType type() {
    return type;
  }

  /** What the verifier wrote, if {@link LoadOptions#log} asked for it; else empty. */
  public String log() {
    return log;
  }

  /** The hook that the program was loaded for. */
  public Optional<AttachType> attachType() {
    return attachType;
  }
}
