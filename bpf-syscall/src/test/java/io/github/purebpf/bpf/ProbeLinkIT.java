package io.github.purebpf.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import io.github.purebpf.uapi.AttachType;
import io.github.purebpf.uapi.ProgramType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Programs at many functions at once; they count what this test does alone. */
@RequiresKernel
@NoLeakedFds
class ProbeLinkIT {
  private static final int NO_PID = 0x3fff_ffff;

  private final Traces traces = new Traces();

  @AfterEach
  void close() {
    traces.close();
  }

  private BpfProgram uprobes(String name) {
    return traces.load(name, ProgramType.KPROBE, AttachType.TRACE_UPROBE_MULTI, Traces.counting(0));
  }

  private BpfProgram kprobes(String name) {
    return traces.load(
        name, ProgramType.KPROBE, AttachType.TRACE_KPROBE_MULTI, Traces.countingOwn(0));
  }

  private static AttachPoint.UprobeMulti at(Path file, boolean onReturn, long... offsets) {
    var list = java.util.Arrays.stream(offsets).boxed().toList();
    return new AttachPoint.UprobeMulti(file, list, onReturn, OptionalLong.empty());
  }

  @Test
  void functionsOfAFileAreProbedAtOnce(@TempDir Path folder) throws Exception {
    var libc = ScratchLibc.in(folder);
    long one = ElfFunctions.offsetOf(libc.file(), "setlocale");
    long two = ElfFunctions.offsetOf(libc.file(), "exit");
    try (var program = uprobes("probe");
        var other = uprobes("other")) {
      long exits = count(program, at(libc.file(), false, two), libc);
      long both = count(program, at(libc.file(), false, one, two), libc);
      assertEquals(1, exits);
      assertTrue(both > exits, () -> "counted " + both);
      assertEquals(both - exits, count(program, at(libc.file(), true, one), libc));
      libc.use();
      assertEquals(0, traces.take());
      try (var link = program.attach(at(libc.file(), true, one, two))) {
        var info = assertInstanceOf(LinkInfo.UprobeMulti.class, link.info());
        var offsets = new ArrayList<>(info.offsets());
        assertEquals(List.of(one, two), offsets);
        assertEquals(
            new LinkInfo.UprobeMulti(
                link.id(), program.id(), libc.file(), offsets, true, OptionalInt.empty()),
            info);
        LinkOracle.agrees(link, program);
        LinkOracle.isFixed(link, other);
      }
    }
  }

  private long count(BpfProgram program, AttachPoint point, ScratchLibc libc) throws Exception {
    try (var _ = program.attach(point)) {
      libc.use();
      return traces.take();
    }
  }

  @Test
  void probesOfOneProcessIgnoreOthers(@TempDir Path folder) throws Exception {
    var libc = ScratchLibc.in(folder);
    long offset = ElfFunctions.offsetOf(libc.file(), "exit");
    long self = ProcessHandle.current().pid();
    try (var program = uprobes("probe");
        var link = program.attach(of(libc.file(), offset, self))) {
      libc.use();
      assertEquals(0, traces.take());
      var info = assertInstanceOf(LinkInfo.UprobeMulti.class, link.info());
      assertEquals(OptionalInt.of((int) self), info.pid());
    }
  }

  private static AttachPoint.UprobeMulti of(Path file, long offset, long pid) {
    return new AttachPoint.UprobeMulti(file, List.of(offset), false, OptionalLong.of(pid));
  }

  @Test
  void placesThatAreNotThereAreExplained(@TempDir Path folder) throws IOException {
    var libc = ScratchLibc.in(folder).file();
    long size = Files.size(libc);
    try (var program = uprobes("probe");
        var plain = traces.load("plain", ProgramType.KPROBE, null, Traces.countingOwn(0))) {
      LinkOracle.refused(
          "ENOENT",
          "there is no such file",
          () -> program.attach(at(folder.resolve("none"), false, 1)));
      LinkOracle.refused(
          "EBADF", "that is no regular file", () -> program.attach(at(folder, false, 1)));
      LinkOracle.refused(
          "EINVAL", "an offset lies outside", () -> program.attach(at(libc, false, size + 1)));
      LinkOracle.refused(
          "ESRCH", "there is no such process", () -> program.attach(of(libc, 1, NO_PID)));
      assertThrows(IllegalArgumentException.class, () -> plain.attach(at(libc, false, 1)));
    }
  }

  @Test
  void kernelFunctionsAreProbedAtOnceOrTheKernelIsBuiltWithoutIt() {
    var functions = List.of("vfs_statx", "vfs_read");
    try (var program = kprobes("probe");
        var other = kprobes("other")) {
      try (var link = program.attach(new AttachPoint.KprobeMulti(functions, false))) {
        assertTrue(Files.exists(Path.of("/proc/self/status")));
        assertTrue(traces.take() > 0);
        var info = assertInstanceOf(LinkInfo.KprobeMulti.class, link.info());
        assertEquals(2, info.count());
        LinkOracle.isFixed(link, other);
        LinkOracle.refused(
            "ESRCH",
            "this kernel has not all of these functions",
            () ->
                program.attach(new AttachPoint.KprobeMulti(List.of("vfs_read", "no_such"), false)));
      } catch (KernelErrorException e) {
        assertEquals("EOPNOTSUPP", e.errnoName());
        assertTrue(
            e.getMessage().endsWith("(95): this kernel is built without CONFIG_FPROBE"),
            e::getMessage);
      }
    }
  }
}
