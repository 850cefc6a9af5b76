package io.github.purebpf.bpf;

import io.github.purebpf.bpf.internal.sys.Attr;
import io.github.purebpf.bpf.internal.sys.BpfAttr;
import io.github.purebpf.bpf.internal.sys.BpfIterLinkInfo;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.insn.KernelVersion;
import io.github.purebpf.uapi.AttachType;
import io.github.purebpf.uapi.ProgramType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Attaches iterators to what they go over. */
final class IteratorLinks {
  private static final KernelVersion PARAMETERS = new KernelVersion(6, 1);

  private static final Suitability ITERATOR =
      Suitability.of("an iteration", ProgramType.TRACING, AttachType.TRACE_ITER).needingHook();

  private IteratorLinks() {}

  static BpfLink create(BpfProgram program, Iteration iteration) {
    ITERATOR.require(program);
    try (var arena = Arena.ofConfined()) {
      return switch (iteration) {
        case Iteration.Whole _ -> create(program, iteration, MemorySegment.NULL);
        case Iteration.OfMap(KernelMap map) ->
            map.withFd(
                fd ->
                    create(
                        program,
                        iteration,
                        parameter(
                            arena,
                            BpfIterLinkInfo.MAP_MAP_FD + Integer.BYTES,
                            BpfIterLinkInfo.MAP_MAP_FD,
                            fd)));
        case Iteration.OfThread(int tid) ->
            create(program, iteration, task(arena, BpfIterLinkInfo.TASK_TID, tid));
        case Iteration.OfProcess(long pid) ->
            create(program, iteration, task(arena, BpfIterLinkInfo.TASK_PID, (int) pid));
        case Iteration.OfCgroup(var path, var walk) -> {
          var info =
              parameter(arena, BpfIterLinkInfo.SIZE, BpfIterLinkInfo.CGROUP_ORDER, walk.value());
          try (var cgroup = OpenFile.cgroup(program.kernel(), path)) {
            info.set(ValueLayout.JAVA_INT, BpfIterLinkInfo.CGROUP_CGROUP_FD, cgroup.fd());
            yield create(program, iteration, info);
          }
        }
      };
    }
  }

  private static MemorySegment task(Arena arena, int field, int value) {
    return parameter(arena, BpfIterLinkInfo.TASK_PID_FD + Integer.BYTES, field, value);
  }

  private static MemorySegment parameter(Arena arena, int size, int field, int value) {
    var info = arena.allocate(size, 8);
    info.set(ValueLayout.JAVA_INT, field, value);
    return info;
  }

  private static BpfLink create(BpfProgram program, Iteration iteration, MemorySegment info) {
    try (var arena = Arena.ofConfined()) {
      var attr =
          BpfAttr.allocate(arena, Attr.LinkCreate.ITER_INFO_LEN + Integer.BYTES)
              .u32(Attr.LinkCreate.ATTACH_TYPE, AttachType.TRACE_ITER.value())
              .pointer(Attr.LinkCreate.ITER_INFO, info)
              .u32(Attr.LinkCreate.ITER_INFO_LEN, (int) info.byteSize());
      return BpfLink.create(
          program,
          Cmd.LINK_CREATE,
          attr,
          "an iteration over " + words(iteration),
          failure -> {
            failure
                .feature(AttachType.TRACE_ITER.kernelName(), AttachType.TRACE_ITER.since())
                .hint(Errno.EINVAL, "this kind of iterator does not go over " + words(iteration))
                .hint(Errno.EBADF, "this kind of iterator goes over a map; give one")
                .hint(Errno.ESRCH, "there is no such task")
                .hint(Errno.EACCES, "the program reads or writes more than the map's values have");
            return iteration instanceof Iteration.Whole || iteration instanceof Iteration.OfMap
                ? failure
                : failure.feature("an iteration over " + words(iteration), PARAMETERS);
          });
    }
  }

  private static String words(Iteration iteration) {
    return switch (iteration) {
      case Iteration.Whole _ -> "all";
      case Iteration.OfMap(KernelMap map) -> map.title();
      case Iteration.OfThread(int tid) -> "thread " + tid;
      case Iteration.OfProcess(long pid) -> "process " + pid;
      case Iteration.OfCgroup(var path, var walk) -> path + " " + walk;
    };
  }
}
