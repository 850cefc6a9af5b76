package io.github.purebpf.bpf;

import io.github.purebpf.bpf.internal.failure.Failure;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.uapi.AttachType;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;

/**
 * A place that a program can be attached to by a {@link BpfLink}; {@link BpfProgram#attach} does
 * it.
 *
 * <p>What the program is for is settled when it is loaded, by its type and {@linkplain
 * ProgramSpec#attachType attach type}; the place must be one for such programs.
 */
public sealed interface AttachPoint
    permits AttachPoint.Cgroup,
        AttachPoint.Xdp,
        AttachPoint.Tcx,
        AttachPoint.Netkit,
        AttachPoint.Netns,
        AttachPoint.Netfilter,
        AttachPoint.SocketMap,
        AttachPoint.Target,
        AttachPoint.RawTracepoint,
        Iteration,
        PerfPoint,
        AttachPoint.UprobeMulti,
        AttachPoint.KprobeMulti {
  /**
   * A cgroup and those below it, for programs of the attach types {@code BPF_CGROUP_…} and {@code
   * BPF_LSM_CGROUP}, together with programs that are or will be attached there. Linux 5.7.
   *
   * @param path a directory in a cgroup2 file system
   * @param order where among the programs there; anything but {@link AttachOrder#LAST} needs Linux
   *     6.17
   * @param preorder whether it runs before the programs of cgroups below instead of after them
   *     ({@code BPF_F_PREORDER}, Linux 6.15)
   */
  record Cgroup(Path path, AttachOrder order, boolean preorder) implements AttachPoint {
    /** Refuses nulls. */
    public Cgroup {
      Objects.requireNonNull(path, "path");
      Objects.requireNonNull(order, "order");
    }

    /** Behind the programs that are there. */
    public Cgroup(Path path) {
      this(path, AttachOrder.LAST, false);
    }

    /** Somewhere among the programs that are there. */
    public Cgroup(Path path, AttachOrder order) {
      this(path, order, false);
    }
  }

  /**
   * The packets that an interface receives, before anything else sees them, for programs of the
   * type {@code BPF_PROG_TYPE_XDP}: one for each interface and mode. Linux 5.9.
   *
   * @param ifindex the interface, in the network namespace of the thread that attaches
   * @param mode who runs the program
   */
  record Xdp(int ifindex, Mode mode) implements AttachPoint {
    /** Who runs an XDP program. */
    public enum Mode {
      /** The driver if it can, else the kernel behind it. */
      ANY(0),
      /** The kernel, for any interface, once it has made an skb ({@code XDP_FLAGS_SKB_MODE}). */
      GENERIC(1 << 1),
      /** The driver ({@code XDP_FLAGS_DRV_MODE}). */
      DRIVER(1 << 2),
      /** The network card itself ({@code XDP_FLAGS_HW_MODE}). */
      HARDWARE(1 << 3);

      private final int flag;

      Mode(int flag) {
        this.flag = flag;
      }

      int flag() {
        return flag;
      }
    }

    /** Refuses null and what is no index. */
    public Xdp {
      requireIfindex(ifindex);
      Objects.requireNonNull(mode, "mode");
    }

    /** By the driver if it can. */
    public Xdp(int ifindex) {
      this(ifindex, Mode.ANY);
    }
  }

  /**
   * The packets that an interface receives or sends, for programs of the type {@code
   * BPF_PROG_TYPE_SCHED_CLS}, any number of them: the first that does not return {@code TCX_NEXT}
   * (-1) decides. Linux 6.6.
   *
   * @param ifindex the interface, in the network namespace of the thread that attaches
   * @param direction which packets
   * @param order where among the programs there
   */
  record Tcx(int ifindex, Direction direction, AttachOrder order) implements AttachPoint {
    /** Which packets. */
    public enum Direction {
      /** Those that come in, {@code BPF_TCX_INGRESS}. */
      INGRESS(AttachType.TCX_INGRESS),
      /** Those that go out, {@code BPF_TCX_EGRESS}. */
      EGRESS(AttachType.TCX_EGRESS);

      private final AttachType type;

      Direction(AttachType type) {
        this.type = type;
      }

      AttachType type() {
        return type;
      }
    }

    /** Refuses nulls and what is no index. */
    public Tcx {
      requireIfindex(ifindex);
      Objects.requireNonNull(direction, "direction");
      Objects.requireNonNull(order, "order");
    }

    /** Behind the programs that are there. */
    public Tcx(int ifindex, Direction direction) {
      this(ifindex, direction, AttachOrder.LAST);
    }
  }

  /**
   * One end of a pair of netkit devices, for programs of the type {@code BPF_PROG_TYPE_SCHED_CLS}
   * that see what it sends. Linux 6.7 with CONFIG_NETKIT.
   *
   * @param ifindex the primary device, in the network namespace of the thread that attaches
   * @param side which end
   * @param order where among the programs there
   */
  record Netkit(int ifindex, Side side, AttachOrder order) implements AttachPoint {
    /** Which end. */
    public enum Side {
      /** The device itself, {@code BPF_NETKIT_PRIMARY}. */
      PRIMARY(AttachType.NETKIT_PRIMARY),
      /** The other end, {@code BPF_NETKIT_PEER}. */
      PEER(AttachType.NETKIT_PEER);

      private final AttachType type;

      Side(AttachType type) {
        this.type = type;
      }

      AttachType type() {
        return type;
      }
    }

    /** Refuses nulls and what is no index. */
    public Netkit {
      requireIfindex(ifindex);
      Objects.requireNonNull(side, "side");
      Objects.requireNonNull(order, "order");
    }

    /** Behind the programs that are there. */
    public Netkit(int ifindex, Side side) {
      this(ifindex, side, AttachOrder.LAST);
    }
  }

  /**
   * A network namespace, for programs of the types {@code BPF_PROG_TYPE_SK_LOOKUP} (Linux 5.9, up
   * to 64) and {@code BPF_PROG_TYPE_FLOW_DISSECTOR} (Linux 5.8, one).
   *
   * @param namespace which one; it may be closed once the program is attached
   */
  record Netns(NetworkNamespace namespace) implements AttachPoint {
    /** Refuses null. */
    public Netns {
      Objects.requireNonNull(namespace, "namespace");
    }
  }

  /**
   * A hook of netfilter in the network namespace of the thread that attaches, for programs of the
   * type {@code BPF_PROG_TYPE_NETFILTER}. Linux 6.4 with CONFIG_NETFILTER_BPF_LINK.
   *
   * @param family {@code NFPROTO_IPV4} 2 or {@code NFPROTO_IPV6} 10
   * @param hook {@code NF_INET_…}: 0 before routing, 1 in, 2 forwarded, 3 out, 4 after routing
   * @param priority smaller ones run first; the least and the greatest number are the kernel's own
   */
  record Netfilter(int family, int hook, int priority) implements AttachPoint {
    /** Refuses a hook that does not exist and a priority that is the kernel's own. */
    public Netfilter {
      if (hook < 0 || hook > 4) {
        throw new IllegalArgumentException("netfilter: hook " + hook + " is none of 0 to 4");
      }
      if (priority == Integer.MIN_VALUE || priority == Integer.MAX_VALUE) {
        throw new IllegalArgumentException("netfilter: priority " + priority + " is the kernel's");
      }
    }
  }

  /**
   * The sockets of a map, for programs of the types {@code BPF_PROG_TYPE_SK_SKB} and {@code
   * BPF_PROG_TYPE_SK_MSG}: one for each attach type. Linux 6.10; before, {@link
   * LegacyPoint.SocketMap}.
   *
   * @param map a sockmap or sockhash; it stays alive as long as the link
   */
  record SocketMap(KernelMap map) implements AttachPoint {
    /** Refuses null. */
    public SocketMap {
      Objects.requireNonNull(map, "map");
    }
  }

  /**
   * What the program was made for ({@link ProgramSpec#target}): the kernel function of fentry,
   * fexit and fmod_ret, the tracepoint of {@code BPF_TRACE_RAW_TP}, the hook of {@code
   * BPF_LSM_MAC}, the function of another program that an extension replaces. Linux 5.5.
   *
   * @param cookie what {@code bpf_get_attach_cookie} returns in the program; other than 0 it needs
   *     Linux 5.19
   */
  record Target(long cookie) implements AttachPoint {
    /** Without a cookie. */
    public Target() {
      this(0);
    }
  }

  /**
   * A raw tracepoint of the kernel, for programs of the types {@code BPF_PROG_TYPE_RAW_TRACEPOINT}
   * and {@code …_WRITABLE}. They see every process. Linux 4.17, with {@link BpfLink#info} 5.8.
   *
   * @param name of the tracepoint without its category, such as {@code sched_switch}
   * @param cookie what {@code bpf_get_attach_cookie} returns in the program; other than 0 it needs
   *     Linux 6.10
   */
  record RawTracepoint(String name, long cookie) implements AttachPoint {
    /** Refuses null and the empty name. */
    public RawTracepoint {
      requireName("raw tracepoint", name);
    }

    /** Without a cookie. */
    public RawTracepoint(String name) {
      this(name, 0);
    }
  }

  /**
   * Many places of one file at once, for programs of the type {@code BPF_PROG_TYPE_KPROBE} with the
   * attach type {@code BPF_TRACE_UPROBE_MULTI}. Linux 6.6.
   *
   * @param file an executable or a library
   * @param offsets the places in it, in bytes; see {@link ElfFunctions}
   * @param onReturn whether the program runs when the functions there return
   * @param pid the process it is limited to; empty for all
   */
  record UprobeMulti(Path file, List<Long> offsets, boolean onReturn, OptionalLong pid)
      implements AttachPoint {
    /** Copies the offsets; refuses none at all, and negative ones. */
    public UprobeMulti {
      Objects.requireNonNull(file, "file");
      Objects.requireNonNull(pid, "pid");
      offsets = List.copyOf(offsets);
      if (offsets.isEmpty() || offsets.stream().anyMatch(offset -> offset < 0)) {
        throw new IllegalArgumentException("probes of %s at %s".formatted(file, offsets));
      }
    }
  }

  /**
   * Many kernel functions at once, for programs of the type {@code BPF_PROG_TYPE_KPROBE} with the
   * attach type {@code BPF_TRACE_KPROBE_MULTI}. Linux 5.18 with CONFIG_FPROBE.
   *
   * @param functions their names
   * @param onReturn whether the program runs when they return
   */
  record KprobeMulti(List<String> functions, boolean onReturn) implements AttachPoint {
    /** Copies the names; refuses none at all, and empty ones. */
    public KprobeMulti {
      functions = List.copyOf(functions);
      if (functions.isEmpty()) {
        throw new IllegalArgumentException("probes of no kernel function");
      }
      functions.forEach(function -> requireName("kernel function", function));
    }
  }

  /**
   * The index of an interface in the network namespace of this thread.
   *
   * @throws IllegalArgumentException if it has no interface of that name
   */
  static int ifindex(String name) {
    requireName("interface", name);
    // NetworkInterface overlooks those without an address in a namespace that a thread has entered.
    var kernel = Kernel.running();
    int found = kernel.interfaceIndex(name);
    if (found == -Errno.ENODEV) {
      throw new IllegalArgumentException(
          "there is no interface %s in the network namespace of this thread".formatted(name));
    }
    if (found < 0) {
      throw Failure.of(kernel, "if_nametoindex", "interface " + name).exception(found);
    }
    return found;
  }

  private static void requireIfindex(int ifindex) {
    if (ifindex <= 0) {
      throw new IllegalArgumentException("interface " + ifindex + ": indexes begin with 1");
    }
  }

  private static void requireName(String what, String name) {
    Objects.requireNonNull(name, what);
    if (name.isEmpty() || name.indexOf(0) >= 0) {
      throw new IllegalArgumentException("\"" + name + "\" is no name of a " + what);
    }
  }
}
