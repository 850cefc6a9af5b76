package io.github.purebpf.bpf;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.bpf.error.UnsupportedKernelException;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.insn.KernelVersion;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.testkit.Bpftool;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import io.github.purebpf.uapi.MapType;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@RequiresKernel
@NoLeakedFds
class PerCpuMapIT {
  private static final MapRef NAME = new MapRef("it_percpu");
  private static final int CPUS = Kernel.running().possibleCpus().size();

  private static List<Long> counts(long first) {
    return LongStream.range(first, first + CPUS).boxed().toList();
  }

  @ParameterizedTest
  @EnumSource(names = {"PERCPU_HASH", "LRU_PERCPU_HASH", "PERCPU_ARRAY"})
  void valuesOfAllCpusComeBackAsTheyWereWritten(MapType type) {
    try (var map = PerCpuMap.create(new MapSpec<>(NAME, type, Codec.u32(), Codec.s64(), 8, 0))) {
      map.put(1, counts(100));
      assertEquals(Optional.of(counts(100)), map.get(1));
      assertEquals(counts(100).stream().mapToLong(n -> n).sum(), map.sum(1));
      map.putSame(1, -1L);
      assertEquals(-CPUS, map.sum(1));
      assertEquals(CPUS, map.cpus().size());
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"PERCPU_HASH", "LRU_PERCPU_HASH"})
  void tablesTellNewFromOld(MapType type) {
    try (var map = PerCpuMap.create(new MapSpec<>(NAME, type, Codec.u32(), Codec.s64(), 8, 0))) {
      assertEquals(0, map.sum(1));
      assertFalse(map.replace(1, counts(0)));
      assertTrue(map.putIfAbsent(1, counts(5)));
      assertFalse(map.putIfAbsent(1, counts(6)));
      assertEquals(Optional.of(counts(5)), map.removeAndGet(1));
      assertEquals(Optional.empty(), map.removeAndGet(1));
      assertFalse(map.remove(1));
    }
  }

  /** A value of 12 bytes lies at multiples of 16. */
  @Test
  void valuesOfOddSizesLieAtMultiplesOfEight() {
    try (var map = PerCpuMap.create(MapSpec.perCpuArray(NAME, Codec.bytes(12), 2))) {
      var values =
          IntStream.range(0, CPUS)
              .mapToObj(cpu -> "value of %4d".formatted(cpu).substring(0, 12).getBytes(US_ASCII))
              .toList();
      map.put(1, values);
      var element = map.element();
      assertTrue(element.key(1).get());
      assertEquals(16L * CPUS, element.valueMemory().byteSize());
      for (int i = 0; i < CPUS; i++) {
        var one = element.valueMemory().asSlice(16L * i, 12).toArray(ValueLayout.JAVA_BYTE);
        assertArrayEquals(values.get(i), one);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"PERCPU_HASH", "LRU_PERCPU_HASH", "PERCPU_ARRAY"})
  void batchesCarryTheValuesOfAllCpus(MapType type) {
    int entries = 1000;
    try (var map =
        PerCpuMap.create(new MapSpec<>(NAME, type, Codec.u32(), Codec.s64(), 2 * entries, 0))) {
      var all = new HashMap<Integer, List<Long>>();
      for (int i = 0; i < entries; i++) {
        all.put(i, counts(i));
      }
      map.putAll(all);
      var found = new HashMap<>(map.toMap());
      if (type == MapType.PERCPU_ARRAY) {
        assertEquals(2 * entries, found.size());
        found.keySet().removeIf(key -> key >= entries);
      }
      assertEquals(all, found);
    }
  }

  @Test
  void tablesAreDrained() {
    try (var map = PerCpuMap.create(MapSpec.perCpuHash(NAME, Codec.u32(), Codec.s64(), 100))) {
      map.putAll(Map.of(1, counts(1), 2, counts(2)));
      var drained = new HashMap<Integer, List<Long>>();
      assertEquals(2, map.drain(drained::put));
      assertEquals(Map.of(1, counts(1), 2, counts(2)), drained);
      assertEquals(Map.of(), map.toMap());
    }
  }

  @Test
  void aListOfAnotherLengthIsRefused() {
    try (var map = PerCpuMap.create(MapSpec.perCpuArray(NAME, Codec.s64(), 1))) {
      var tooMany = counts(0).stream().toList();
      var e =
          assertThrows(
              IllegalArgumentException.class,
              () -> map.put(0, java.util.Collections.nCopies(CPUS + 1, 1L)));
      assertEquals(
          "%d values where %d CPUs are possible".formatted(CPUS + 1, CPUS), e.getMessage());
      assertEquals(CPUS, tooMany.size());
    }
  }

  @Test
  void oneCpuIsAskedForOrNeedsLinux7() {
    boolean has = Kernel.running().release().compareTo(new KernelVersion(7, 0)) >= 0;
    for (var spec :
        List.of(
            MapSpec.perCpuArray(NAME, Codec.s64(), 1),
            MapSpec.perCpuHash(NAME, Codec.u32(), Codec.s64(), 1))) {
      try (var map = PerCpuMap.create(spec)) {
        map.putSame(0, 5L);
        int cpu = map.cpus().getLast();
        if (has) {
          map.putOn(cpu, 0, 7L);
          assertEquals(Optional.of(7L), map.getOn(cpu, 0));
          assertEquals(5L * (CPUS - 1) + 7, map.sum(0));
          continue;
        }
        var put = assertThrows(UnsupportedKernelException.class, () -> map.putOn(cpu, 0, 7L));
        assertTrue(put.getMessage().contains("needs Linux 7.0 for BPF_F_CPU"), put.getMessage());
        var get = assertThrows(UnsupportedKernelException.class, () -> map.getOn(cpu, 0));
        assertTrue(get.getMessage().contains("needs Linux 7.0 for BPF_F_CPU"), get.getMessage());
        assertEquals(5L * CPUS, map.sum(0), "nothing has changed");
      }
    }
  }

  @Test
  void bpftoolSeesTheValueOfEachCpu() {
    try (var map = PerCpuMap.create(MapSpec.perCpuHash(NAME, Codec.u32(), Codec.s64(), 4))) {
      map.put(3, counts(40));
      String dump =
          Bpftool.run("-j", "map", "dump", "id", Integer.toString(map.id())).replace(" ", "");
      for (int i = 0; i < CPUS; i++) {
        assertTrue(dump.contains("{\"cpu\":%d,\"value\":%d}".formatted(i, 40 + i)), dump);
      }
    }
  }

  @Test
  void aPinIsOpenedAsWhatItIs() {
    try (var fs = BpfFs.mountDetached();
        var map = PerCpuMap.create(MapSpec.perCpuHash(NAME, Codec.u32(), Codec.s64(), 4))) {
      var pin = fs.path().resolve("counts");
      map.pin(pin);
      map.putSame(1, 2L);
      try (var opened = PerCpuMap.openPinned(pin, map.spec())) {
        assertEquals(2L * CPUS, opened.sum(1));
      }
      var smaller = MapSpec.perCpuHash(NAME, Codec.u32(), Codec.u32(), 4);
      var e =
          assertThrows(IllegalArgumentException.class, () -> PerCpuMap.openPinned(pin, smaller));
      assertTrue(e.getMessage().contains("values have 8 bytes, not 4"), e.getMessage());
    }
  }
}
