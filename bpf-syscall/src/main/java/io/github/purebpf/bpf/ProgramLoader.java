package io.github.purebpf.bpf;

import io.github.purebpf.bpf.error.BpfException;
import io.github.purebpf.bpf.error.Capability;
import io.github.purebpf.bpf.error.VerifierException;
import io.github.purebpf.bpf.internal.failure.Failure;
import io.github.purebpf.bpf.internal.sys.Attr;
import io.github.purebpf.bpf.internal.sys.BpfAttr;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.bpf.internal.sys.Fd;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.insn.SourceLine;
import io.github.purebpf.text.KernelText;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.EnumSet;
import java.util.Set;

/**
 * Loads one program: first without a log, which costs nothing when the verifier accepts it, and if
 * it does not, again with one.
 */
final class ProgramLoader {
  /** EAGAIN means that a signal was pending; a profiler may send them faster than we load. */
  private static final int ATTEMPTS = 16;

  private static final int FIRST_LOG = 64 * 1024;

  /** A quarter of what kernels of all ages take, and enough for a million instructions. */
  private static final int LARGEST_LOG = 256 * 1024 * 1024;

  private static final int TERSE = 1;

  private final Kernel kernel;
  private final ProgramSpec spec;
  private final byte[] insns;

  ProgramLoader(Kernel kernel, ProgramSpec spec, byte[] insns) {
    this.kernel = kernel;
    this.spec = spec;
    this.insns = insns;
  }

  /** The new program's descriptor. */
  int load() {
    try (var info = spec.sourceInfo() ? SourceInfo.load(kernel, spec) : null) {
      return load(info);
    }
  }

  private int load(SourceInfo info) {
    int quiet = tryLoad(info);
    return quiet >= 0 ? quiet : loadWithLog(info, quiet);
  }

  /**
   * The new program's descriptor, or a negated errno.
   *
   * @param info null for none
   */
  int tryLoad(SourceInfo info) {
    try (var arena = Arena.ofConfined()) {
      return attempt(attr(arena, info));
    }
  }

  private int loadWithLog(SourceInfo info, int quiet) {
    int size = FIRST_LOG;
    while (true) {
      try (var arena = Arena.ofConfined()) {
        var log = arena.allocate(size);
        var attr =
            attr(arena, info)
                .u32(Attr.ProgLoad.LOG_LEVEL, TERSE)
                .u32(Attr.ProgLoad.LOG_SIZE, size)
                .pointer(Attr.ProgLoad.LOG_BUF, log);
        int result = attempt(attr);
        if (result >= 0) {
          return result;
        }
        int needed = attr.u32(Attr.ProgLoad.LOG_TRUE_SIZE);
        boolean complete = needed > 0 && needed <= size;
        if (result == -Errno.ENOSPC && !complete && size < LARGEST_LOG) {
          // Kernels before 6.4 do not say how much they need.
          size = Math.clamp(Math.max(needed, 4L * size), 1, LARGEST_LOG);
          continue;
        }
        var verdict = VerifierLog.of(log);
        boolean silent = result == -Errno.EINVAL || result == -Errno.E2BIG;
        if (info != null
            && silent
            && verdict.reason().isEmpty()
            && !SourceInfo.isSupported(kernel)) {
          return load(null);
        }
        throw rejected(quiet, result, verdict);
      }
    }
  }

  private int attempt(BpfAttr attr) {
    int result = kernel.bpf(Cmd.PROG_LOAD, attr);
    for (int i = 1; i < ATTEMPTS && result == -Errno.EAGAIN; i++) {
      result = kernel.bpf(Cmd.PROG_LOAD, attr);
    }
    return Fd.offStandardStreams(kernel, result);
  }

  private BpfAttr attr(Arena arena, SourceInfo info) {
    MemorySegment code = arena.allocate(insns.length, 8);
    MemorySegment.copy(insns, 0, code, ValueLayout.JAVA_BYTE, 0, insns.length);
    var attr =
        BpfAttr.allocate(arena, Attr.ProgLoad.LOG_TRUE_SIZE + Integer.BYTES)
            .u32(Attr.ProgLoad.PROG_TYPE, spec.type().value())
            .u32(Attr.ProgLoad.INSN_CNT, insns.length / 8)
            .pointer(Attr.ProgLoad.INSNS, code)
            .pointer(Attr.ProgLoad.LICENSE, arena.allocateFrom(spec.license()))
            .u32(Attr.ProgLoad.PROG_FLAGS, spec.flags())
            .name(Attr.ProgLoad.PROG_NAME, spec.name())
            .u32(
                Attr.ProgLoad.EXPECTED_ATTACH_TYPE,
                spec.attachType().map(type -> type.value()).orElse(0));
    if (info != null) {
      info.describe(attr, arena);
    }
    return attr;
  }

  /** A log means that the verifier said no; without one the kernel did not get that far. */
  private BpfException rejected(int quiet, int result, VerifierLog log) {
    String reason = log.reason();
    if (!reason.isEmpty()) {
      return verdict(quiet == -Errno.ENOSPC ? quiet : result, log, reason);
    }
    var failure =
        Failure.of(kernel, Cmd.PROG_LOAD, "program " + spec.name())
            .needs(needed())
            .feature(spec.type().kernelName(), spec.type().since())
            .hint(Errno.EAGAIN, "signals kept interrupting it; is a profiler running?")
            .hint(Errno.E2BIG, "it has %d slots, too many".formatted(insns.length / 8))
            .hint(
                Errno.EINVAL,
                "type %s, attach type %s or flags 0x%x do not go together"
                    .formatted(
                        spec.type().kernelName(),
                        spec.attachType().map(type -> type.kernelName()).orElse("none"),
                        spec.flags()));
    spec.attachType().ifPresent(type -> failure.feature(type.kernelName(), type.since()));
    return failure.exception(quiet);
  }

  private VerifierException verdict(int result, VerifierLog log, String reason) {
    var message =
        new StringBuilder(
            "the verifier rejected program %s (%s): %s"
                .formatted(spec.name(), Errno.name(-result), reason));
    SourceLine line = null;
    var slot = log.slot();
    if (slot.isPresent() && slot.getAsInt() < spec.code().slots()) {
      line = spec.code().sourceLine(slot.getAsInt()).orElse(null);
      message.append("; at ");
      if (line != null) {
        message.append(line).append(", ");
      }
      message.append("slot ").append(slot.getAsInt()).append(": ");
      message.append(log.insn().orElseGet(() -> insnAt(slot.getAsInt())));
    } else if (log.source().isPresent()) {
      line = log.source().get();
      message.append("; at ").append(line);
    }
    return new VerifierException(message.toString(), -result, log.text(), reason, line);
  }

  /** For the verdicts that come before the verifier prints instructions. */
  private String insnAt(int slot) {
    int next = 0;
    for (var insn : spec.code().insns()) {
      next += insn.slots();
      if (slot < next) {
        return KernelText.print(insn);
      }
    }
    throw new AssertionError("slot " + slot + " of " + next);
  }

  private Set<Capability> needed() {
    return switch (spec.type()) {
      case SOCKET_FILTER -> EnumSet.of(Capability.CAP_BPF);
      case KPROBE, TRACEPOINT, PERF_EVENT, RAW_TRACEPOINT, RAW_TRACEPOINT_WRITABLE, TRACING, LSM ->
          EnumSet.of(Capability.CAP_BPF, Capability.CAP_PERFMON);
      case SYSCALL, STRUCT_OPS, EXT -> EnumSet.of(Capability.CAP_BPF);
      default -> EnumSet.of(Capability.CAP_BPF, Capability.CAP_NET_ADMIN);
    };
  }
}
