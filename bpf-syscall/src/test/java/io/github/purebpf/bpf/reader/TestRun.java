package io.github.purebpf.bpf.reader;

import io.github.purebpf.asm.BpfBuilder;
import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.bpf.BpfProgram;
import io.github.purebpf.bpf.KernelMap;
import io.github.purebpf.bpf.ProgramSpec;
import io.github.purebpf.bpf.internal.sys.Attr;
import io.github.purebpf.bpf.internal.sys.BpfAttr;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.uapi.ProgramFlags;
import io.github.purebpf.uapi.ProgramType;
import io.github.purebpf.uapi.TestRunFlags;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.function.Consumer;

/** Runs programs without an event ({@code BPF_PROG_TEST_RUN}). */
final class TestRun {
  private TestRun() {}

  /** A program of type SYSCALL, with the context in r1. */
  static BpfProgram syscall(Consumer<? super BpfBuilder> body, KernelMap... maps) {
    var spec =
        new ProgramSpec(
            "reader_test",
            ProgramType.SYSCALL,
            Optional.empty(),
            BpfCode.build(body),
            "GPL",
            ProgramFlags.SLEEPABLE);
    return BpfProgram.load(spec, maps);
  }

  /** Runs a program of type SYSCALL, which may change the context; what it returns. */
  static int run(BpfProgram program, MemorySegment context) {
    try (var arena = Arena.ofConfined()) {
      return run(program, attr(arena, context));
    }
  }

  /** Runs a program of type RAW_TRACEPOINT on a CPU, in an interrupt there. */
  static int runOnCpu(BpfProgram program, MemorySegment arguments, int cpu) {
    try (var arena = Arena.ofConfined()) {
      return run(
          program,
          attr(arena, arguments)
              .u32(Attr.ProgTestRun.FLAGS, TestRunFlags.TEST_RUN_ON_CPU)
              .u32(Attr.ProgTestRun.CPU, cpu));
    }
  }

  private static BpfAttr attr(Arena arena, MemorySegment context) {
    var attr = BpfAttr.allocate(arena, Attr.ProgTestRun.SIZE);
    return context.byteSize() == 0
        ? attr
        : attr.u32(Attr.ProgTestRun.CTX_SIZE_IN, (int) context.byteSize())
            .pointer(Attr.ProgTestRun.CTX_IN, context);
  }

  private static int run(BpfProgram program, BpfAttr attr) {
    int result =
        program.withFd(
            fd -> Kernel.running().bpf(Cmd.PROG_TEST_RUN, attr.u32(Attr.ProgTestRun.PROG_FD, fd)));
    if (result < 0) {
      throw new AssertionError("BPF_PROG_TEST_RUN: " + Errno.name(-result));
    }
    return attr.u32(Attr.ProgTestRun.RETVAL);
  }
}
