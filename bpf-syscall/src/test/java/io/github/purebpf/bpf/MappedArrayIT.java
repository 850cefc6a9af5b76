package io.github.purebpf.bpf;

import static io.github.purebpf.insn.Reg.R0;
import static io.github.purebpf.insn.Reg.R1;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.insn.Mem;
import io.github.purebpf.insn.MemSize;
import io.github.purebpf.layout.SpinLock;
import io.github.purebpf.layout.Struct;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import io.github.purebpf.uapi.MapFlags;
import io.github.purebpf.uapi.ProgramType;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@RequiresKernel
@NoLeakedFds
class MappedArrayIT {
  private static final MapRef NAME = new MapRef("it_mapped");
  private static final int ENTRIES = 1000;

  private static MapSpec<Integer, Long> spec() {
    return MapSpec.array(NAME, Codec.s64(), ENTRIES).mappable();
  }

  /** Adds 1 to value 3. */
  private static final BpfCode COUNT =
      BpfCode.build(
          b -> {
            var key = b.stackSlot(MemSize.W);
            b.store(key, 3)
                .mapLookup(NAME, key)
                .ifNonNull(R0, hit -> hit.mov(R1, 1).atomicAddDw(new Mem(R0, 0), R1))
                .returning(0);
          });

  @Test
  void whatAProgramWritesIsInMemoryAndTheOtherWayRound() {
    try (var map = BpfMap.create(spec());
        var array = map.mapMemory();
        var program =
            BpfProgram.load(
                new ProgramSpec(
                    "count", ProgramType.SOCKET_FILTER, Optional.empty(), COUNT, "GPL", 0),
                map)) {
      assertTrue(array.isWritable());
      assertEquals(ENTRIES, array.size());
      array.set(3, 40L);
      program.testRun(TestRun.skb(new byte[64]));
      program.testRun(TestRun.skb(new byte[64]));
      assertEquals(42L, array.get(3));
      assertEquals(Optional.of(42L), map.get(3));
      map.put(999, -1L);
      assertEquals(-1L, array.get(999));
      assertEquals(-1L, array.memory().getAtIndex(ValueLayout.JAVA_LONG, 999));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3, 8, 12, 4097})
  void valuesBeginAtMultiplesOfEight(int size) {
    try (var map = BpfMap.create(MapSpec.array(NAME, Codec.bytes(size), 5).mappable());
        var array = map.mapMemory()) {
      assertEquals(0, array.stride() % 8);
      for (int i = 0; i < 5; i++) {
        var value = new byte[size];
        value[size - 1] = (byte) (i + 1);
        value[0] = (byte) (i + 1);
        map.put(i, value);
      }
      for (int i = 0; i < 5; i++) {
        assertEquals(size, array.valueMemory(i).byteSize());
        assertEquals(i + 1, array.get(i)[0]);
        assertEquals(i + 1, array.get(i)[size - 1]);
      }
      assertThrows(IndexOutOfBoundsException.class, () -> array.get(5));
      assertThrows(IndexOutOfBoundsException.class, () -> array.get(-1));
    }
  }

  @Test
  void whatIsMappedForWritingIsNotFrozen() {
    try (var map = BpfMap.create(spec())) {
      try (var array = map.mapMemory()) {
        var e = assertThrows(KernelErrorException.class, map::freeze);
        assertEquals("EBUSY", e.errnoName());
        assertTrue(e.getMessage().contains("memory of it is mapped for writing"), e::getMessage);
        array.set(0, 5L);
      }
      try (var array = map.mapMemoryReadOnly()) {
        map.freeze();
        refusesWrites(array);
        assertEquals(5L, array.get(0));
      }
      try (var array = map.mapMemory()) {
        refusesWrites(array);
      }
    }
  }

  private static void refusesWrites(MappedArray<Long> array) {
    assertFalse(array.isWritable());
    assertThrows(UnsupportedOperationException.class, () -> array.set(0, 1L));
    assertThrows(
        IllegalArgumentException.class, () -> array.memory().set(ValueLayout.JAVA_LONG, 0, 1));
  }

  @Test
  void whatProgramsMayOnlyReadIsMappedForReading() {
    try (var map = BpfMap.create(spec(), MapOption.flags(MapFlags.RDONLY_PROG));
        var array = map.mapMemory()) {
      refusesWrites(array);
      assertEquals(0L, array.get(7));
    }
  }

  @Test
  void otherMapsAreRefusedWithTheRemedy() {
    try (var map = BpfMap.create(MapSpec.array(NAME, Codec.s64(), 1))) {
      var e = assertThrows(KernelErrorException.class, map::mapMemory);
      assertEquals(
          "mmap of map it_mapped failed with EINVAL (22): it was made without BPF_F_MMAPABLE; see"
              + " MapSpec.mappable()",
          e.getMessage());
    }
    try (var map = BpfMap.create(spec(), MapOption.flags(MapFlags.WRONLY))) {
      var e = assertThrows(KernelErrorException.class, map::mapMemory);
      assertEquals("EACCES", e.errnoName());
      assertTrue(e.getMessage().endsWith("do not let this process read it"), e::getMessage);
    }
    try (var map = BpfMap.create(spec(), MapOption.flags(MapFlags.RDONLY))) {
      var e = assertThrows(KernelErrorException.class, map::mapMemoryReadOnly);
      assertTrue(e.getMessage().contains("freeze it instead of BPF_F_RDONLY"), e::getMessage);
    }
    try (var map = BpfMap.create(MapSpec.hash(NAME, Codec.u32(), Codec.s64(), 1))) {
      var e = assertThrows(IllegalStateException.class, map::mapMemory);
      assertTrue(e.getMessage().contains("only BPF_MAP_TYPE_ARRAY can be mapped"), e::getMessage);
    }
    var hash = MapSpec.hash(NAME, Codec.u32(), Codec.s64(), 1).mappable();
    assertEquals(
        "EINVAL", assertThrows(KernelErrorException.class, () -> BpfMap.create(hash)).errnoName());
  }

  record Locked(@SpinLock int lock, int count) {}

  @Test
  void valuesWithALockAreNotExposed() {
    var codec = Codec.of(Struct.of(Locked.class), MethodHandles.lookup());
    try (var map = BpfMap.create(MapSpec.array(NAME, codec, 1).mappable())) {
      var e = assertThrows(KernelErrorException.class, map::mapMemory);
      assertEquals("ENOTSUPP", e.errnoName());
      assertTrue(e.getMessage().contains("its values hold a lock"), e::getMessage);
    }
  }

  @Test
  void itOutlivesTheMapAndIsRefusedAfterItsEnd() {
    MappedArray<Long> array;
    try (var map = BpfMap.create(spec())) {
      map.put(1, 11L);
      array = map.mapMemory();
    }
    assertEquals(11L, array.get(1));
    array.close();
    array.close();
    assertThrows(IllegalStateException.class, () -> array.get(1));
    assertThrows(IllegalStateException.class, () -> array.set(1, 2L));
    assertThrows(IllegalStateException.class, () -> array.memory().get(ValueLayout.JAVA_LONG, 0));
    assertEquals("the memory of map it_mapped", array.toString());
  }
}
