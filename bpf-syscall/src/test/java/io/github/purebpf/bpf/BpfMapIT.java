package io.github.purebpf.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.layout.NetworkOrder;
import io.github.purebpf.layout.Struct;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import io.github.purebpf.uapi.MapFlags;
import io.github.purebpf.uapi.MapType;
import java.lang.invoke.MethodHandles;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

@RequiresKernel
@NoLeakedFds
class BpfMapIT {
  private static final MapRef NAME = new MapRef("it_map");

  record Service(@NetworkOrder int address, @NetworkOrder short port, short protocol) {
    static final Codec<Service> CODEC = Codec.of(Struct.of(Service.class), MethodHandles.lookup());
  }

  @Test
  void entriesComeBackAsTheyWereWritten() {
    try (var map = BpfMap.create(MapSpec.hash(NAME, Service.CODEC, Codec.s64(), 8))) {
      var service = new Service(0x7f4d0001, (short) 8502, (short) 6);
      assertEquals(Optional.empty(), map.get(service));
      map.put(service, Long.MIN_VALUE);
      assertEquals(Optional.of(Long.MIN_VALUE), map.get(service));
      map.put(service, 7L);
      assertEquals(Optional.of(7L), map.get(service));
      assertEquals(Optional.empty(), map.get(new Service(0x7f4d0001, (short) 8502, (short) 17)));
      assertTrue(map.remove(service));
      assertFalse(map.remove(service));
      assertEquals(Optional.empty(), map.get(service));
      assertTrue(map.id() > 0);
    }
  }

  @Test
  void updateFlagsTellNewFromOld() {
    try (var map = BpfMap.create(MapSpec.hash(NAME, Codec.u32(), Codec.u32(), 2))) {
      assertFalse(map.replace(1, 10));
      assertTrue(map.putIfAbsent(1, 11));
      assertFalse(map.putIfAbsent(1, 12));
      assertEquals(Optional.of(11), map.get(1));
      assertTrue(map.replace(1, 13));
      assertEquals(Optional.of(13), map.get(1));
    }
  }

  @Test
  void aFullMapRefusesNewKeysAndTakesOldOnes() {
    try (var map = BpfMap.create(MapSpec.hash(NAME, Codec.u32(), Codec.u32(), 2))) {
      map.put(1, 1);
      map.put(2, 2);
      var e = assertThrows(KernelErrorException.class, () -> map.put(3, 3));
      assertEquals("E2BIG", e.errnoName());
      assertTrue(e.getMessage().endsWith("it is full, with 2 entries"), e.getMessage());
      map.put(2, 22);
      assertEquals(Optional.of(22), map.get(2));
    }
  }

  @Test
  void anArrayHasAllItsEntriesFromTheStart() {
    try (var map = BpfMap.create(MapSpec.array(NAME, Codec.s64(), 3))) {
      map.put(1, 5L);
      var found = new HashMap<Integer, Long>();
      assertTrue(map.forEach(found::put));
      assertEquals(Map.of(0, 0L, 1, 5L, 2, 0L), found);
      assertEquals(Optional.empty(), map.get(3));
      var outside = assertThrows(KernelErrorException.class, () -> map.put(3, 1L));
      assertTrue(outside.getMessage().endsWith("the key is outside 0 to 2"), outside.getMessage());
      var removal = assertThrows(KernelErrorException.class, () -> map.remove(0));
      assertTrue(removal.getMessage().contains("cannot be removed"), removal.getMessage());
    }
  }

  @Test
  void aMapThatTheKernelCannotMakeIsExplained() {
    var spec = MapSpec.hash(NAME, Codec.u32(), Codec.u32(), 0);
    var e = assertThrows(KernelErrorException.class, () -> BpfMap.create(spec));
    assertEquals("EINVAL", e.errnoName());
    assertTrue(e.getMessage().contains("0 entries"), e.getMessage());
  }

  @Test
  void aReadOnlyMapSaysSo() {
    var spec = MapSpec.hash(NAME, Codec.u32(), Codec.u32(), 2).withFlags(MapFlags.RDONLY);
    try (var map = BpfMap.create(spec)) {
      var e = assertThrows(KernelErrorException.class, () -> map.put(1, 1));
      assertEquals("EPERM", e.errnoName());
      assertTrue(e.getMessage().contains("it is frozen, or its flags (0x8)"), e.getMessage());
    }
  }

  @Test
  void manyEntriesAreAllVisitedByBucketAndByKey() {
    int entries = 5000;
    try (var map = BpfMap.create(MapSpec.hash(NAME, Codec.u32(), Codec.u32(), entries))) {
      for (int i = 0; i < entries; i++) {
        map.put(i, ~i);
      }
      for (var walk : List.<Walk>of(map::forEach, a -> new MapWalk<>(map).run(a))) {
        var seen = new HashSet<Integer>();
        assertTrue(
            walk.run(
                (k, v) -> {
                  assertEquals(~k, v);
                  assertTrue(seen.add(k), "twice: " + k);
                }));
        assertEquals(entries, seen.size());
      }
    }
  }

  private interface Walk {
    boolean run(BiConsumer<Integer, Integer> action);
  }

  @Test
  void theActionMayEmptyTheMap() {
    try (var map = BpfMap.create(MapSpec.hash(NAME, Codec.u32(), Codec.u32(), 100))) {
      for (var walk : List.<Walk>of(map::forEach, a -> new MapWalk<>(map).run(a))) {
        for (int i = 0; i < 100; i++) {
          map.put(i, i);
        }
        assertTrue(walk.run((k, v) -> map.remove(k)));
        assertTrue(map.forEach((k, v) -> assertEquals(-1, k, "left over")));
      }
    }
  }

  @Test
  void entriesThatStayAreVisitedWhileOthersComeAndGo() throws Exception {
    int stable = 200;
    try (var map = BpfMap.create(MapSpec.hash(NAME, Codec.u32(), Codec.u32(), 1000));
        var pool = Executors.newSingleThreadExecutor()) {
      for (int i = 0; i < stable; i++) {
        map.put(i, i);
      }
      var stop = new AtomicBoolean();
      var churn =
          pool.submit(
              () -> {
                for (int i = 0; !stop.get(); i++) {
                  map.put(1000 + i % 500, i);
                  map.remove(1000 + (i + 250) % 500);
                  map.put(i % stable, i % stable); // moves within its bucket
                }
              });
      try {
        for (int round = 0; round < 200; round++) {
          var seen = new HashSet<Integer>();
          assertTrue(map.forEach((k, v) -> assertTrue(seen.add(k), "twice: " + k)));
          for (int i = 0; i < stable; i++) {
            assertTrue(seen.contains(i), "entry " + i + " was missed");
          }
        }
        for (int round = 0; round < 50; round++) {
          var seen = new HashSet<Integer>();
          // By key it may give up, but it ends, and visits nothing twice.
          new MapWalk<>(map).run((k, v) -> assertTrue(seen.add(k), "twice: " + k));
        }
      } finally {
        stop.set(true);
      }
      churn.get();
    }
  }

  @Test
  void mapsThatAreNoHashTablesAreWalkedByKey() {
    var spec =
        new MapSpec<>(NAME, MapType.LPM_TRIE, Codec.s64(), Codec.u32(), 10, MapFlags.NO_PREALLOC);
    try (var map = BpfMap.create(spec)) {
      map.put(32L, 1); // the prefix length is the first word
      map.put(16L, 2);
      var found = new HashMap<Long, Integer>();
      assertTrue(map.forEach(found::put));
      assertEquals(Map.of(32L, 1, 16L, 2), found);
    }
  }

  @Test
  void manyThreadsUseOneMap() throws Exception {
    int threads = 8;
    try (var map = BpfMap.create(MapSpec.hash(NAME, Codec.u32(), Codec.s64(), threads));
        var pool = Executors.newVirtualThreadPerTaskExecutor()) {
      var tasks =
          IntStream.range(0, threads)
              .mapToObj(
                  t ->
                      pool.submit(
                          () -> {
                            for (long i = 0; i < 2000; i++) {
                              map.put(t, t << 20 | i);
                              assertEquals(Optional.of(t << 20 | i), map.get(t));
                            }
                          }))
              .toList();
      for (var task : tasks) {
        task.get();
      }
    }
  }
}
