package io.github.purebpf.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.insn.MapRef;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * A walk over a map in which others put and remove entries all the time comes to an end, sees every
 * key at most once, and all keys that stay if it says that it came to the end of the map.
 *
 * <p>Even keys stay and odd ones come and go. A value says which key it is of.
 */
@RequiresKernel
@NoLeakedFds
class IterationUnderChurnIT {
  private static final MapRef NAME = new MapRef("it_churn");
  private static final int KEYS = 600;
  private static final int WALKS = 40;
  private static final int CHURNERS = 2;
  private static final Set<Integer> STAYING =
      IntStream.range(0, KEYS).filter(key -> key % 2 == 0).boxed().collect(Collectors.toSet());

  /** How a map of any kind is used here, by numbers. */
  private record Subject(BiConsumer<Integer, Long> put, Predicate<Integer> remove, Walk walk) {}

  private interface Walk {
    boolean run(BiConsumer<Integer, Long> action);
  }

  private static Subject of(BpfMap<Integer, Long> map) {
    return new Subject(map::put, map::remove, map::forEach);
  }

  /** Walks until there were enough walks, while others put and remove. */
  private static int complete(Subject subject) throws Exception {
    STAYING.forEach(key -> subject.put.accept(key, (long) key));
    var begun = new CountDownLatch(CHURNERS);
    var walked = new CountDownLatch(1);
    int complete = 0;
    try (var churners = Executors.newFixedThreadPool(CHURNERS)) {
      var ends =
          IntStream.range(0, CHURNERS)
              .mapToObj(
                  i ->
                      churners.submit(
                          () -> {
                            churn(subject, 2 * i + 1, begun, walked);
                            return null;
                          }))
              .toList();
      try {
        begun.await();
        for (int i = 0; i < WALKS; i++) {
          complete += walk(subject) ? 1 : 0;
        }
      } finally {
        walked.countDown();
      }
      for (var end : ends) {
        end.get();
      }
    }
    // In quiet, every walk is complete.
    assertTrue(walk(subject));
    return complete;
  }

  private static void churn(
      Subject subject, int first, CountDownLatch begun, CountDownLatch walked) {
    while (walked.getCount() > 0) {
      for (int key = first; key < KEYS; key += 2 * CHURNERS) {
        subject.put.accept(key, (long) key);
      }
      begun.countDown();
      for (int key = first; key < KEYS; key += 2 * CHURNERS) {
        assertTrue(subject.remove.test(key));
      }
    }
  }

  private static boolean walk(Subject subject) {
    var seen = new HashSet<Integer>();
    boolean complete =
        subject.walk.run(
            (key, value) -> {
              assertTrue(seen.add(key), () -> key + " came twice");
              assertTrue(key >= 0 && key < KEYS, () -> "no such key: " + key);
              assertEquals((long) key, value);
            });
    if (complete) {
      assertTrue(seen.containsAll(STAYING), () -> "only " + seen);
    }
    return complete;
  }

  @Test
  void aHashTableIsReadToItsEnd() throws Exception {
    try (var map = BpfMap.create(MapSpec.hash(NAME, Codec.u32(), Codec.s64(), 2 * KEYS))) {
      assertEquals(WALKS, complete(of(map)));
    }
  }

  @Test
  void aHashTableWithoutPreallocationIsReadToItsEnd() throws Exception {
    var spec = MapSpec.hash(NAME, Codec.u32(), Codec.s64(), 2 * KEYS).withoutPreallocation();
    try (var map = BpfMap.create(spec)) {
      assertEquals(WALKS, complete(of(map)));
    }
  }

  @Test
  void aTableOfAllCpusIsReadToItsEnd() throws Exception {
    try (var map = PerCpuMap.create(MapSpec.perCpuHash(NAME, Codec.u32(), Codec.s64(), 2 * KEYS))) {
      var subject =
          new Subject(
              map::putSame,
              map::remove,
              action ->
                  map.forEach(
                      (key, values) -> {
                        assertEquals(1, Set.copyOf(values).size(), values::toString);
                        action.accept(key, values.getFirst());
                      }));
      assertEquals(WALKS, complete(subject));
    }
  }

  /** Key by key, as on kernels without batches: it may give up, but says so. */
  @Test
  void aWalkByKeysSaysWhetherItSawEverything() throws Exception {
    try (var map = BpfMap.create(MapSpec.hash(NAME, Codec.u32(), Codec.s64(), 2 * KEYS))) {
      var subject = new Subject(map::put, map::remove, action -> new MapWalk<>(map).run(action));
      int complete = complete(subject);
      assertTrue(complete <= WALKS);
    }
  }

  /** A number as a prefix of 32 bits; a lookup of one that has gone finds what covers it. */
  private static byte[] prefix(int key) {
    var bytes = java.nio.ByteBuffer.allocate(8).order(java.nio.ByteOrder.nativeOrder());
    bytes.putInt(32).order(java.nio.ByteOrder.BIG_ENDIAN).putInt(key);
    return bytes.array();
  }

  private static int number(byte[] prefix) {
    return java.nio.ByteBuffer.wrap(prefix).getInt(4);
  }

  /** Under changes by others the kernel's walk of a trie may pass over what stays. */
  @Test
  void aTrieIsReadToItsEndOrSaysSo() throws Exception {
    var key = Codec.bytes(8);
    try (var map = BpfMap.create(MapSpec.lpmTrie(NAME, key, Codec.s64(), 2 * KEYS))) {
      var subject =
          new Subject(
              (number, value) -> map.put(prefix(number), value),
              number -> map.remove(prefix(number)),
              action -> map.forEach((k, value) -> action.accept(number(k), value)));
      int complete = complete(subject);
      assertTrue(complete <= WALKS);
    }
  }

  /**
   * What is removed between two calls of a walk is found by the next prefix that covers it: the
   * kernel has no other lookup. Prefixes that stay have their own values.
   */
  @Test
  void aPrefixThatHasGoneMayShowTheValueOfTheOneThatCoversIt() throws Exception {
    var all = new byte[8];
    try (var map = BpfMap.create(MapSpec.lpmTrie(NAME, Codec.bytes(8), Codec.s64(), 2 * KEYS))) {
      map.put(all, -1L);
      map.put(prefix(5), 5L);
      assertEquals(Optional.of(5L), map.get(prefix(5)));
      map.remove(prefix(5));
      assertEquals(Optional.of(-1L), map.get(prefix(5)));
    }
  }
}
