package io.github.purebpf.bpf;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.purebpf.bpf.internal.sys.Attr;
import io.github.purebpf.bpf.internal.sys.BpfAttr;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.bpf.internal.sys.NativePath;
import io.github.purebpf.uapi.AttachType;
import io.github.purebpf.uapi.ProgramType;
import java.lang.foreign.Arena;

/** Attaches programs to many functions at once. */
final class ProbeLinks {
  /** {@code BPF_F_KPROBE_MULTI_RETURN} and {@code BPF_F_UPROBE_MULTI_RETURN}. */
  private static final int ON_RETURN = 1;

  private static final Suitability UPROBES =
      Suitability.of("many places of a file", ProgramType.KPROBE, AttachType.TRACE_UPROBE_MULTI)
          .needingHook();

  private static final Suitability KPROBES =
      Suitability.of("many kernel functions", ProgramType.KPROBE, AttachType.TRACE_KPROBE_MULTI)
          .needingHook();

  private ProbeLinks() {}

  static BpfLink create(BpfProgram program, AttachPoint.UprobeMulti point) {
    UPROBES.require(program);
    int count = point.offsets().size();
    try (var arena = Arena.ofConfined()) {
      var offsets = arena.allocate(JAVA_LONG, count);
      for (int i = 0; i < count; i++) {
        offsets.setAtIndex(JAVA_LONG, i, point.offsets().get(i));
      }
      var attr =
          BpfAttr.allocate(arena, Attr.LinkCreate.UPROBE_MULTI_PID + Integer.BYTES)
              .u32(Attr.LinkCreate.ATTACH_TYPE, AttachType.TRACE_UPROBE_MULTI.value())
              .pointer(Attr.LinkCreate.UPROBE_MULTI_PATH, NativePath.of(point.file(), arena))
              .pointer(Attr.LinkCreate.UPROBE_MULTI_OFFSETS, offsets)
              .u32(Attr.LinkCreate.UPROBE_MULTI_CNT, count)
              .u32(Attr.LinkCreate.UPROBE_MULTI_FLAGS, point.onReturn() ? ON_RETURN : 0)
              .u32(Attr.LinkCreate.UPROBE_MULTI_PID, (int) point.pid().orElse(0));
      return BpfLink.create(
          program,
          Cmd.LINK_CREATE,
          attr,
          "%d places of %s".formatted(count, point.file()),
          failure ->
              failure
                  .feature(
                      AttachType.TRACE_UPROBE_MULTI.kernelName(),
                      AttachType.TRACE_UPROBE_MULTI.since())
                  .hint(Errno.ENOENT, "there is no such file")
                  .hint(Errno.EBADF, "that is no regular file")
                  .hint(Errno.ESRCH, "there is no such process")
                  .hint(Errno.EINVAL, "an offset lies outside of the file or where no code is")
                  .hint(Errno.EOPNOTSUPP, "this kernel is built without CONFIG_UPROBES"));
    }
  }

  static BpfLink create(BpfProgram program, AttachPoint.KprobeMulti point) {
    KPROBES.require(program);
    int count = point.functions().size();
    try (var arena = Arena.ofConfined()) {
      var names = arena.allocate(JAVA_LONG, count);
      for (int i = 0; i < count; i++) {
        names.setAtIndex(JAVA_LONG, i, arena.allocateFrom(point.functions().get(i)).address());
      }
      var attr =
          BpfAttr.allocate(arena, Attr.LinkCreate.KPROBE_MULTI_COOKIES + Long.BYTES)
              .u32(Attr.LinkCreate.ATTACH_TYPE, AttachType.TRACE_KPROBE_MULTI.value())
              .u32(Attr.LinkCreate.KPROBE_MULTI_FLAGS, point.onReturn() ? ON_RETURN : 0)
              .u32(Attr.LinkCreate.KPROBE_MULTI_CNT, count)
              .pointer(Attr.LinkCreate.KPROBE_MULTI_SYMS, names);
      return BpfLink.create(
          program,
          Cmd.LINK_CREATE,
          attr,
          "%d kernel functions".formatted(count),
          failure ->
              failure
                  .feature(
                      AttachType.TRACE_KPROBE_MULTI.kernelName(),
                      AttachType.TRACE_KPROBE_MULTI.since())
                  .hint(
                      Errno.ESRCH,
                      "this kernel has not all of these functions, or some may not be probed; see"
                          + " /sys/kernel/tracing/available_filter_functions")
                  .hint(Errno.EOPNOTSUPP, "this kernel is built without CONFIG_FPROBE")
                  .hint(Errno.EINVAL, "this kernel is built without CONFIG_FPROBE"));
    }
  }
}
