package io.github.purebpf.bpf.features;

import io.github.purebpf.bpf.error.Capability;
import io.github.purebpf.bpf.error.MissingPrivilegeException;
import io.github.purebpf.bpf.internal.failure.Failure;
import io.github.purebpf.bpf.internal.sys.Attr;
import io.github.purebpf.bpf.internal.sys.BpfAttr;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.bpf.internal.sys.Fd;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.btf.ProgramBtf;
import io.github.purebpf.insn.KernelVersion;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.IntFunction;

/** Asks a kernel for things, leaves nothing of them behind, and reads what its answers mean. */
final class Trial {
  static final Outcome AVAILABLE = new Outcome.Available();

  /** As {@code fd}: never a descriptor, and no number of a network interface. */
  static final int NOTHING = -1;

  /** EAGAIN means that a signal was pending. */
  private static final int ATTEMPTS = 16;

  private static final int LOG = 16 * 1024;
  private static final KernelVersion MEMCG = new KernelVersion(5, 11);

  private final Kernel kernel;
  private final int kernVersion;

  /**
   * One on a kernel.
   *
   * @param kernVersion what programs for kprobes had to name before Linux 5.0
   */
  Trial(Kernel kernel, int kernVersion) {
    this.kernel = kernel;
    this.kernVersion = kernVersion;
  }

  /**
   * What is tried.
   *
   * @param command the command that decides
   * @param since the first kernel that has it
   * @param needs the capabilities it takes
   */
  record Subject(Cmd command, KernelVersion since, Set<Capability> needs) {}

  /**
   * What a refused load came to.
   *
   * @param result the errno, negated
   * @param log what the verifier said; empty if the kernel did not ask it
   */
  record Refusal(int result, String log) {}

  // Attempts: each returns a descriptor or a negated errno.

  int bpf(Cmd command, BpfAttr attr) {
    int result = kernel.bpf(command, attr);
    for (int i = 1; i < ATTEMPTS && result == -Errno.EAGAIN; i++) {
      result = kernel.bpf(command, attr);
    }
    return result;
  }

  /** The same of a command that makes a descriptor. */
  private int make(Cmd command, BpfAttr attr) {
    return Fd.offStandardStreams(kernel, bpf(command, attr));
  }

  void close(int fd) {
    if (fd >= 0) {
      kernel.close(fd);
    }
  }

  int createMap(int size, Consumer<BpfAttr> fill) {
    try (var arena = Arena.ofConfined()) {
      var attr = BpfAttr.allocate(arena, size);
      fill.accept(attr);
      return make(Cmd.MAP_CREATE, attr);
    }
  }

  int loadBtf(byte[] bytes) {
    try (var arena = Arena.ofConfined()) {
      var attr =
          BpfAttr.allocate(arena, Attr.BtfLoad.BTF_LOG_LEVEL)
              .pointer(Attr.BtfLoad.BTF, arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes))
              .u32(Attr.BtfLoad.BTF_SIZE, bytes.length);
      return make(Cmd.BTF_LOAD, attr);
    }
  }

  int load(Candidate program) {
    try (var arena = Arena.ofConfined()) {
      return make(Cmd.PROG_LOAD, attr(arena, program));
    }
  }

  /** Loads a program that has been refused once more, for the words; closes it if it loads now. */
  Refusal askWhy(Candidate program) {
    try (var arena = Arena.ofConfined()) {
      var log = arena.allocate(LOG);
      var attr =
          attr(arena, program)
              .u32(Attr.ProgLoad.LOG_LEVEL, 1)
              .u32(Attr.ProgLoad.LOG_SIZE, LOG)
              .pointer(Attr.ProgLoad.LOG_BUF, log);
      int result = make(Cmd.PROG_LOAD, attr);
      close(result);
      return new Refusal(result, text(log));
    }
  }

  private static String text(MemorySegment log) {
    byte[] bytes = log.toArray(ValueLayout.JAVA_BYTE);
    int length = 0;
    while (length < bytes.length && bytes[length] != 0) {
      length++;
    }
    return new String(bytes, 0, length, StandardCharsets.UTF_8);
  }

  private BpfAttr attr(Arena arena, Candidate program) {
    byte[] insns = program.code().encode(ByteOrder.nativeOrder());
    var code = arena.allocate(insns.length, 8).copyFrom(MemorySegment.ofArray(insns));
    var attr =
        BpfAttr.allocate(arena, Attr.ProgLoad.ATTACH_PROG_FD + Integer.BYTES)
            .u32(Attr.ProgLoad.PROG_TYPE, program.type().value())
            .u32(Attr.ProgLoad.INSN_CNT, insns.length / 8)
            .pointer(Attr.ProgLoad.INSNS, code)
            .pointer(Attr.ProgLoad.LICENSE, arena.allocateFrom("GPL"))
            .u32(Attr.ProgLoad.KERN_VERSION, kernVersion)
            .u32(Attr.ProgLoad.PROG_FLAGS, program.flags())
            .u32(Attr.ProgLoad.EXPECTED_ATTACH_TYPE, program.attachType())
            .u32(Attr.ProgLoad.ATTACH_BTF_ID, program.targetType())
            .u32(Attr.ProgLoad.ATTACH_PROG_FD, program.targetFd());
    if (program.source() != null) {
      attr.u32(Attr.ProgLoad.PROG_BTF_FD, program.source().btfFd())
          .u32(Attr.ProgLoad.FUNC_INFO_REC_SIZE, ProgramBtf.FuncInfo.SIZE)
          .pointer(
              Attr.ProgLoad.FUNC_INFO,
              arena.allocateFrom(ValueLayout.JAVA_INT, 0, program.source().function()))
          .u32(Attr.ProgLoad.FUNC_INFO_CNT, 1);
    }
    return attr;
  }

  // Outcomes.

  /** Whether a program can be loaded. */
  Outcome loads(Candidate program, Subject subject) {
    return with(program, subject, _ -> AVAILABLE);
  }

  /** The outcome of what is done with a loaded program. */
  Outcome with(Candidate program, Subject subject, IntFunction<Outcome> use) {
    return with(load(program), subject, use);
  }

  /** The outcome of what is done with a descriptor; a refusal if there is none. */
  Outcome with(int fd, Subject subject, IntFunction<Outcome> use) {
    if (fd < 0) {
      return refused(fd, subject);
    }
    try {
      return use.apply(fd);
    } finally {
      close(fd);
    }
  }

  /** What a refusal means. */
  Outcome refused(int result, Subject subject) {
    int errno = -result;
    String name = Errno.name(errno);
    return switch (errno) {
      case Errno.EPERM -> forbidden(subject);
      case Errno.EINVAL, Errno.E2BIG, Errno.ENOSYS, Errno.ENOTSUPP, Errno.EOPNOTSUPP ->
          missing(subject.since(), name);
      case Errno.ENOMEM -> new Outcome.Unknown(memlockMatters() ? name + ": " + MEMLOCK : name);
      default -> new Outcome.Unknown(name);
    };
  }

  static final String MEMLOCK =
      "RLIMIT_MEMLOCK may be too low, which counts before Linux 5.11; Memlock.raise() lifts it, as"
          + " do ulimit -l unlimited and LimitMEMLOCK=infinity";

  boolean memlockMatters() {
    return kernel.release().compareTo(MEMCG) < 0;
  }

  /** Not there, for the reason that the release suggests. */
  Outcome missing(KernelVersion since, String evidence) {
    return absent(since, "this kernel is built without it (%s)".formatted(evidence));
  }

  /** Not there, for this reason if the kernel is not too old. */
  Outcome absent(KernelVersion since, String reason) {
    return new Outcome.Missing(
        kernel.release().compareTo(since) < 0 ? "needs Linux " + since : reason);
  }

  private Outcome forbidden(Subject subject) {
    var refusal =
        Failure.of(kernel, subject.command(), "it").needs(subject.needs()).exception(-Errno.EPERM);
    if (refusal instanceof MissingPrivilegeException lacking) {
      String words = lacking.getMessage();
      return new Outcome.Forbidden(lacking.needed(), words.substring(words.indexOf("needs")));
    }
    return new Outcome.Forbidden(
        Set.of(),
        "refused by this kernel's policy, EPERM although the capabilities are there"
            + (kernel.privileges().seccomp() ? "; a seccomp filter is installed" : "")
            + (memlockMatters() ? "; " + MEMLOCK : ""));
  }
}
