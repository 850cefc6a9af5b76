package io.github.purebpf.bpf;

import io.github.purebpf.insn.Field;
import io.github.purebpf.insn.MemSize;
import io.github.purebpf.uapi.BpfFlowKeys;
import io.github.purebpf.uapi.BpfSkLookup;
import io.github.purebpf.uapi.SkBuff;
import io.github.purebpf.uapi.XdpMd;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.stream.LongStream;

/**
 * A call of a program with input of our own; {@link BpfProgram#testRun} makes it. Nothing is
 * attached and no traffic is needed.
 *
 * <p>A run is repeated on what the one before it left: a program that shortens its packet shortens
 * it each time.
 *
 * @param <C> the struct that the program gets as its context, whose fields the input sets and the
 *     result shows; {@link Void} where there is none with fields
 */
public sealed interface TestRun<C> {
  /**
   * A packet for an XDP program.
   *
   * @param packet an Ethernet frame of at least 14 bytes; what does not fit into a page comes in
   *     several buffers (Linux 5.18)
   */
  static Xdp xdp(byte... packet) {
    return new Xdp(copy(packet), copy(), Map.of(), 1, TestRunCall.ROOM, OptionalInt.empty());
  }

  /**
   * A packet for a program of socket buffers: socket filters, tc, {@code cgroup_skb}, lightweight
   * tunnels.
   *
   * @param packet an Ethernet frame of at least 14 bytes; programs below the link layer see what is
   *     behind its header
   */
  static Skb skb(byte... packet) {
    return new Skb(copy(packet), Map.of(), 1, TestRunCall.ROOM, false);
  }

  /**
   * A packet for a flow dissector.
   *
   * @param packet an Ethernet frame of at least 14 bytes
   */
  static FlowDissector flowDissector(byte... packet) {
    return new FlowDissector(copy(packet), 0, 1);
  }

  /** A packet for a program that chooses a socket; its family is to be set. */
  static SkLookup skLookup() {
    return new SkLookup(Map.of(), 1);
  }

  /**
   * An event for a raw tracepoint program.
   *
   * @param arguments what it reads from its context, each 64 bits wide; at most 12, and no fewer
   *     than it reads
   */
  static RawTracepoint rawTracepoint(long... arguments) {
    return new RawTracepoint(LongStream.of(arguments).boxed().toList(), OptionalInt.empty());
  }

  /**
   * A call of a syscall program.
   *
   * @param context what it gets and may write, up to 65535 bytes, and no fewer than it touches
   */
  static Syscall syscall(byte... context) {
    return new Syscall(copy(context));
  }

  /**
   * Calls the functions that the kernel has for this purpose ({@code bpf_fentry_test1} and the
   * like), which a program of {@code TRACE_FENTRY}, {@code TRACE_FEXIT} or {@code MODIFY_RETURN} is
   * attached to beforehand.
   */
  static Tracing tracing() {
    return new Tracing();
  }

  /**
   * A packet for a netfilter program, at the hook of outgoing IPv4 packets.
   *
   * @param packet an Ethernet frame with an IP header, at least 34 bytes
   */
  static Netfilter netfilter(byte... packet) {
    return new Netfilter(copy(packet), 2, 3, 1);
  }

  private static MemorySegment copy(byte... bytes) {
    return MemorySegment.ofArray(bytes.clone()).asReadOnly();
  }

  private static void requirePacket(MemorySegment packet, int least) {
    if (packet.byteSize() < least) {
      throw new IllegalArgumentException(
          "a packet of %d bytes: the kernel takes no fewer than %d, headers included"
              .formatted(packet.byteSize(), least));
    }
  }

  private static void requireRepeat(int repeat) {
    if (repeat < 1) {
      throw new IllegalArgumentException("a program runs once or more, not " + repeat + " times");
    }
  }

  private static void requireRoom(int room) {
    if (room < 0) {
      throw new IllegalArgumentException("room for " + room + " bytes");
    }
  }

  private static <S> Map<Field<S>, Long> set(
      Map<Field<S>, Long> fields, Field<S> field, long value) {
    int bits = 8 * field.size().bytes();
    if (field.size() != MemSize.DW && value >> bits != 0 && value >> (bits - 1) != -1) {
      throw new IllegalArgumentException(
          "%d does not fit into %s, which has %d bits".formatted(value, field.name(), bits));
    }
    var changed = new HashMap<>(fields);
    changed.put(field, value);
    return Map.copyOf(changed);
  }

  /**
   * A run of an XDP program. Linux 4.12; with a context or metadata 5.15; live 5.18.
   *
   * @param packet an Ethernet frame
   * @param metadata what lies in front of it, a multiple of 4 bytes
   * @param context fields of its context: {@code INGRESS_IFINDEX} and {@code RX_QUEUE_INDEX}
   * @param repeat how often it runs
   * @param room bytes by which the packet may grow in the result
   * @param live for live frames, how many go in one batch, 1 to 256
   */
  record Xdp(
      MemorySegment packet,
      MemorySegment metadata,
      Map<Field<XdpMd>, Long> context,
      int repeat,
      int room,
      OptionalInt live)
      implements TestRun<XdpMd> {
    /** Refuses what no kernel takes. */
    public Xdp {
      requirePacket(packet, TestRunCall.ETHERNET_HEADER);
      requireRepeat(repeat);
      requireRoom(room);
      context = Map.copyOf(context);
      if (metadata.byteSize() % 4 != 0 || metadata.byteSize() > 252) {
        throw new IllegalArgumentException(
            "metadata of %d bytes: the kernel takes multiples of 4 up to 252"
                .formatted(metadata.byteSize()));
      }
      if (live.isPresent() && (live.getAsInt() < 1 || live.getAsInt() > 256)) {
        throw new IllegalArgumentException(
            "a batch of %d frames: it takes 1 to 256".formatted(live.getAsInt()));
      }
      for (var field : context.keySet()) {
        if (!field.equals(XdpMd.INGRESS_IFINDEX) && !field.equals(XdpMd.RX_QUEUE_INDEX)) {
          throw new IllegalArgumentException(
              "a test run sets ingress_ifindex and rx_queue_index of an XDP context, not "
                  + field.name());
        }
      }
    }

    /** The same with a field of the context set, {@code INGRESS_IFINDEX} or {@code RX_QUEUE_…}. */
    public Xdp with(Field<XdpMd> field, long value) {
      return new Xdp(packet, metadata, set(context, field, value), repeat, room, live);
    }

    /** The same with metadata in front of the packet, where {@code data_meta} points. */
    public Xdp withMetadata(byte... newMetadata) {
      return new Xdp(packet, copy(newMetadata), context, repeat, room, live);
    }

    /** The same, repeated; the result shows the last run and the mean duration. */
    public Xdp repeated(int times) {
      return new Xdp(packet, metadata, context, times, room, live);
    }

    /** The same with room in the result for a packet that grows by more than 1024 bytes. */
    public Xdp withRoom(int bytes) {
      return new Xdp(packet, metadata, context, repeat, bytes, live);
    }

    /**
     * The same with frames that go where the program's verdict sends them: to the stack, out by the
     * interface of {@code INGRESS_IFINDEX}, or redirected. Each repetition is a fresh packet; the
     * result has no packet and no verdict ({@code BPF_F_TEST_XDP_LIVE_FRAMES}, Linux 5.18).
     *
     * @param batch how many frames are made at a time, 1 to 256
     */
    public Xdp liveFrames(int batch) {
      return new Xdp(packet, metadata, context, repeat, room, OptionalInt.of(batch));
    }
  }

  /**
   * A run of a program of socket buffers. Linux 4.12; with a context 5.2.
   *
   * @param packet an Ethernet frame
   * @param context fields of its context: {@code MARK}, {@code PRIORITY}, {@code INGRESS_IFINDEX},
   *     {@code IFINDEX}, {@code CB_…}, {@code TSTAMP}, {@code WIRE_LEN}, {@code GSO_SEGS}, {@code
   *     GSO_SIZE} and {@code HWTSTAMP}; the kernel refuses the others
   * @param repeat how often it runs
   * @param room bytes by which the packet may grow in the result
   * @param checksumComplete whether the packet has a complete checksum
   */
  record Skb(
      MemorySegment packet,
      Map<Field<SkBuff>, Long> context,
      int repeat,
      int room,
      boolean checksumComplete)
      implements TestRun<SkBuff> {
    /** Refuses what no kernel takes. */
    public Skb {
      requirePacket(packet, TestRunCall.ETHERNET_HEADER);
      requireRepeat(repeat);
      requireRoom(room);
      context = Map.copyOf(context);
    }

    /** The same with a field of the context set, the number as the program reads it. */
    public Skb with(Field<SkBuff> field, long value) {
      return new Skb(packet, set(context, field, value), repeat, room, checksumComplete);
    }

    /** The same, repeated; the result shows the last run and the mean duration. */
    public Skb repeated(int times) {
      return new Skb(packet, context, times, room, checksumComplete);
    }

    /** The same with room in the result for a packet that grows by more than 1024 bytes. */
    public Skb withRoom(int bytes) {
      return new Skb(packet, context, repeat, bytes, checksumComplete);
    }

    /**
     * The same with a complete checksum, which the kernel checks after the run ({@code
     * BPF_F_TEST_SKB_CHECKSUM_COMPLETE}, Linux 6.11).
     */
    public Skb withChecksumComplete() {
      return new Skb(packet, context, repeat, room, true);
    }
  }

  /**
   * A run of a flow dissector, whose result shows what it found as its context. Linux 5.1; with
   * flags 5.4.
   *
   * @param packet an Ethernet frame
   * @param flags {@code BPF_FLOW_DISSECTOR_F_…}
   * @param repeat how often it runs
   */
  record FlowDissector(MemorySegment packet, int flags, int repeat)
      implements TestRun<BpfFlowKeys> {
    /** Refuses what no kernel takes. */
    public FlowDissector {
      requirePacket(packet, TestRunCall.ETHERNET_HEADER);
      requireRepeat(repeat);
    }

    /** The same with {@code BPF_FLOW_DISSECTOR_F_…}. */
    public FlowDissector withFlags(int newFlags) {
      return new FlowDissector(packet, newFlags, repeat);
    }

    /** The same, repeated; the result shows the last run and the mean duration. */
    public FlowDissector repeated(int times) {
      return new FlowDissector(packet, flags, times);
    }
  }

  /**
   * A run of a program that chooses a socket; the result's {@code COOKIE} is that of the socket, or
   * 0. Linux 5.13.
   *
   * @param context fields of its context
   * @param repeat how often it runs
   */
  record SkLookup(Map<Field<BpfSkLookup>, Long> context, int repeat)
      implements TestRun<BpfSkLookup> {
    /** Refuses what no kernel takes. */
    public SkLookup {
      requireRepeat(repeat);
      context = Map.copyOf(context);
    }

    /** The same with a field of the context set, the number as the program reads it. */
    public SkLookup with(Field<BpfSkLookup> field, long value) {
      return new SkLookup(set(context, field, value), repeat);
    }

    /** The same, repeated; the result shows the last run and the mean duration. */
    public SkLookup repeated(int times) {
      return new SkLookup(context, times);
    }
  }

  /**
   * A run of a raw tracepoint program. Linux 5.10.
   *
   * @param arguments what it reads from its context
   * @param cpu where it runs; anywhere if empty
   */
  record RawTracepoint(List<Long> arguments, OptionalInt cpu) implements TestRun<Void> {
    /** Refuses what no kernel takes. */
    public RawTracepoint {
      Objects.requireNonNull(cpu, "cpu");
      arguments = List.copyOf(arguments);
      if (arguments.size() > 12) {
        throw new IllegalArgumentException(
            arguments.size() + " arguments; a tracepoint has at most 12");
      }
    }

    /** The same on a CPU, which is to be online ({@code BPF_F_TEST_RUN_ON_CPU}). */
    public RawTracepoint onCpu(int number) {
      return new RawTracepoint(arguments, OptionalInt.of(number));
    }
  }

  /**
   * A run of a syscall program, which may sleep and writes its result into its context. Linux 5.14.
   *
   * @param context what it gets
   */
  record Syscall(MemorySegment context) implements TestRun<Void> {
    /** Refuses what no kernel takes. */
    public Syscall {
      if (context.byteSize() > TestRunCall.LARGEST_CONTEXT) {
        throw new IllegalArgumentException(
            "a context of %d bytes; a syscall program takes up to %d"
                .formatted(context.byteSize(), TestRunCall.LARGEST_CONTEXT));
      }
    }
  }

  /** Calls of the kernel's functions for tests of tracing. Linux 5.5; of MODIFY_RETURN 5.7. */
  record Tracing() implements TestRun<Void> {}

  /**
   * A run of a netfilter program. Linux 6.4.
   *
   * @param packet an Ethernet frame
   * @param family {@code NFPROTO_IPV4} 2 or {@code NFPROTO_IPV6} 10
   * @param hook {@code NF_INET_PRE_ROUTING} 0 to {@code NF_INET_POST_ROUTING} 4
   * @param repeat how often it runs
   */
  record Netfilter(MemorySegment packet, int family, int hook, int repeat)
      implements TestRun<Void> {
    /** Refuses what no kernel takes. */
    public Netfilter {
      requirePacket(packet, TestRunCall.ETHERNET_HEADER + 20);
      requireRepeat(repeat);
      if ((family != 2 && family != 10) || hook < 0 || hook > 4) {
        throw new IllegalArgumentException(
            "netfilter family %d, hook %d: a test run takes the families 2 and 10, the hooks 0 to 4"
                .formatted(family, hook));
      }
    }

    /** The same at another hook, {@code NF_INET_…}, for packets of a family, {@code NFPROTO_…}. */
    public Netfilter at(int newFamily, int newHook) {
      return new Netfilter(packet, newFamily, newHook, repeat);
    }

    /** The same, repeated; the result shows the last run and the mean duration. */
    public Netfilter repeated(int times) {
      return new Netfilter(packet, family, hook, times);
    }
  }
}
