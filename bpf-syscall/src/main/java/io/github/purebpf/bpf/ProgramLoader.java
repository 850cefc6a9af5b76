package io.github.purebpf.bpf;

import io.github.purebpf.bpf.LoadOptions.LogLevel;
import io.github.purebpf.bpf.error.BpfException;
import io.github.purebpf.bpf.error.VerifierException;
import io.github.purebpf.bpf.internal.failure.Failure;
import io.github.purebpf.bpf.internal.failure.Needs;
import io.github.purebpf.bpf.internal.sys.Attr;
import io.github.purebpf.bpf.internal.sys.BpfAttr;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.bpf.internal.sys.Fd;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.insn.KernelVersion;
import io.github.purebpf.insn.SourceLine;
import io.github.purebpf.text.KernelText;
import io.github.purebpf.uapi.AttachType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * Loads one program: first without a log, which costs nothing when the verifier accepts it, and if
 * it does not, again with one.
 */
final class ProgramLoader {
  /** EAGAIN means that a signal was pending; a profiler may send them faster than we load. */
  private static final int ATTEMPTS = 16;

  private static final int PLAIN = Attr.ProgLoad.LOG_TRUE_SIZE + Integer.BYTES;
  private static final int WITH_TOKEN = Attr.ProgLoad.PROG_TOKEN_FD + Integer.BYTES;

  private static final String DMESG = "see dmesg; another kernel may take the program";

  private static final int FIRST_LOG = 64 * 1024;

  /** Before, log_size could be no more than {@link #OLD_LARGEST_LOG}. */
  private static final KernelVersion LONG_LOGS = new KernelVersion(5, 2);

  private static final int OLD_LARGEST_LOG = 0xffffff;

  private final Kernel kernel;
  private final ProgramSpec spec;
  private final LoadOptions options;
  private final Kfuncs kfuncs;
  private final byte[] insns;
  private final BoundTarget target;

  /** The descriptor of the target's program while it is held, else 0. */
  private int targetFd;

  /** The descriptor of the token while it is held, else 0. */
  private int tokenFd;

  ProgramLoader(
      Kernel kernel, ProgramSpec spec, LoadOptions options, Kfuncs kfuncs, BoundTarget target) {
    this.kernel = kernel;
    this.spec = spec;
    this.options = options;
    this.kfuncs = kfuncs;
    this.insns = kfuncs.code().encode(ByteOrder.nativeOrder());
    this.target = target;
  }

  /**
   * A program that the verifier has accepted.
   *
   * @param fd its descriptor
   * @param log what the verifier wrote, if that was asked for
   */
  record Loaded(int fd, String log) {}

  /** Loads it. */
  Loaded load() {
    return BpfToken.using(
        options.token().orElse(null),
        fd -> {
          tokenFd = fd;
          return loadForTarget();
        });
  }

  private Loaded loadForTarget() {
    if (target.program() == null) {
      return loadWithSource();
    }
    return target
        .program()
        .withFd(
            fd -> {
              targetFd = fd;
              return loadWithSource();
            });
  }

  private Loaded loadWithSource() {
    try (var info = spec.sourceInfo() ? SourceInfo.load(kernel, spec, tokenFd) : null) {
      return load(info);
    }
  }

  private Loaded load(SourceInfo info) {
    if (options.log() != LogLevel.NONE) {
      return loadWithLog(info, options.log(), 0);
    }
    int quiet = tryLoad(info);
    return quiet >= 0 ? new Loaded(quiet, "") : loadWithLog(info, LogLevel.LEVEL1, quiet);
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

  /**
   * Loads it with a log that grows until all of it fits.
   *
   * @param quiet how a load without a log has failed; 0 if there was none
   */
  private Loaded loadWithLog(SourceInfo info, LogLevel level, int quiet) {
    int largest = options.largestLog();
    int size = Math.min(FIRST_LOG, largest);
    while (true) {
      try (var arena = Arena.ofConfined()) {
        var buffer = arena.allocate(size);
        var attr =
            attr(arena, info)
                .u32(Attr.ProgLoad.LOG_LEVEL, level.bits())
                .u32(Attr.ProgLoad.LOG_SIZE, size)
                .pointer(Attr.ProgLoad.LOG_BUF, buffer);
        int result = attempt(attr);
        int needed = attr.u32(Attr.ProgLoad.LOG_TRUE_SIZE);
        if (result < 0 && isCut(result, needed, buffer) && size < largest) {
          if (kernel.release().compareTo(LONG_LOGS) < 0) {
            largest = Math.min(largest, OLD_LARGEST_LOG);
          }
          // Kernels before 6.4 do not say how much they need.
          int next = Math.clamp(Math.max(Integer.toUnsignedLong(needed), 4L * size), 1, largest);
          if (next > size) {
            size = next;
            continue;
          }
        }
        var log = VerifierLog.of(buffer);
        if (result >= 0) {
          return new Loaded(result, log.text());
        }
        if (result == -Errno.ENOSPC && quiet == 0) {
          // The log that was asked for is too long; the program may be right.
          quiet = tryLoad(info);
          if (quiet >= 0) {
            return new Loaded(quiet, log.text());
          }
        }
        boolean silent = result == -Errno.EINVAL || result == -Errno.E2BIG;
        if (info != null && silent && log.reason().isEmpty() && !SourceInfo.isSupported(kernel)) {
          return load(null);
        }
        throw rejected(quiet == 0 ? result : quiet, result, log);
      }
    }
  }

  /**
   * Whether the log did not fit. ENOSPC says so, but a program that is too large may be the reason
   * for it, too, and a bug of the verifier puts EFAULT in its place.
   */
  private static boolean isCut(int result, int needed, MemorySegment log) {
    if (needed != 0) {
      return Integer.compareUnsigned(needed, (int) log.byteSize()) > 0;
    }
    return result == -Errno.ENOSPC
        || (result == -Errno.EFAULT && log.get(ValueLayout.JAVA_BYTE, log.byteSize() - 2) != 0);
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
        BpfAttr.allocate(arena, tokenFd == 0 ? PLAIN : WITH_TOKEN)
            .u32(Attr.ProgLoad.PROG_TYPE, spec.type().value())
            .u32(Attr.ProgLoad.INSN_CNT, insns.length / 8)
            .pointer(Attr.ProgLoad.INSNS, code)
            .pointer(Attr.ProgLoad.LICENSE, arena.allocateFrom(spec.license()))
            .u32(Attr.ProgLoad.PROG_FLAGS, spec.flags())
            .name(Attr.ProgLoad.PROG_NAME, spec.name())
            .u32(Attr.ProgLoad.PROG_IFINDEX, options.interfaceIndex());
    if (tokenFd != 0) {
      attr.u32(Attr.ProgLoad.PROG_FLAGS, spec.flags() | BpfToken.FLAG)
          .u32(Attr.ProgLoad.PROG_TOKEN_FD, tokenFd);
    }
    target.describe(attr, targetFd);
    kfuncs.describe(attr, arena);
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
    if (result == -Errno.EFAULT && !log.text().isEmpty()) {
      return verdict(result, log, "the verifier itself failed, a bug of this kernel");
    }
    var failure =
        Failure.of(kernel, Cmd.PROG_LOAD, "program " + spec.name())
            .feature(spec.type().kernelName(), spec.type().since())
            .hint(Errno.EFAULT, "the verifier itself failed, a bug of this kernel; see dmesg")
            .hint(Errno.ENODEV, "no interface has the index " + options.interfaceIndex())
            .hint(Errno.EAGAIN, "signals kept interrupting it; is a profiler running?")
            .hint(Errno.E2BIG, "it has %d slots, too many".formatted(insns.length / 8))
            .hint(
                Errno.EINVAL,
                "type %s, attach type %s%s or flags 0x%x do not go together"
                    .formatted(
                        spec.type().kernelName(),
                        spec.attachType().map(type -> type.kernelName()).orElse("none"),
                        options.interfaceIndex() == 0
                            ? ""
                            : ", interface " + options.interfaceIndex(),
                        spec.flags()));
    spec.attachType().ifPresent(type -> failure.feature(type.kernelName(), type.since()));
    if (tokenFd == 0) {
      failure.needs(Needs.of(spec.type()));
    } else {
      BpfToken.explain(failure, "delegate_cmds, delegate_progs and delegate_attachs");
    }
    if (tokenFd == 0 && BoundTarget.needsTrampoline(spec)) {
      failure.hint(
          Errno.EPERM,
          "the capabilities are there; this kernel refuses programs that go in between a function"
              + " and its callers (fentry, fexit, LSM, freplace), as a hardened one may");
    }
    if (tokenFd == 0
        && spec.attachType().filter(type -> type == AttachType.TRACE_ITER).isPresent()) {
      failure.hint(
          Errno.EPERM,
          "the capabilities are there; this kernel refuses iterators of this kind, as a hardened one"
              + " may refuse those that can write what they go over (the elements of a map)");
    }
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
    String hint =
        VerifierHint.of(reason)
            .or(log::suggestion)
            .or(() -> result == -Errno.EFAULT ? Optional.of(DMESG) : Optional.empty())
            .orElse(null);
    if (hint != null) {
      message.append("; hint: ").append(hint);
    }
    return new VerifierException(message.toString(), -result, log.text(), reason, hint, line);
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
}
