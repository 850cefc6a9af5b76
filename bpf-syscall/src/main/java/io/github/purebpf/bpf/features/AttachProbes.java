package io.github.purebpf.bpf.features;

import io.github.purebpf.bpf.features.Targets.Name;
import io.github.purebpf.bpf.internal.failure.Needs;
import io.github.purebpf.bpf.internal.sys.Attr;
import io.github.purebpf.bpf.internal.sys.BpfAttr;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.insn.KernelVersion;
import io.github.purebpf.uapi.AttachType;
import io.github.purebpf.uapi.LinkType;
import io.github.purebpf.uapi.MapType;
import io.github.purebpf.uapi.ProgramType;
import java.lang.foreign.Arena;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Attaches programs to nothing to see which places there are. A kernel that knows the place looks
 * for the thing, which is not there, and says so; one that does not says EINVAL. No attempt can
 * succeed in attaching.
 */
final class AttachProbes {
  /** No interface has it. */
  private static final int NO_INTERFACE = Integer.MAX_VALUE;

  private static final int LOOPBACK = 1;

  /** {@code XDP_FLAGS_HW_MODE}: what the loopback interface can never do. */
  private static final int HARDWARE = 1 << 3;

  /** No protocol family. */
  private static final int NO_FAMILY = 255;

  /** How the kernel says that the place is not there. */
  private static final Set<Integer> LOOKED =
      Set.of(Errno.EBADF, Errno.ENOENT, Errno.ENODEV, Errno.EFAULT, Errno.EAFNOSUPPORT);

  /** No address. */
  private static final long NOWHERE = 8;

  private final Trial trial;
  private final ProgramProbes programs;
  private final MapProbes maps;

  AttachProbes(Trial trial, ProgramProbes programs, MapProbes maps) {
    this.trial = trial;
    this.programs = programs;
    this.maps = maps;
  }

  Outcome probe(AttachType type) {
    return switch (type) {
      case CGROUP_INET_INGRESS, CGROUP_INET_EGRESS -> attach(ProgramType.CGROUP_SKB, 0, type);
      case CGROUP_INET_SOCK_CREATE -> attach(ProgramType.CGROUP_SOCK, 0, type);
      case CGROUP_INET_SOCK_RELEASE, CGROUP_INET4_POST_BIND, CGROUP_INET6_POST_BIND ->
          attach(ProgramType.CGROUP_SOCK, type.value(), type);
      case CGROUP_SOCK_OPS -> attach(ProgramType.SOCK_OPS, 0, type);
      case CGROUP_DEVICE -> attach(ProgramType.CGROUP_DEVICE, 0, type);
      case CGROUP_SYSCTL -> attach(ProgramType.CGROUP_SYSCTL, 0, type);
      case CGROUP_INET4_BIND,
          CGROUP_INET6_BIND,
          CGROUP_INET4_CONNECT,
          CGROUP_INET6_CONNECT,
          CGROUP_UNIX_CONNECT,
          CGROUP_UDP4_SENDMSG,
          CGROUP_UDP6_SENDMSG,
          CGROUP_UNIX_SENDMSG,
          CGROUP_UDP4_RECVMSG,
          CGROUP_UDP6_RECVMSG,
          CGROUP_UNIX_RECVMSG,
          CGROUP_INET4_GETPEERNAME,
          CGROUP_INET6_GETPEERNAME,
          CGROUP_UNIX_GETPEERNAME,
          CGROUP_INET4_GETSOCKNAME,
          CGROUP_INET6_GETSOCKNAME,
          CGROUP_UNIX_GETSOCKNAME ->
          attach(ProgramType.CGROUP_SOCK_ADDR, type.value(), type);
      case CGROUP_GETSOCKOPT, CGROUP_SETSOCKOPT ->
          attach(ProgramType.CGROUP_SOCKOPT, type.value(), type);
      case SK_SKB_STREAM_PARSER, SK_SKB_STREAM_VERDICT, SK_SKB_VERDICT ->
          attach(ProgramType.SK_SKB, 0, type);
      case SK_MSG_VERDICT -> attach(ProgramType.SK_MSG, 0, type);
      case LIRC_MODE2 -> attach(ProgramType.LIRC_MODE2, 0, type);
      // Legacy attaching would act on this thread's network namespace, so only the type is tried.
      case FLOW_DISSECTOR -> programs.probe(ProgramType.FLOW_DISSECTOR);
      case SK_REUSEPORT_SELECT, SK_REUSEPORT_SELECT_OR_MIGRATE ->
          trial.loads(
              expecting(ProgramType.SK_REUSEPORT, type),
              ProgramProbes.subject(ProgramType.SK_REUSEPORT, type.since()));
      case TRACE_RAW_TP -> programs.trampoline(type, Name.TRACEPOINT, type.since());
      case TRACE_ITER -> programs.trampoline(type, Name.ITERATOR, type.since());
      case TRACE_FENTRY, TRACE_FEXIT -> programs.trampoline(type, Name.FUNCTION, type.since());
      case MODIFY_RETURN -> programs.trampoline(type, Name.SECURITY_FUNCTION, type.since());
      case LSM_MAC -> programs.trampoline(type, Name.LSM_HOOK, type.since());
      case LSM_CGROUP -> programs.trampoline(type, Name.LSM_SOCKET_HOOK, type.since());
      // A map whose values name a program, too, came with the type of the program.
      case XDP_DEVMAP -> ofMap(MapType.DEVMAP, type);
      case XDP_CPUMAP -> ofMap(MapType.CPUMAP, type);
      case SK_LOOKUP,
          XDP,
          PERF_EVENT,
          TRACE_KPROBE_MULTI,
          TRACE_KPROBE_SESSION,
          TRACE_UPROBE_MULTI,
          TRACE_UPROBE_SESSION,
          STRUCT_OPS,
          NETFILTER,
          TCX_INGRESS,
          TCX_EGRESS,
          NETKIT_PRIMARY,
          NETKIT_PEER ->
          link(type, type.since());
    };
  }

  Outcome probe(LinkType type) {
    return switch (type) {
      case RAW_TRACEPOINT -> rawTracepoint(type.since());
      case TRACING -> programs.trampoline(AttachType.TRACE_FENTRY, Name.FUNCTION, type.since());
      case CGROUP ->
          link(
              ProgramProbes.plain(ProgramType.CGROUP_SKB),
              AttachType.CGROUP_INET_EGRESS,
              type.since(),
              attr -> attr.u32(Attr.LinkCreate.TARGET_FD, Trial.NOTHING));
      case ITER ->
          programs.tracing(
              AttachType.TRACE_ITER,
              Name.ITERATOR,
              program -> link(program, AttachType.TRACE_ITER, type.since(), _ -> {}));
      case NETNS ->
          link(
              ProgramProbes.plain(ProgramType.FLOW_DISSECTOR),
              AttachType.FLOW_DISSECTOR,
              type.since(),
              attr -> attr.u32(Attr.LinkCreate.TARGET_FD, Trial.NOTHING));
      case XDP -> link(AttachType.XDP, type.since());
      case PERF_EVENT -> link(AttachType.PERF_EVENT, type.since());
      case KPROBE_MULTI -> link(AttachType.TRACE_KPROBE_MULTI, type.since());
      case STRUCT_OPS -> link(AttachType.STRUCT_OPS, type.since());
      case NETFILTER -> link(AttachType.NETFILTER, type.since());
      case TCX -> link(AttachType.TCX_INGRESS, type.since());
      case UPROBE_MULTI -> link(AttachType.TRACE_UPROBE_MULTI, type.since());
      case NETKIT -> link(AttachType.NETKIT_PRIMARY, type.since());
      case SOCKMAP ->
          link(
              ProgramProbes.plain(ProgramType.SK_SKB),
              AttachType.SK_SKB_VERDICT,
              type.since(),
              attr -> attr.u32(Attr.LinkCreate.TARGET_FD, Trial.NOTHING));
    };
  }

  private static Candidate expecting(ProgramType program, AttachType type) {
    return ProgramProbes.plain(program).withAttachType(type.value());
  }

  /** {@code BPF_PROG_ATTACH} to a descriptor that is none. */
  private Outcome attach(ProgramType program, int expected, AttachType type) {
    var candidate = ProgramProbes.plain(program).withAttachType(expected);
    var subject = new Trial.Subject(Cmd.PROG_ATTACH, type.since(), Needs.of(program));
    return trial.with(
        candidate,
        subject,
        fd -> {
          try (var arena = Arena.ofConfined()) {
            var attr =
                BpfAttr.allocate(arena, Attr.ProgAttach.ATTACH_FLAGS + Integer.BYTES)
                    .u32(Attr.ProgAttach.TARGET_FD, Trial.NOTHING)
                    .u32(Attr.ProgAttach.ATTACH_BPF_FD, fd)
                    .u32(Attr.ProgAttach.ATTACH_TYPE, type.value());
            return reached(trial.bpf(Cmd.PROG_ATTACH, attr), subject);
          }
        });
  }

  /** {@code BPF_LINK_CREATE} for a type that has one way to say where. */
  private Outcome link(AttachType type, KernelVersion since) {
    return switch (type) {
      case SK_LOOKUP ->
          link(
              ProgramProbes.plain(ProgramType.SK_LOOKUP),
              type,
              since,
              attr -> attr.u32(Attr.LinkCreate.TARGET_FD, Trial.NOTHING));
      case PERF_EVENT ->
          link(
              ProgramProbes.plain(ProgramType.PERF_EVENT),
              type,
              since,
              attr -> attr.u32(Attr.LinkCreate.TARGET_FD, Trial.NOTHING));
      case STRUCT_OPS -> linkOf(Trial.NOTHING, type, since, _ -> {});
      case XDP ->
          link(
              ProgramProbes.plain(ProgramType.XDP),
              type,
              since,
              attr ->
                  attr.u32(Attr.LinkCreate.TARGET_IFINDEX, LOOPBACK)
                      .u32(Attr.LinkCreate.FLAGS, HARDWARE));
      case TCX_INGRESS, TCX_EGRESS, NETKIT_PRIMARY, NETKIT_PEER ->
          link(
              ProgramProbes.plain(ProgramType.SCHED_CLS),
              type,
              since,
              attr -> attr.u32(Attr.LinkCreate.TARGET_IFINDEX, NO_INTERFACE));
      case NETFILTER ->
          link(
              ProgramProbes.plain(ProgramType.NETFILTER),
              type,
              since,
              attr -> attr.u32(Attr.LinkCreate.NETFILTER_PF, NO_FAMILY));
      case TRACE_KPROBE_MULTI, TRACE_KPROBE_SESSION ->
          link(
              expecting(ProgramType.KPROBE, type),
              type,
              since,
              attr ->
                  attr.u32(Attr.LinkCreate.KPROBE_MULTI_CNT, 1)
                      .u64(Attr.LinkCreate.KPROBE_MULTI_SYMS, NOWHERE));
      case TRACE_UPROBE_MULTI, TRACE_UPROBE_SESSION ->
          link(
              expecting(ProgramType.KPROBE, type),
              type,
              since,
              attr ->
                  attr.u32(Attr.LinkCreate.UPROBE_MULTI_CNT, 1)
                      .u64(Attr.LinkCreate.UPROBE_MULTI_PATH, NOWHERE)
                      .u64(Attr.LinkCreate.UPROBE_MULTI_OFFSETS, NOWHERE));
      default -> throw new AssertionError(type);
    };
  }

  private Outcome link(
      Candidate program, AttachType type, KernelVersion since, Consumer<BpfAttr> where) {
    return trial.with(
        program,
        ProgramProbes.subject(program.type(), since),
        fd -> linkOf(fd, type, since, where));
  }

  private Outcome linkOf(int fd, AttachType type, KernelVersion since, Consumer<BpfAttr> where) {
    try (var arena = Arena.ofConfined()) {
      var attr =
          BpfAttr.allocate(arena, Attr.LinkCreate.SIZE)
              .u32(Attr.LinkCreate.PROG_FD, fd)
              .u32(Attr.LinkCreate.ATTACH_TYPE, type.value());
      where.accept(attr);
      var subject = new Trial.Subject(Cmd.LINK_CREATE, since, Set.of());
      int result = trial.bpf(Cmd.LINK_CREATE, attr);
      return type == AttachType.XDP && result == -Errno.EOPNOTSUPP
          ? Trial.AVAILABLE
          : reached(result, subject);
    }
  }

  /** {@code BPF_RAW_TRACEPOINT_OPEN} of a tracepoint that is not there. */
  private Outcome rawTracepoint(KernelVersion since) {
    var subject =
        new Trial.Subject(Cmd.RAW_TRACEPOINT_OPEN, since, Needs.of(ProgramType.RAW_TRACEPOINT));
    return trial.with(
        ProgramProbes.plain(ProgramType.RAW_TRACEPOINT),
        subject,
        fd -> {
          try (var arena = Arena.ofConfined()) {
            var attr =
                BpfAttr.allocate(arena, Attr.RawTracepointOpen.PROG_FD + Integer.BYTES)
                    .u32(Attr.RawTracepointOpen.PROG_FD, fd)
                    .pointer(Attr.RawTracepointOpen.NAME, arena.allocateFrom("no tracepoint"));
            return reached(trial.bpf(Cmd.RAW_TRACEPOINT_OPEN, attr), subject);
          }
        });
  }

  private Outcome ofMap(MapType map, AttachType type) {
    var subject = new Trial.Subject(Cmd.MAP_CREATE, type.since(), MapProbes.subject(map).needs());
    return trial.with(maps.create(map, 4, 8, 1, 0), subject, _ -> Trial.AVAILABLE);
  }

  /** Says whether the kernel got as far as to look for the place. */
  private Outcome reached(int result, Trial.Subject subject) {
    if (subject.command() != Cmd.PROG_ATTACH) {
      trial.close(result);
    }
    return result >= 0 || LOOKED.contains(-result)
        ? Trial.AVAILABLE
        : trial.refused(result, subject);
  }
}
