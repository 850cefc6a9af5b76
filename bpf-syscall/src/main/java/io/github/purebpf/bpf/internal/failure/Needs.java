package io.github.purebpf.bpf.internal.failure;

import io.github.purebpf.bpf.error.Capability;
import io.github.purebpf.uapi.MapType;
import io.github.purebpf.uapi.ProgramType;
import java.util.EnumSet;
import java.util.Set;

/** The capabilities that the kernel asks for, by what is to be made. */
public final class Needs {
  private Needs() {}

  /** What loading a program takes. */
  public static Set<Capability> of(ProgramType type) {
    return switch (type) {
      case SOCKET_FILTER, CGROUP_SKB, SK_REUSEPORT, SK_LOOKUP, LIRC_MODE2, SYSCALL ->
          EnumSet.of(Capability.CAP_BPF);
      case KPROBE,
          TRACEPOINT,
          PERF_EVENT,
          RAW_TRACEPOINT,
          RAW_TRACEPOINT_WRITABLE,
          TRACING,
          LSM,
          STRUCT_OPS ->
          EnumSet.of(Capability.CAP_BPF, Capability.CAP_PERFMON);
      case EXT -> EnumSet.of(Capability.CAP_BPF, Capability.CAP_PERFMON, Capability.CAP_NET_ADMIN);
      case SCHED_CLS,
          SCHED_ACT,
          XDP,
          CGROUP_SOCK,
          LWT_IN,
          LWT_OUT,
          LWT_XMIT,
          SOCK_OPS,
          SK_SKB,
          CGROUP_DEVICE,
          SK_MSG,
          CGROUP_SOCK_ADDR,
          LWT_SEG6LOCAL,
          FLOW_DISSECTOR,
          CGROUP_SYSCTL,
          CGROUP_SOCKOPT,
          NETFILTER ->
          EnumSet.of(Capability.CAP_BPF, Capability.CAP_NET_ADMIN);
    };
  }

  /** What creating a map takes. */
  public static Set<Capability> of(MapType type) {
    return switch (type) {
      case SOCKMAP, SOCKHASH, DEVMAP, DEVMAP_HASH, XSKMAP ->
          EnumSet.of(Capability.CAP_BPF, Capability.CAP_NET_ADMIN);
      default -> EnumSet.of(Capability.CAP_BPF);
    };
  }
}
