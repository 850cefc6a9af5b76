package io.github.purebpf.bpf;

import io.github.purebpf.bpf.internal.failure.Failure;
import io.github.purebpf.bpf.internal.sys.Attr;
import io.github.purebpf.bpf.internal.sys.BpfAttr;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.insn.KernelVersion;
import io.github.purebpf.uapi.AttachType;
import io.github.purebpf.uapi.ProgramType;
import java.lang.foreign.Arena;
import java.util.Set;

/** Attaches programs to raw tracepoints and to what they were made for. */
final class TracingLinks {
  private static final KernelVersion RAW_TRACEPOINT_COOKIE = new KernelVersion(6, 10);
  private static final KernelVersion TARGET = new KernelVersion(5, 5);
  private static final KernelVersion TARGET_COOKIE = new KernelVersion(5, 19);

  private static final Suitability RAW_TRACEPOINT =
      new Suitability(
          "a raw tracepoint",
          Set.of(ProgramType.RAW_TRACEPOINT, ProgramType.RAW_TRACEPOINT_WRITABLE),
          Set.of(),
          false);

  private static final Suitability TARGETED =
      new Suitability(
          "the target of a program",
          Set.of(ProgramType.TRACING, ProgramType.LSM, ProgramType.EXT),
          Set.of(
              AttachType.TRACE_FENTRY,
              AttachType.TRACE_FEXIT,
              AttachType.MODIFY_RETURN,
              AttachType.TRACE_RAW_TP,
              AttachType.LSM_MAC),
          false);

  private TracingLinks() {}

  static BpfLink create(BpfProgram program, AttachPoint.RawTracepoint point) {
    RAW_TRACEPOINT.require(program);
    try (var arena = Arena.ofConfined()) {
      var attr =
          open(arena, point.cookie())
              .pointer(Attr.RawTracepointOpen.NAME, arena.allocateFrom(point.name()));
      return BpfLink.create(
          program,
          Cmd.RAW_TRACEPOINT_OPEN,
          attr,
          "the raw tracepoint " + point.name(),
          failure ->
              cookie(failure, point.cookie(), RAW_TRACEPOINT_COOKIE)
                  .hint(
                      Errno.ENOENT,
                      "this kernel has no such tracepoint; the names are those in"
                          + " /sys/kernel/tracing/available_events behind the colon, and sys_enter"
                          + " and sys_exit for all system calls")
                  .hint(Errno.EINVAL, "the program reads more than the tracepoint has"));
    }
  }

  private static BpfAttr open(Arena arena, long cookie) {
    return cookie == 0
        ? BpfAttr.allocate(arena, Attr.RawTracepointOpen.PROG_FD + Integer.BYTES)
        : BpfAttr.allocate(arena, Attr.RawTracepointOpen.COOKIE + Long.BYTES)
            .u64(Attr.RawTracepointOpen.COOKIE, cookie);
  }

  private static Failure cookie(Failure failure, long cookie, KernelVersion since) {
    return cookie == 0 ? failure : failure.feature("a cookie", since);
  }

  static BpfLink create(BpfProgram program, AttachPoint.Target point) {
    TARGETED.require(program);
    try (var arena = Arena.ofConfined()) {
      // The older command is enough without a cookie.
      boolean linkCreate = point.cookie() != 0;
      var attr =
          linkCreate
              ? BpfAttr.allocate(arena, Attr.LinkCreate.TRACING_COOKIE + Long.BYTES)
                  .u32(
                      Attr.LinkCreate.ATTACH_TYPE,
                      program.attachType().map(AttachType::value).orElse(0))
                  .u64(Attr.LinkCreate.TRACING_COOKIE, point.cookie())
              : open(arena, 0);
      return BpfLink.create(
          program,
          linkCreate ? Cmd.LINK_CREATE : Cmd.RAW_TRACEPOINT_OPEN,
          attr,
          "what it was made for",
          failure ->
              cookie(
                      failure.feature("programs with a target", TARGET),
                      point.cookie(),
                      TARGET_COOKIE)
                  .hint(Errno.EBUSY, "another program that tolerates no second is attached there")
                  .hint(Errno.E2BIG, "as many programs as the kernel allows are attached there")
                  .hint(
                      Errno.ENOTSUPP,
                      "this kernel has no trampolines, which programs that go in between a function"
                          + " and its callers need"));
    }
  }
}
