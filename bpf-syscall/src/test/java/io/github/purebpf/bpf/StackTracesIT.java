package io.github.purebpf.bpf;

import static io.github.purebpf.insn.Reg.R0;
import static io.github.purebpf.insn.Reg.R1;
import static io.github.purebpf.insn.Reg.R2;
import static io.github.purebpf.insn.Reg.R3;
import static io.github.purebpf.insn.Reg.R6;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.insn.Cond;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.insn.Mem;
import io.github.purebpf.insn.MemSize;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import io.github.purebpf.uapi.Helper;
import io.github.purebpf.uapi.ProgramType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** Stacks of this process alone, at the beginning of its system calls. */
@RequiresKernel
@NoLeakedFds
class StackTracesIT {
  private static final MapRef NAME = new MapRef("it_stacks");
  private static final MapRef LAST = new MapRef("it_last");
  private static final int USER_STACK = 1 << 8;
  private static final int REUSE = 1 << 10;

  /** Records the stack, and its id in the array LAST. */
  private static BpfCode recording(int flags) {
    int pid = (int) ProcessHandle.current().pid();
    return BpfCode.build(
        b -> {
          var key = b.stackSlot(MemSize.W);
          b.store(key, 0)
              .mov(R6, R1)
              .call(Helper.GET_CURRENT_PID_TGID)
              .rsh(R0, 32)
              .ifThen(
                  R0,
                  Cond.EQ,
                  pid,
                  own ->
                      own.mov(R1, R6)
                          .lddw(R2, NAME)
                          .mov(R3, flags | REUSE)
                          .call(Helper.GET_STACKID)
                          .mov(R6, R0)
                          .mapLookup(LAST, key)
                          .ifNonNull(R0, hit -> hit.stxdw(new Mem(R0, 0), R6)))
              .returning(0);
        });
  }

  private static <F> void record(
      StackTraces<F> stacks, int flags, Consumer<BpfMap<Integer, Long>> check) {
    var spec =
        new ProgramSpec(
            "stacks", ProgramType.RAW_TRACEPOINT, Optional.empty(), recording(flags), "GPL", 0);
    try (var last = BpfMap.create(MapSpec.array(LAST, Codec.s64(), 1))) {
      last.put(0, -1L);
      try (var program = BpfProgram.load(spec, stacks, last);
          var link = program.attach(new AttachPoint.RawTracepoint("sys_enter"))) {
        assertTrue(link.id() > 0);
        assertTrue(Files.exists(Path.of("/proc/self/status")));
      }
      check.accept(last);
    }
  }

  @Test
  void aStackOfTheKernelIsReadByItsId() {
    try (var stacks = StackTraces.create(NAME, StackTraces.ADDRESSES, 20, 1024)) {
      assertEquals(List.of(), stacks.ids());
      record(
          stacks,
          0,
          last -> {
            int id = Math.toIntExact(last.get(0).orElseThrow());
            assertTrue(id >= 0, () -> "bpf_get_stackid failed with " + id);
            assertTrue(stacks.ids().contains(id));
            var frames = stacks.get(id).orElseThrow();
            assertTrue(!frames.isEmpty() && frames.size() <= 20, frames::toString);
            // The kernel's addresses are in the upper half.
            assertTrue(frames.stream().allMatch(address -> address < 0), frames::toString);
            assertTrue(stacks.remove(id));
            assertFalse(stacks.remove(id));
            assertEquals(Optional.empty(), stacks.get(id));
          });
      stacks.clear();
      assertEquals(List.of(), stacks.ids());
    }
  }

  @Test
  void aPlaceInAFileIsNamedByItsBuildId() {
    try (var stacks = StackTraces.create(NAME, StackTraces.BUILD_IDS, 20, 1024)) {
      record(
          stacks,
          USER_STACK,
          last -> {
            int id = Math.toIntExact(last.get(0).orElseThrow());
            assertTrue(id >= 0, () -> "bpf_get_stackid failed with " + id);
            var frames = stacks.get(id).orElseThrow();
            assertFalse(frames.isEmpty());
            // System calls are made by the C library, or by the JVM in its name.
            var all = stacks.ids().stream().flatMap(i -> stacks.get(i).stream()).toList();
            assertTrue(
                all.stream().flatMap(List::stream).anyMatch(frame -> frame.buildId().isPresent()),
                all::toString);
            assertTrue(
                all.stream()
                    .flatMap(List::stream)
                    .flatMap(frame -> frame.buildId().stream())
                    .allMatch(buildId -> buildId.matches("[0-9a-f]{40}")),
                all::toString);
          });
    }
  }

  @Test
  void aDepthThatTheKernelDoesNotTakeIsExplained() {
    assertThrows(
        IllegalArgumentException.class,
        () -> StackTraces.create(NAME, StackTraces.ADDRESSES, 0, 8));
    var e =
        assertThrows(
            KernelErrorException.class,
            () -> StackTraces.create(NAME, StackTraces.ADDRESSES, 1 << 16, 8));
    assertEquals("EINVAL", e.errnoName());
    assertTrue(
        e.getMessage().endsWith("stacks are no deeper than kernel.perf_event_max_stack"),
        e::getMessage);
  }

  @Test
  void itIsOpenedFromItsPin() {
    try (var fs = BpfFs.mountDetached();
        var stacks = StackTraces.create(NAME, StackTraces.ADDRESSES, 20, 16)) {
      var pin = fs.path().resolve("stacks");
      stacks.pin(pin);
      try (var again = StackTraces.openPinned(pin, NAME, StackTraces.ADDRESSES, 20, 16)) {
        assertEquals(stacks.id(), again.id());
      }
      assertThrows(
          IllegalArgumentException.class,
          () -> StackTraces.openPinned(pin, NAME, StackTraces.BUILD_IDS, 20, 16));
    }
  }
}
