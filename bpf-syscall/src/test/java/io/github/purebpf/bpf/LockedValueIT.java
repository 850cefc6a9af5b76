package io.github.purebpf.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.layout.SpinLock;
import io.github.purebpf.layout.Struct;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import io.github.purebpf.uapi.MapType;
import java.lang.invoke.MethodHandles;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Values that hold a lock are read and written with it, so that none is torn. */
@RequiresKernel
@NoLeakedFds
class LockedValueIT {
  private static final MapRef NAME = new MapRef("it_locked");

  record Counts(long packets, long bytes, @SpinLock int lock, int padding) {
    static final Codec<Counts> CODEC = Codec.of(Struct.of(Counts.class), MethodHandles.lookup());

    static Counts of(long both) {
      return new Counts(both, both, 0, 0);
    }
  }

  private static List<MapSpec<Integer, Counts>> specs() {
    return List.of(
        MapSpec.hash(NAME, Codec.u32(), Counts.CODEC, 4),
        MapSpec.hash(NAME, Codec.u32(), Counts.CODEC, 4).withoutPreallocation(),
        MapSpec.array(NAME, Counts.CODEC, 4));
  }

  @Test
  void everyOperationHoldsTheLock() {
    for (var spec : specs()) {
      boolean array = spec.type() == MapType.ARRAY;
      try (var map = BpfMap.create(spec)) {
        assertEquals(array, map.replace(1, Counts.of(1)));
        map.put(1, new Counts(2, 3, -1, 0));
        assertEquals(Optional.of(new Counts(2, 3, 0, 0)), map.get(1), "the lock reads as 0");
        assertTrue(map.replace(1, Counts.of(4)));
        assertEquals(Optional.of(Counts.of(4)), map.get(1));
        map.putAll(Map.of(0, Counts.of(10), 2, Counts.of(12)));
        var found = new HashMap<Integer, Counts>();
        assertTrue(map.forEach(found::put));
        assertEquals(Counts.of(12), found.get(2));
        found.clear();
        assertTrue(new MapWalk<>(map).run(found::put));
        assertEquals(Counts.of(10), found.get(0));
        if (!array) {
          assertFalse(map.putIfAbsent(1, Counts.of(5)));
          assertTrue(map.putIfAbsent(3, Counts.of(5)));
          assertEquals(Optional.of(Counts.of(5)), map.removeAndGet(3));
          assertEquals(3, map.drain((key, value) -> assertEquals(0, value.lock())));
        }
      }
    }
  }

  @Test
  void noValueIsTorn() throws Exception {
    try (var map = BpfMap.create(MapSpec.array(NAME, Counts.CODEC, 1));
        var pool = Executors.newFixedThreadPool(3)) {
      var writers =
          IntStream.range(0, 2)
              .<Future<?>>mapToObj(
                  w ->
                      pool.submit(
                          () -> {
                            for (long i = 0; i < 20_000; i++) {
                              map.put(0, Counts.of(2 * i + w));
                            }
                          }))
              .toList();
      var reader =
          pool.submit(
              () -> {
                for (int i = 0; i < 20_000; i++) {
                  var counts = map.get(0).orElseThrow();
                  assertEquals(counts.packets(), counts.bytes());
                }
              });
      reader.get();
      for (var writer : writers) {
        writer.get();
      }
    }
  }

  @Test
  void aMapWhoseValuesHoldNoneForTheKernelIsRefused() {
    var plain = MapSpec.hash(NAME, Codec.u32(), Codec.bytes(Counts.CODEC.size()), 4);
    try (var fs = BpfFs.mountDetached();
        var map = BpfMap.create(plain)) {
      var pin = fs.path().resolve("plain");
      map.pin(pin);
      try (var opened = BpfMap.openPinned(pin, MapSpec.hash(NAME, Codec.u32(), Counts.CODEC, 4))) {
        var e = assertThrows(KernelErrorException.class, () -> opened.put(1, Counts.of(1)));
        assertEquals("EINVAL", e.errnoName());
        assertTrue(e.getMessage().contains("no bpf_spin_lock for the kernel"), e.getMessage());
        assertThrows(KernelErrorException.class, () -> opened.get(1));
      }
    }
  }

  @Test
  void aTypeOfMapThatHasNoLocksSaysSo() {
    var spec = MapSpec.lruHash(NAME, Codec.u32(), Counts.CODEC, 4);
    var e = assertThrows(KernelErrorException.class, () -> BpfMap.create(spec));
    assertTrue(
        e.getMessage().endsWith("values of BPF_MAP_TYPE_LRU_HASH cannot hold a lock"),
        e.getMessage());
  }
}
