package io.github.purebpf.bpf.features;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.bpf.features.Targets.Name;
import io.github.purebpf.bpf.internal.failure.Needs;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.btf.ProgramBtf;
import io.github.purebpf.insn.KernelVersion;
import io.github.purebpf.uapi.AttachType;
import io.github.purebpf.uapi.Helper;
import io.github.purebpf.uapi.ProgramFlags;
import io.github.purebpf.uapi.ProgramType;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;

/** Loads programs to see which kinds there are, for which hooks, and what they may call. */
final class ProgramProbes {
  private static final BpfCode ZERO = ProbeCode.returning(0);

  /** Lets through whatever it is asked about. */
  private static final BpfCode PASS = ProbeCode.returning(1);

  /** {@code XDP_PASS}. */
  private static final BpfCode XDP_PASS = ProbeCode.returning(2);

  private final Trial trial;
  private final Path vmlinux;
  private volatile Targets targets;

  ProgramProbes(Trial trial, Path vmlinux) {
    this.trial = trial;
    this.vmlinux = vmlinux;
  }

  static Trial.Subject subject(ProgramType type) {
    return subject(type, type.since());
  }

  /** A program type with something that it needs and that is younger. */
  static Trial.Subject subject(ProgramType type, KernelVersion since) {
    return new Trial.Subject(Cmd.PROG_LOAD, since, Needs.of(type));
  }

  /** Whether a program of a type can be loaded. */
  Outcome probe(ProgramType type) {
    return with(type, program -> judge(program, subject(type)));
  }

  /**
   * Loads a program. A verdict of the verifier, even against it, shows that the type is there; only
   * EPERM says nothing.
   */
  private Outcome judge(Candidate program, Trial.Subject subject) {
    var outcome = trial.loads(program, subject);
    if (!(outcome instanceof Outcome.Missing)) {
      return outcome;
    }
    var refusal = trial.askWhy(program);
    return refusal.log().isEmpty() && refusal.result() < 0 ? outcome : Trial.AVAILABLE;
  }

  /** The outcome of what is done with a program of a type that every kernel with the type takes. */
  private Outcome with(ProgramType type, Function<Candidate, Outcome> use) {
    return switch (type) {
      case TRACING ->
          target(Name.TRACEPOINT, id -> use.apply(tracing(AttachType.TRACE_RAW_TP, id)));
      case LSM -> target(Name.LSM_HOOK, id -> use.apply(lsm(AttachType.LSM_MAC, id)));
      case STRUCT_OPS ->
          target(
              Name.STRUCT,
              id ->
                  use.apply(
                      Candidate.of(type, ZERO).withAttachType(targets.member()).withTarget(id, 0)));
      case EXT -> withReplaceableProgram(use);
      default -> use.apply(plain(type));
    };
  }

  /** A program of a type that needs nothing but itself. */
  static Candidate plain(ProgramType type) {
    return switch (type) {
      case CGROUP_SOCK_ADDR -> expecting(type, PASS, AttachType.CGROUP_INET4_CONNECT);
      case CGROUP_SOCKOPT -> expecting(type, PASS, AttachType.CGROUP_SETSOCKOPT);
      case SK_LOOKUP -> expecting(type, PASS, AttachType.SK_LOOKUP);
      case NETFILTER -> expecting(type, PASS, AttachType.NETFILTER);
      case CGROUP_SKB, CGROUP_SOCK, CGROUP_DEVICE, CGROUP_SYSCTL, SOCK_OPS ->
          Candidate.of(type, PASS);
      case XDP -> Candidate.of(type, XDP_PASS);
      case SYSCALL -> Candidate.of(type, ZERO).withFlags(ProgramFlags.SLEEPABLE);
      default -> Candidate.of(type, ZERO);
    };
  }

  private static Candidate expecting(ProgramType type, BpfCode code, AttachType attachType) {
    return Candidate.of(type, code).withAttachType(attachType.value());
  }

  private static Candidate tracing(AttachType attachType, int target) {
    return expecting(ProgramType.TRACING, ZERO, attachType).withTarget(target, 0);
  }

  private static Candidate lsm(AttachType attachType, int target) {
    var code = attachType == AttachType.LSM_CGROUP ? PASS : ZERO;
    return expecting(ProgramType.LSM, code, attachType).withTarget(target, 0);
  }

  /** Whether a program that goes in between a function and its callers can be loaded. */
  Outcome trampoline(AttachType type, Name target, KernelVersion since) {
    return tracing(type, target, program -> trial.loads(program, subject(program.type(), since)));
  }

  /** The outcome of what is done with a program for something in the kernel. */
  Outcome tracing(AttachType type, Name target, Function<Candidate, Outcome> use) {
    boolean lsm = type == AttachType.LSM_MAC || type == AttachType.LSM_CGROUP;
    return target(target, id -> use.apply(lsm ? lsm(type, id) : tracing(type, id)));
  }

  /** The outcome of what is done with the number of something in the kernel. */
  Outcome target(Name name, Function<Integer, Outcome> use) {
    try {
      if (targets == null) {
        targets = Targets.read(vmlinux);
      }
    } catch (IOException e) {
      return new Outcome.Unknown(
          vmlinux + " cannot be read: the kernel needs CONFIG_DEBUG_INFO_BTF, and sysfs mounted");
    }
    var id = targets.ids().get(name);
    return id == null
        ? new Outcome.Missing("this kernel is built without " + name.symbol())
        : use.apply(id);
  }

  /** What replaces a function of another program needs that program. */
  private Outcome withReplaceableProgram(Function<Candidate, Outcome> use) {
    var subject = subject(ProgramType.EXT);
    return withNamedFunction(
        XDP_PASS,
        subject,
        source ->
            trial.with(
                Candidate.of(ProgramType.XDP, XDP_PASS).withSource(source),
                subject,
                fd ->
                    use.apply(
                        Candidate.of(ProgramType.EXT, XDP_PASS)
                            .withSource(source)
                            .withTarget(source.function(), fd))));
  }

  /** The outcome of what is done with the name of a program's function in the kernel. */
  Outcome withNamedFunction(
      BpfCode code, Trial.Subject subject, Function<Candidate.Source, Outcome> use) {
    var source = ProgramBtf.of(code, "probe");
    return trial.with(
        trial.loadBtf(source.types().build(ByteOrder.nativeOrder())),
        subject,
        fd -> use.apply(new Candidate.Source(fd, source.functions().getFirst().type())));
  }

  /**
   * Whether a program of a type may call a helper: the verifier looks at that before it looks at
   * the arguments, which are wrong here.
   */
  Outcome probe(Helper helper, ProgramType type) {
    return with(type, program -> call(helper, program));
  }

  private Outcome call(Helper helper, Candidate program) {
    var refusal = trial.askWhy(program.withCode(ProbeCode.call(helper)));
    if (refusal.result() >= 0) {
      return Trial.AVAILABLE;
    }
    var subject = subject(program.type(), later(helper.since(), program.type().since()));
    if (refusal.log().isEmpty() || refusal.result() == -Errno.EPERM) {
      return trial.refused(refusal.result(), subject);
    }
    return notAllowed(refusal.log())
        .map(words -> trial.absent(subject.since(), words))
        .orElse(Trial.AVAILABLE);
  }

  /** The words by which kernels of all ages say that there is no such helper for a program. */
  private static Optional<String> notAllowed(String log) {
    return log.lines()
        .filter(
            line ->
                line.startsWith("unknown func ")
                    || line.startsWith("invalid func ")
                    || line.startsWith("program of this type cannot use helper ")
                    || line.startsWith("helper call is not allowed in probe"))
        .findFirst();
  }

  private static KernelVersion later(KernelVersion a, KernelVersion b) {
    return a.compareTo(b) > 0 ? a : b;
  }
}
