package io.github.purebpf.bpf;

import io.github.purebpf.bpf.error.Capability;
import io.github.purebpf.bpf.internal.failure.Failure;
import io.github.purebpf.bpf.internal.sys.Attr;
import io.github.purebpf.bpf.internal.sys.BpfAttr;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.insn.Field;
import io.github.purebpf.insn.KernelVersion;
import io.github.purebpf.uapi.AttachType;
import io.github.purebpf.uapi.BpfFlowKeys;
import io.github.purebpf.uapi.BpfSkLookup;
import io.github.purebpf.uapi.ProgramType;
import io.github.purebpf.uapi.SkBuff;
import io.github.purebpf.uapi.TestRunFlags;
import io.github.purebpf.uapi.XdpMd;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A {@link TestRun} of a program, as one {@code BPF_PROG_TEST_RUN}. */
final class TestRunCall<C> {
  /** The most bytes that a context may have: what {@code ctx_size_in} of syscall programs takes. */
  static final int LARGEST_CONTEXT = 0xffff;

  /** The bytes of an Ethernet header, below which the kernel takes no packet. */
  static final int ETHERNET_HEADER = 14;

  /** How much longer than its input a packet may become, if the run does not say otherwise. */
  static final int ROOM = 1024;

  /** A signal interrupts a run; a profiler may send them faster than we run. */
  private static final int ATTEMPTS = 16;

  /** Before, the kernel wrote all of the packet, whatever room there was. */
  private static final KernelVersion RESPECTS_ROOM = new KernelVersion(5, 0);

  private static final int LARGEST_PACKET = 128 * 1024;

  /** Newer kernels may know a longer context, and give it back whole or with ENOSPC. */
  private static final int CONTEXT_ROOM = 256;

  private static final Set<ProgramType> SKB =
      EnumSet.of(
          ProgramType.SOCKET_FILTER,
          ProgramType.SCHED_CLS,
          ProgramType.SCHED_ACT,
          ProgramType.CGROUP_SKB,
          ProgramType.LWT_IN,
          ProgramType.LWT_OUT,
          ProgramType.LWT_XMIT,
          ProgramType.LWT_SEG6LOCAL);

  private static final Set<AttachType> TRACED =
      EnumSet.of(AttachType.TRACE_FENTRY, AttachType.TRACE_FEXIT, AttachType.MODIFY_RETURN);

  /** What the kernel gets and gives back. */
  private static final class Input {
    final String name;
    final Set<ProgramType> types;
    final KernelVersion since;
    byte[] data = {};
    int dataOut;
    byte[] context = {};

    /** The size of the context that is given back, 0 for none. */
    int contextOut;

    /** Whether the run asks for something of its context, and since when it may. */
    boolean contextWanted;

    KernelVersion contextSince = new KernelVersion(0, 0);
    int repeat;
    int flags;
    int cpu;
    int batch;
    KernelVersion flagsSince = new KernelVersion(0, 0);

    Input(String name, Set<ProgramType> types, KernelVersion since) {
      this.name = name;
      this.types = types;
      this.since = since;
    }

    /** Older kernels run the program without a context, if it is not needed. */
    void forget(KernelVersion release) {
      if (!contextWanted && release.compareTo(contextSince) < 0) {
        context = new byte[0];
        contextOut = 0;
      }
      if (dataOut > 0 && release.compareTo(RESPECTS_ROOM) < 0) {
        dataOut = Math.max(dataOut, LARGEST_PACKET);
      }
    }

    int attrSize() {
      if (batch != 0) {
        return Attr.ProgTestRun.BATCH_SIZE + Integer.BYTES;
      }
      if (flags != 0 || cpu != 0) {
        return Attr.ProgTestRun.CPU + Integer.BYTES;
      }
      return context.length > 0 || contextOut > 0
          ? Attr.ProgTestRun.CTX_OUT + Long.BYTES
          : Attr.ProgTestRun.DURATION + Integer.BYTES;
    }
  }

  private final BpfProgram program;
  private final TestRun<C> run;
  private final Input input;

  TestRunCall(BpfProgram program, TestRun<C> run) {
    this.program = program;
    this.run = run;
    this.input = input(run);
    boolean fits =
        input.types.contains(program.type())
            && (!(run instanceof TestRun.Tracing)
                || program.attachType().filter(TRACED::contains).isPresent());
    if (!fits) {
      throw new IllegalArgumentException(
          "%s is a %s%s, which a test run of %s cannot run; it is for %s"
              .formatted(
                  program.title(),
                  program.type().kernelName(),
                  program.attachType().map(type -> " for " + type.kernelName()).orElse(""),
                  input.name,
                  takes()));
    }
  }

  private String takes() {
    return run instanceof TestRun.Tracing
        ? names(TRACED.stream().map(AttachType::kernelName).toList())
        : names(input.types.stream().map(ProgramType::kernelName).toList());
  }

  private static String names(List<String> names) {
    return String.join(", ", names);
  }

  private static Input input(TestRun<?> run) {
    return switch (run) {
      case TestRun.Xdp xdp -> xdp(xdp);
      case TestRun.Skb skb -> skb(skb);
      case TestRun.FlowDissector dissector -> {
        var input =
            new Input(
                "a flow dissector",
                EnumSet.of(ProgramType.FLOW_DISSECTOR),
                new KernelVersion(5, 1));
        input.data = bytes(dissector.packet());
        input.dataOut = BpfFlowKeys.SIZE + CONTEXT_ROOM;
        input.repeat = dissector.repeat();
        if (dissector.flags() != 0) {
          input.context =
              struct(BpfFlowKeys.SIZE, Map.of(BpfFlowKeys.FLAGS, (long) dissector.flags()));
          input.contextWanted = true;
          input.contextSince = new KernelVersion(5, 4);
        }
        yield input;
      }
      case TestRun.SkLookup lookup -> {
        var input =
            new Input(
                "a choice of a socket",
                EnumSet.of(ProgramType.SK_LOOKUP),
                new KernelVersion(5, 13));
        input.context = struct(BpfSkLookup.SIZE, lookup.context());
        input.contextOut = BpfSkLookup.SIZE;
        input.repeat = lookup.repeat();
        yield input;
      }
      case TestRun.RawTracepoint tracepoint -> {
        var input =
            new Input(
                "a raw tracepoint",
                EnumSet.of(ProgramType.RAW_TRACEPOINT),
                new KernelVersion(5, 10));
        var arguments = tracepoint.arguments().stream().mapToLong(Long::longValue).toArray();
        input.context = bytes(MemorySegment.ofArray(arguments));
        tracepoint
            .cpu()
            .ifPresent(
                cpu -> {
                  input.flags = TestRunFlags.TEST_RUN_ON_CPU;
                  input.cpu = cpu;
                });
        yield input;
      }
      case TestRun.Syscall syscall -> {
        var input =
            new Input(
                "a syscall program", EnumSet.of(ProgramType.SYSCALL), new KernelVersion(5, 14));
        input.context = bytes(syscall.context());
        yield input;
      }
      case TestRun.Tracing() ->
          new Input(
              "the kernel's functions for tests",
              EnumSet.of(ProgramType.TRACING),
              new KernelVersion(5, 5));
      case TestRun.Netfilter netfilter -> {
        var input =
            new Input(
                "a netfilter hook", EnumSet.of(ProgramType.NETFILTER), new KernelVersion(6, 4));
        input.data = bytes(netfilter.packet());
        input.dataOut = input.data.length + ROOM;
        // The first bytes of struct nf_hook_state: the hook and the family.
        input.context = new byte[] {(byte) netfilter.hook(), (byte) netfilter.family()};
        input.repeat = netfilter.repeat();
        yield input;
      }
    };
  }

  private static Input xdp(TestRun.Xdp run) {
    var input = new Input("an XDP packet", EnumSet.of(ProgramType.XDP), new KernelVersion(4, 12));
    int metadata = (int) run.metadata().byteSize();
    input.data = new byte[metadata + (int) run.packet().byteSize()];
    MemorySegment.copy(run.metadata(), ValueLayout.JAVA_BYTE, 0, input.data, 0, metadata);
    MemorySegment.copy(
        run.packet(), ValueLayout.JAVA_BYTE, 0, input.data, metadata, input.data.length - metadata);
    input.repeat = run.repeat();
    input.contextSince = new KernelVersion(5, 15);
    input.contextWanted = !run.context().isEmpty() || metadata > 0;
    var fields = new HashMap<>(run.context());
    fields.put(XdpMd.DATA, (long) metadata);
    fields.put(XdpMd.DATA_END, (long) input.data.length);
    input.context = struct(XdpMd.SIZE, fields);
    if (run.live().isPresent()) {
      input.flags = TestRunFlags.TEST_XDP_LIVE_FRAMES;
      input.flagsSince = new KernelVersion(5, 18);
      input.batch = run.live().getAsInt();
    } else {
      input.contextOut = XdpMd.SIZE;
      input.dataOut = input.data.length + run.room();
    }
    return input;
  }

  private static Input skb(TestRun.Skb run) {
    var input = new Input("a packet", SKB, new KernelVersion(4, 12));
    input.data = bytes(run.packet());
    input.dataOut = input.data.length + run.room();
    input.repeat = run.repeat();
    input.contextSince = new KernelVersion(5, 2);
    input.contextWanted = !run.context().isEmpty();
    input.context = struct(SkBuff.SIZE, run.context());
    input.contextOut = SkBuff.SIZE;
    if (run.checksumComplete()) {
      input.flags = TestRunFlags.TEST_SKB_CHECKSUM_COMPLETE;
      input.flagsSince = new KernelVersion(6, 11);
    }
    return input;
  }

  private static byte[] bytes(MemorySegment segment) {
    return segment.toArray(ValueLayout.JAVA_BYTE);
  }

  private static <S> byte[] struct(int size, Map<Field<S>, Long> fields) {
    var bytes = new byte[size];
    var struct = MemorySegment.ofArray(bytes);
    fields.forEach(
        (field, value) -> {
          switch (field.size()) {
            case B -> bytes[field.offset()] = value.byteValue();
            case H ->
                struct.set(ValueLayout.JAVA_SHORT_UNALIGNED, field.offset(), value.shortValue());
            case W -> struct.set(ValueLayout.JAVA_INT_UNALIGNED, field.offset(), value.intValue());
            case DW -> struct.set(ValueLayout.JAVA_LONG_UNALIGNED, field.offset(), value);
          }
        });
    return bytes;
  }

  TestRunResult<C> result() {
    input.forget(program.kernel().release());
    try (var arena = Arena.ofConfined()) {
      var data = arena.allocate(Math.max(1, input.dataOut));
      var context = arena.allocate(input.contextOut + CONTEXT_ROOM);
      var contextIn = copy(arena, input.context);
      var attr = BpfAttr.allocate(arena, input.attrSize());
      int result = 0;
      for (int i = 0; i < ATTEMPTS; i++) {
        describe(attr, copy(arena, input.data), data, contextIn, context);
        result = program.call(Cmd.PROG_TEST_RUN, attr, Attr.ProgTestRun.PROG_FD);
        if (result != -Errno.EINTR) {
          break;
        }
      }
      if (result < 0) {
        throw failure(attr).exception(result);
      }
      return result(attr, data, contextIn, context);
    }
  }

  private static MemorySegment copy(Arena arena, byte[] bytes) {
    return arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
  }

  private void describe(
      BpfAttr attr,
      MemorySegment dataIn,
      MemorySegment dataOut,
      MemorySegment contextIn,
      MemorySegment contextOut) {
    attr.u32(Attr.ProgTestRun.REPEAT, input.repeat);
    if (input.data.length > 0) {
      attr.u32(Attr.ProgTestRun.DATA_SIZE_IN, input.data.length)
          .pointer(Attr.ProgTestRun.DATA_IN, dataIn);
    }
    if (input.dataOut > 0) {
      attr.u32(Attr.ProgTestRun.DATA_SIZE_OUT, input.dataOut)
          .pointer(Attr.ProgTestRun.DATA_OUT, dataOut);
    }
    if (input.context.length > 0) {
      MemorySegment.copy(
          input.context, 0, contextIn, ValueLayout.JAVA_BYTE, 0, input.context.length);
      attr.u32(Attr.ProgTestRun.CTX_SIZE_IN, input.context.length)
          .pointer(Attr.ProgTestRun.CTX_IN, contextIn);
    }
    if (input.contextOut > 0) {
      attr.u32(Attr.ProgTestRun.CTX_SIZE_OUT, (int) contextOut.byteSize())
          .pointer(Attr.ProgTestRun.CTX_OUT, contextOut);
    }
    if (input.flags != 0) {
      attr.u32(Attr.ProgTestRun.FLAGS, input.flags).u32(Attr.ProgTestRun.CPU, input.cpu);
    }
    if (input.batch != 0) {
      attr.u32(Attr.ProgTestRun.BATCH_SIZE, input.batch);
    }
  }

  private TestRunResult<C> result(
      BpfAttr attr, MemorySegment data, MemorySegment contextIn, MemorySegment contextOut) {
    var packet = new byte[0];
    if (input.dataOut > 0) {
      packet = bytes(data.asSlice(0, attr.u32(Attr.ProgTestRun.DATA_SIZE_OUT)));
    }
    var context = new byte[0];
    if (input.contextOut > 0) {
      context = bytes(contextOut.asSlice(0, attr.u32(Attr.ProgTestRun.CTX_SIZE_OUT)));
    } else if (run instanceof TestRun.Syscall) {
      context = bytes(contextIn);
    } else if (run instanceof TestRun.FlowDissector) {
      context = packet;
      packet = new byte[0];
    }
    int metadata = metadata(context);
    return new TestRunResult<>(
        attr.u32(Attr.ProgTestRun.RETVAL),
        Integer.toUnsignedLong(attr.u32(Attr.ProgTestRun.DURATION)),
        Arrays.copyOf(packet, metadata),
        Arrays.copyOfRange(packet, metadata, packet.length),
        context);
  }

  /** How many bytes of metadata lie in front of an XDP packet. */
  private int metadata(byte[] context) {
    return run instanceof TestRun.Xdp && context.length > 0
        ? MemorySegment.ofArray(context).get(ValueLayout.JAVA_INT_UNALIGNED, XdpMd.DATA.offset())
        : 0;
  }

  private Failure failure(BpfAttr attr) {
    var failure =
        Failure.of(program.kernel(), Cmd.PROG_TEST_RUN, program.title())
            .needs(EnumSet.of(Capability.CAP_BPF))
            .feature("a test run of " + input.name, input.since)
            .hint(
                Errno.ENOTSUPP,
                "this kernel does not run a %s on request".formatted(program.type().kernelName()))
            .hint(Errno.EINTR, "signals kept interrupting it; is a profiler running?")
            .hint(Errno.ENXIO, "CPU " + input.cpu + " is not there or not online")
            .hint(Errno.EINVAL, this::invalid)
            .hint(
                Errno.ENOSPC,
                "the packet has %d bytes now, and there was room for %d; withRoom(…) gives more"
                    .formatted(attr.u32(Attr.ProgTestRun.DATA_SIZE_OUT), input.dataOut));
    if (input.contextWanted) {
      failure.feature("a context in a test run of " + input.name, input.contextSince);
    }
    if (input.flags != 0) {
      failure.feature("flags 0x%x in a test run".formatted(input.flags), input.flagsSince);
    }
    return failure;
  }

  private String invalid() {
    return switch (run) {
      case TestRun.Xdp _ ->
          "the packet is too long for one buffer, the program is bound to a device or a map, or no"
              + " interface has that index and queue";
      case TestRun.Skb _ -> "the packet is too long, or a field of the context may not be set";
      case TestRun.SkLookup _ -> "the addresses do not fit the family";
      case TestRun.RawTracepoint tracepoint ->
          "the program reads more than %d arguments".formatted(tracepoint.arguments().size());
      case TestRun.Syscall syscall ->
          "the program touches more than %d bytes of context"
              .formatted(syscall.context().byteSize());
      case TestRun.Netfilter _ -> "the packet is not one of that family and hook";
      case TestRun.FlowDissector _, TestRun.Tracing() -> "the kernel does not say why";
    };
  }
}
