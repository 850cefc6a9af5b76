package io.github.purebpf.bpf;

import io.github.purebpf.uapi.AttachType;
import io.github.purebpf.uapi.LinkType;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * What the kernel tells about a link ({@code struct bpf_link_info}, Linux 5.8).
 *
 * <p>What a kernel does not tell, because it is older than that part of the answer, is 0 or empty.
 */
public sealed interface LinkInfo {
  /** The number by which the kernel and bpftool know the link. */
  int id();

  /** The id of the program that is attached; 0 for the link of a struct_ops map. */
  int programId();

  /** {@code BPF_LINK_TYPE_…}; empty for a type that this library does not know. */
  default Optional<LinkType> type() {
    return switch (this) {
      case RawTracepoint _ -> Optional.of(LinkType.RAW_TRACEPOINT);
      case Tracing _ -> Optional.of(LinkType.TRACING);
      case Cgroup _ -> Optional.of(LinkType.CGROUP);
      case Iterator _ -> Optional.of(LinkType.ITER);
      case Netns _ -> Optional.of(LinkType.NETNS);
      case Xdp _ -> Optional.of(LinkType.XDP);
      case Tcx _ -> Optional.of(LinkType.TCX);
      case Netkit _ -> Optional.of(LinkType.NETKIT);
      case SocketMap _ -> Optional.of(LinkType.SOCKMAP);
      case Netfilter _ -> Optional.of(LinkType.NETFILTER);
      case StructOps _ -> Optional.of(LinkType.STRUCT_OPS);
      case KprobeMulti _ -> Optional.of(LinkType.KPROBE_MULTI);
      case UprobeMulti _ -> Optional.of(LinkType.UPROBE_MULTI);
      case PerfEvent _ -> Optional.of(LinkType.PERF_EVENT);
      case Other other -> LinkType.byValue(other.number());
    };
  }

  /**
   * At a raw tracepoint, typed or not.
   *
   * @param tracepoint its name
   * @param cookie Linux 6.18
   */
  record RawTracepoint(int id, int programId, String tracepoint, long cookie) implements LinkInfo {}

  /**
   * At a function or a hook of LSM.
   *
   * @param attachType such as {@link AttachType#TRACE_FENTRY}; empty for an extension
   * @param targetObjectId the id of the BTF object, or the program, that the target is in
   * @param targetTypeId the target in that BTF
   * @param cookie Linux 6.18
   */
  record Tracing(
      int id,
      int programId,
      Optional<AttachType> attachType,
      int targetObjectId,
      int targetTypeId,
      long cookie)
      implements LinkInfo {}

  /**
   * To a cgroup.
   *
   * @param cgroupId the inode number of its directory; empty once the link is detached or the
   *     cgroup has been removed
   * @param attachType the hook
   */
  record Cgroup(int id, int programId, OptionalLong cgroupId, Optional<AttachType> attachType)
      implements LinkInfo {}

  /**
   * An iterator.
   *
   * @param target its kind, such as {@code task} or {@code bpf_map_elem}
   * @param mapId the map whose elements it goes over; Linux 5.8
   * @param cgroupId where it begins, for the kind {@code cgroup}; Linux 6.1
   * @param tid the one thread it goes over; Linux 6.1
   * @param pid the process whose threads it goes over; Linux 6.1
   */
  record Iterator(
      int id,
      int programId,
      String target,
      OptionalInt mapId,
      OptionalLong cgroupId,
      OptionalInt tid,
      OptionalInt pid)
      implements LinkInfo {}

  /**
   * To a network namespace.
   *
   * @param inode the number in {@code /proc/PID/ns/net}; empty once the namespace has gone or the
   *     link is detached
   * @param attachType {@link AttachType#SK_LOOKUP} or {@link AttachType#FLOW_DISSECTOR}
   */
  record Netns(int id, int programId, OptionalLong inode, Optional<AttachType> attachType)
      implements LinkInfo {}

  /**
   * XDP of an interface.
   *
   * @param ifindex its number in its network namespace; empty once it has gone or the link is
   *     detached
   */
  record Xdp(int id, int programId, OptionalInt ifindex) implements LinkInfo {}

  /**
   * tcx of an interface.
   *
   * @param ifindex its number in its network namespace; empty once it has gone or the link is
   *     detached
   * @param attachType {@link AttachType#TCX_INGRESS} or {@link AttachType#TCX_EGRESS}
   */
  record Tcx(int id, int programId, OptionalInt ifindex, Optional<AttachType> attachType)
      implements LinkInfo {}

  /**
   * A netkit device.
   *
   * @param ifindex its number in its network namespace; empty once it has gone or the link is
   *     detached
   * @param attachType {@link AttachType#NETKIT_PRIMARY} or {@link AttachType#NETKIT_PEER}
   */
  record Netkit(int id, int programId, OptionalInt ifindex, Optional<AttachType> attachType)
      implements LinkInfo {}

  /**
   * To a map of sockets.
   *
   * @param mapId the map; empty once the link is detached
   * @param attachType such as {@link AttachType#SK_SKB_VERDICT}
   */
  record SocketMap(int id, int programId, OptionalInt mapId, Optional<AttachType> attachType)
      implements LinkInfo {}

  /**
   * A hook of netfilter.
   *
   * @param family {@code NFPROTO_…}
   * @param hook {@code NF_INET_…}
   * @param priority smaller ones run first
   * @param flags {@code BPF_F_NETFILTER_…}
   */
  record Netfilter(int id, int programId, int family, int hook, int priority, int flags)
      implements LinkInfo {}

  /**
   * A struct_ops map in use.
   *
   * @param mapId the map
   */
  record StructOps(int id, int programId, int mapId) implements LinkInfo {}

  /**
   * Many kernel functions at once.
   *
   * @param count how many
   * @param onReturn whether it runs when they return
   * @param missed how often it could not run; Linux 6.7
   */
  record KprobeMulti(int id, int programId, int count, boolean onReturn, long missed)
      implements LinkInfo {}

  /**
   * Many places of a file at once; told since Linux 6.8.
   *
   * @param path the file
   * @param offsets the places in it, in bytes
   * @param onReturn whether it runs when the functions there return
   * @param pid the process it is limited to
   */
  record UprobeMulti(
      int id, int programId, Path path, List<Long> offsets, boolean onReturn, OptionalInt pid)
      implements LinkInfo {
    /** Copies the offsets. */
    public UprobeMulti {
      offsets = List.copyOf(offsets);
    }
  }

  /**
   * A perf event.
   *
   * @param event what kind; told since Linux 6.6
   */
  record PerfEvent(int id, int programId, Event event) implements LinkInfo {}

  /**
   * Of a type about which this library knows no more.
   *
   * @param number {@code BPF_LINK_TYPE_…}
   */
  record Other(int id, int programId, int number) implements LinkInfo {}

  /** What the perf event of a link stands for, {@code enum bpf_perf_event_type}. */
  sealed interface Event {
    /**
     * A place in a file.
     *
     * @param path the file
     * @param offset the place in it, in bytes
     * @param onReturn whether it runs when the function there returns
     * @param cookie Linux 6.9
     */
    record Uprobe(Path path, int offset, boolean onReturn, long cookie) implements Event {}

    /**
     * A kernel function.
     *
     * @param function its name
     * @param offset behind its beginning, in bytes
     * @param address of both; 0 if addresses are hidden from this process
     * @param onReturn whether it runs when the function returns
     * @param missed how often it could not run; Linux 6.7
     * @param cookie Linux 6.9
     */
    record Kprobe(
        String function, int offset, long address, boolean onReturn, long missed, long cookie)
        implements Event {}

    /**
     * A tracepoint.
     *
     * @param name without its category
     * @param cookie Linux 6.9
     */
    record Tracepoint(String name, long cookie) implements Event {}

    /**
     * A counter.
     *
     * @param eventType {@code PERF_TYPE_…}; newer kernels give clocks, which are opened as
     *     software, a number of their own
     * @param config {@code PERF_COUNT_…} or what the type takes
     * @param cookie Linux 6.9
     */
    record Counter(int eventType, long config, long cookie) implements Event {}

    /** The kernel does not tell. */
    record Untold() implements Event {}
  }
}
