package io.github.purebpf.bpf;

import static io.github.purebpf.insn.Reg.R1;
import static io.github.purebpf.insn.Reg.R2;
import static io.github.purebpf.insn.Reg.R3;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.bpf.error.VerifierException;
import io.github.purebpf.insn.AddrSpaceCast;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.insn.Mem;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import io.github.purebpf.uapi.MapFlags;
import io.github.purebpf.uapi.ProgramType;
import java.lang.foreign.ValueLayout;
import java.util.Optional;
import org.junit.jupiter.api.Test;

@RequiresKernel
@NoLeakedFds
class BpfArenaIT {
  private static final MapRef NAME = new MapRef("it_arena");

  /** Where nothing is in a JVM of 64 bits; a multiple of 4 GiB. */
  private static final long ADDRESS = 0x1000_0000_0000L;

  /** Writes a number, and the address that it wrote it to, into the arena. */
  private static BpfProgram writer(BpfArena arena, long offset) {
    var code =
        BpfCode.build(
            b ->
                b.lddw(R1, NAME)
                    .lddw(R2, arena.address() + offset)
                    .mov(R3, R2)
                    .with(new AddrSpaceCast(R2, R2, 0, 1))
                    .stdw(new Mem(R2, 0), 4711)
                    .stxdw(new Mem(R2, 8), R3)
                    .returning(0));
    return BpfProgram.load(
        new ProgramSpec("arena", ProgramType.SYSCALL, Optional.empty(), code, "GPL", 1 << 4),
        arena);
  }

  @Test
  void aProgramAndThisProcessSeeTheSameMemoryAtTheSameAddress() {
    try (var arena = BpfArena.create(NAME, 16)) {
      assertEquals(16L * arena.pageSize(), arena.memory().byteSize());
      assertEquals(arena.address(), arena.memory().address());
      long offset = 3L * arena.pageSize();
      assertEquals(0, arena.memory().get(ValueLayout.JAVA_LONG, offset)); // allocates the page
      try (var program = writer(arena, offset)) {
        program.testRun(TestRun.syscall(new byte[0]));
      }
      assertEquals(4711, arena.memory().get(ValueLayout.JAVA_LONG, offset));
      assertEquals(arena.address() + offset, arena.memory().get(ValueLayout.JAVA_LONG, offset + 8));
    }
  }

  @Test
  void aPageThatNobodyAllocatedIsNotWritten() {
    try (var arena = BpfArena.create(NAME, 2);
        var program = writer(arena, 0)) {
      program.testRun(TestRun.syscall(new byte[0]));
      assertEquals(0, arena.memory().get(ValueLayout.JAVA_LONG, 0));
    }
  }

  @Test
  void atAnAddressOfOursItIsMappedOnceInAProcess() {
    try (var fs = BpfFs.mountDetached()) {
      var pin = fs.path().resolve("arena");
      try (var arena = BpfArena.createAt(NAME, 4, ADDRESS)) {
        assertEquals(ADDRESS, arena.address());
        arena.memory().set(ValueLayout.JAVA_INT, 100, 7);
        arena.pin(pin);
        var e = assertThrows(KernelErrorException.class, () -> BpfArena.openPinned(pin, NAME, 4));
        assertEquals("EEXIST", e.errnoName());
        assertTrue(
            e.getMessage().endsWith("something is mapped at 0x100000000000 in this process"),
            e::getMessage);
      }
      try (var again = BpfArena.openPinned(pin, NAME, 4)) {
        assertEquals(ADDRESS, again.address());
        assertEquals(7, again.memory().get(ValueLayout.JAVA_INT, 100));
      }
      assertThrows(IllegalArgumentException.class, () -> BpfArena.openPinned(pin, NAME, 5));
    }
  }

  @Test
  void withoutAnAddressItCannotBeMappedASecondTime() {
    try (var fs = BpfFs.mountDetached();
        var arena = BpfArena.create(NAME, 4)) {
      var pin = fs.path().resolve("arena");
      arena.pin(pin);
      var e = assertThrows(KernelErrorException.class, () -> BpfArena.openPinned(pin, NAME, 4));
      assertTrue(e.getMessage().endsWith("make it with BpfArena.createAt"), e::getMessage);
    }
  }

  @Test
  void whatNoKernelTakesIsRefusedBefore() {
    int page = io.github.purebpf.bpf.internal.sys.Kernel.running().pageSize();
    assertThrows(IllegalArgumentException.class, () -> BpfArena.create(NAME, 0));
    int tooMany = (int) ((1L << 32) / page) + 1;
    assertThrows(IllegalArgumentException.class, () -> BpfArena.create(NAME, tooMany));
    assertThrows(IllegalArgumentException.class, () -> BpfArena.createAt(NAME, 1, ADDRESS + 1));
    assertThrows(IllegalArgumentException.class, () -> BpfArena.createAt(NAME, 2, ADDRESS - page));
    var segv = MapOption.flags(MapFlags.SEGV_ON_FAULT);
    var e = assertThrows(IllegalArgumentException.class, () -> BpfArena.create(NAME, 1, segv));
    assertTrue(e.getMessage().contains("would end the JVM"), e::getMessage);
  }

  @Test
  void itsMemoryIsRefusedAfterItsEnd() {
    var arena = BpfArena.create(NAME, 1);
    var memory = arena.memory();
    arena.close();
    arena.close();
    assertThrows(IllegalStateException.class, () -> memory.get(ValueLayout.JAVA_INT, 0));
  }

  @Test
  void aProgramThatUsesTwoArenasIsRejected() {
    var other = new MapRef("it_arena2");
    var code = BpfCode.build(b -> b.lddw(R1, NAME).lddw(R1, other).returning(0));
    var spec = new ProgramSpec("two", ProgramType.SYSCALL, Optional.empty(), code, "GPL", 1 << 4);
    try (var arena = BpfArena.create(NAME, 1);
        var second = BpfArena.create(other, 1)) {
      var e = assertThrows(VerifierException.class, () -> BpfProgram.load(spec, arena, second));
      assertTrue(e.summary().contains("arena"), e::getMessage);
    }
  }
}
