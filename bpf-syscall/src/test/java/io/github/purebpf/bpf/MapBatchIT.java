package io.github.purebpf.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import io.github.purebpf.uapi.MapType;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@RequiresKernel
@NoLeakedFds
class MapBatchIT {
  private static final MapRef NAME = new MapRef("it_batch");
  private static final int MANY = 10_000;

  private static MapSpec<Integer, Long> spec(MapType type, int entries) {
    return new MapSpec<>(NAME, type, Codec.u32(), Codec.s64(), entries, 0);
  }

  private static Map<Integer, Long> numbers(int from, int to) {
    var numbers = new LinkedHashMap<Integer, Long>();
    for (int i = from; i < to; i++) {
      numbers.put(i, ~(long) i);
    }
    return numbers;
  }

  @Test
  void manyEntriesArePutReadAndRemoved() {
    try (var map = BpfMap.create(spec(MapType.HASH, MANY))) {
      map.putAll(numbers(0, MANY));
      assertEquals(numbers(0, MANY), map.toMap());
      var half = IntStream.range(MANY / 2, 2 * MANY).boxed().toList();
      assertEquals(MANY / 2, map.removeAll(half));
      assertEquals(numbers(0, MANY / 2), map.toMap());
      var drained = new HashMap<Integer, Long>();
      assertEquals(MANY / 2, map.drain(drained::put));
      assertEquals(numbers(0, MANY / 2), drained);
      assertEquals(Map.of(), map.toMap());
      assertEquals(0, map.drain(drained::put));
    }
  }

  @Test
  void nothingIsPutAndRemoved() {
    try (var map = BpfMap.create(spec(MapType.HASH, 1))) {
      map.putAll(Map.of());
      assertEquals(0, map.removeAll(List.of()));
      map.batch(1).put();
      assertEquals(0, map.batch(1).remove());
      assertFalse(map.batch(1).next());
      assertFalse(map.batch(1).drain());
    }
  }

  @Test
  void anArrayIsReadToItsEnd() {
    for (int entries : new int[] {1, 255, 256, 257, 1000}) {
      try (var map = BpfMap.create(spec(MapType.ARRAY, entries))) {
        map.putAll(numbers(0, entries));
        assertEquals(numbers(0, entries), map.toMap());
        var e = assertThrows(KernelErrorException.class, () -> map.removeAll(List.of(0)));
        assertTrue(e.getMessage().contains("cannot be removed"), e.getMessage());
        var drain = assertThrows(KernelErrorException.class, () -> map.drain((k, v) -> {}));
        assertTrue(drain.getMessage().contains("does not know this operation"), drain.toString());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 7})
  void keysShorterThanACursorAreRead(int keySize) {
    // One entry for each of 200 keys; the kernel writes four bytes to a cursor all the same.
    var spec = MapSpec.hash(NAME, Codec.bytes(keySize), Codec.u8(), 256);
    try (var map = BpfMap.create(spec)) {
      var expected = new HashSet<Integer>();
      for (int i = 0; i < 200; i++) {
        var key = new byte[keySize];
        key[keySize - 1] = (byte) i;
        map.put(key, i);
        expected.add(i);
      }
      var found = new HashSet<Integer>();
      var batch = map.batch(16);
      while (batch.next()) {
        for (int i = 0; i < batch.size(); i++) {
          assertEquals(batch.value(i), batch.key(i)[keySize - 1] & 0xff);
          assertTrue(found.add(batch.value(i)));
        }
      }
      assertEquals(expected, found);
    }
  }

  /** With a batch of one, every bucket that holds two is too big. */
  @Test
  void aBatchThatIsTooSmallForABucketGrows() {
    try (var map = BpfMap.create(spec(MapType.HASH, 1000))) {
      map.putAll(numbers(0, 1000));
      var batch = map.batch(1);
      var found = new HashMap<Integer, Long>();
      while (batch.next()) {
        batch.forEach((key, value) -> assertEquals(null, found.put(key, value), "twice: " + key));
      }
      assertEquals(numbers(0, 1000), found);
      assertTrue(batch.capacity() > 1, "no bucket held two of 1000 entries");
      batch.rewind();
      found.clear();
      while (batch.drain()) {
        batch.forEach(found::put);
      }
      assertEquals(numbers(0, 1000), found);
      assertEquals(Map.of(), map.toMap());
    }
  }

  @Test
  void aFullMapSaysHowManyWerePut() {
    try (var map = BpfMap.create(spec(MapType.HASH, 5000))) {
      var e = assertThrows(KernelErrorException.class, () -> map.putAll(numbers(0, 6000)));
      assertEquals("E2BIG", e.errnoName());
      assertEquals(
          "BPF_MAP_UPDATE_BATCH of map it_batch, after 5000 of 6000 elements, failed with E2BIG"
              + " (7): it is full, with 5000 entries",
          e.getMessage());
      assertEquals(numbers(0, 5000), map.toMap());
    }
  }

  @Test
  void columnsAreUsedAgain() {
    try (var map = BpfMap.create(spec(MapType.HASH, MANY))) {
      var batch = map.batch(MANY);
      for (int i = 0; i < MANY; i++) {
        batch.keys().setAtIndex(ValueLayout.JAVA_INT, i, i);
        batch.values().setAtIndex(ValueLayout.JAVA_LONG, i, ~(long) i);
      }
      batch.size(MANY);
      batch.put();
      assertEquals(numbers(0, MANY), map.toMap());
      batch.rewind();
      long sum = 0;
      while (batch.next()) {
        for (int i = 0; i < batch.size(); i++) {
          sum += batch.values().getAtIndex(ValueLayout.JAVA_LONG, i);
        }
      }
      assertEquals(-(long) MANY * (MANY + 1) / 2, sum);
      assertEquals(MANY, batch.capacity());
    }
  }

  @Test
  void aBatchIsAListWithRoom() {
    try (var map = BpfMap.create(spec(MapType.HASH, 4))) {
      var batch = map.batch(2);
      batch.add(1, 10L);
      assertEquals(1, batch.add(2));
      assertEquals("2 elements of map it_batch", batch.toString());
      assertThrows(IndexOutOfBoundsException.class, () -> batch.add(3, 30L));
      assertThrows(IndexOutOfBoundsException.class, () -> batch.size(3));
      assertThrows(IndexOutOfBoundsException.class, () -> batch.key(2));
      assertEquals(2, batch.key(1));
      assertEquals(0L, batch.value(1));
      batch.clear();
      assertThrows(IndexOutOfBoundsException.class, () -> batch.value(0));
      assertThrows(IllegalArgumentException.class, () -> map.batch(0));
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"LRU_HASH", "HASH"})
  void tablesOfBothKindsAreDrained(MapType type) {
    try (var map = BpfMap.create(spec(type, MANY))) {
      map.putAll(numbers(0, MANY / 2));
      int before = map.toMap().size();
      assertEquals(before, map.drain((k, v) -> assertEquals(~(long) k, v)));
    }
  }

  @Test
  void aTrieIsPutReadAndRemoved() {
    var spec = MapSpec.lpmTrie(NAME, Codec.bytes(8), Codec.u32(), 300);
    try (var map = BpfMap.create(spec)) {
      var keys = new ArrayList<byte[]>();
      var entries = new IdentityHashMap<byte[], Integer>();
      for (int i = 0; i < 300; i++) {
        byte length =
            (byte) (java.nio.ByteOrder.nativeOrder() == java.nio.ByteOrder.LITTLE_ENDIAN ? 32 : 0);
        var key = new byte[] {length, 0, 0, (byte) (32 - length), 10, 0, (byte) (i >> 8), (byte) i};
        keys.add(key);
        entries.put(key, i);
      }
      map.putAll(entries);
      var found = new HashSet<Integer>();
      assertTrue(map.forEach((key, value) -> assertTrue(found.add(value))));
      assertEquals(300, found.size());
      assertEquals(300, map.removeAll(keys));
      assertEquals(0, map.removeAll(keys));
    }
  }
}
