package io.github.purebpf.bpf;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.bpf.internal.sys.BpfAttr;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Errno;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class MapWalkTest {
  private final FakeKernel kernel = new FakeKernel();
  private final TreeMap<Integer, Integer> entries = new TreeMap<>();
  private Runnable beforeNextKey = () -> {};
  private Runnable beforeLookup = () -> {};

  private BpfMap<Integer, Integer> map() {
    for (int i = 1; i <= 5; i++) {
      entries.put(i, 10 * i);
    }
    kernel.answer =
        (command, attr) ->
            switch (command) {
              case MAP_CREATE -> kernel.newFd();
              case MAP_GET_NEXT_KEY -> nextKey(attr);
              case MAP_LOOKUP_ELEM -> lookup(attr);
              case MAP_DELETE_ELEM -> entries.remove(key(attr)) == null ? -Errno.ENOENT : 0;
              default -> -Errno.ENOTSUPP;
            };
    return BpfMap.create(kernel, Fixtures.SERVICES_SPEC);
  }

  private static int key(BpfAttr attr) {
    return FakeKernel.at(attr.bytes().get(JAVA_LONG, 8), 4).get(JAVA_INT, 0);
  }

  private static void answer(BpfAttr attr, int number) {
    FakeKernel.at(attr.bytes().get(JAVA_LONG, 16), 4).set(JAVA_INT, 0, number);
  }

  /** After a key that is not there, the first, as the kernel does. */
  private int nextKey(BpfAttr attr) {
    beforeNextKey.run();
    boolean first = attr.bytes().get(JAVA_LONG, 8) == 0 || !entries.containsKey(key(attr));
    var next = first ? entries.firstEntry() : entries.higherEntry(key(attr));
    if (next == null) {
      return -Errno.ENOENT;
    }
    answer(attr, next.getKey());
    return 0;
  }

  private int lookup(BpfAttr attr) {
    beforeLookup.run();
    var value = entries.get(key(attr));
    if (value == null) {
      return -Errno.ENOENT;
    }
    answer(attr, value);
    return 0;
  }

  private static List<Integer> keys(BpfMap<Integer, Integer> map, boolean complete) {
    var keys = new ArrayList<Integer>();
    assertEquals(
        complete,
        map.forEach(
            (k, v) -> {
              assertEquals(10 * k, v);
              keys.add(k);
            }));
    return keys;
  }

  @Test
  void everyEntryIsVisitedOnce() {
    assertEquals(List.of(1, 2, 3, 4, 5), keys(map(), true));
  }

  @Test
  void anEmptyMapIsWalkedCompletely() {
    var map = map();
    entries.clear();
    assertEquals(List.of(), keys(map, true));
  }

  @Test
  void theActionMayRemoveTheKeyItIsGiven() {
    var map = map();
    var keys = new ArrayList<Integer>();
    assertTrue(
        map.forEach(
            (k, v) -> {
              keys.add(k);
              map.remove(k);
            }));
    assertEquals(List.of(1, 2, 3, 4, 5), keys);
    assertTrue(entries.isEmpty());
  }

  @Test
  void aKeyThatVanishesRestartsTheWalkWithoutRepeating() {
    var map = map();
    int[] calls = {0};
    // The third question is for the key after 2.
    beforeNextKey =
        () -> {
          if (++calls[0] == 3) {
            entries.remove(2);
          }
        };
    assertEquals(List.of(1, 3, 4, 5), keys(map, true));
  }

  @Test
  void aKeyThatVanishesBeforeItsLookupIsPassedOver() {
    var map = map();
    beforeLookup = () -> entries.remove(3);
    assertEquals(List.of(1, 2, 4, 5), keys(map, true));
  }

  @Test
  void endlessRemovalsEndTheWalkAndAreTold() {
    var map = map();
    // Somebody removes and adds each key just when its successor is asked for.
    kernel.answer =
        (command, attr) -> {
          if (command == Cmd.MAP_GET_NEXT_KEY) {
            answer(attr, 1);
            return 0;
          }
          return command == Cmd.MAP_LOOKUP_ELEM ? lookup(attr) : -Errno.ENOTSUPP;
        };
    assertEquals(List.of(1), keys(map, false));
    int questions = kernel.calls(Cmd.MAP_GET_NEXT_KEY).size();
    assertTrue(questions <= 1100, "questions: " + questions);
  }

  @Test
  void batchesOfWholeBucketsAreVisitedToTheEnd() {
    var map = map();
    int[] batch = {0};
    kernel.answer =
        (command, attr) -> {
          assertEquals(Cmd.MAP_LOOKUP_BATCH, command);
          var keys = FakeKernel.at(attr.bytes().get(JAVA_LONG, 16), 8);
          var values = FakeKernel.at(attr.bytes().get(JAVA_LONG, 24), 8);
          for (int i = 0; i < 2; i++) {
            int key = 2 * batch[0] + i + 1;
            keys.setAtIndex(JAVA_INT, i, key);
            values.setAtIndex(JAVA_INT, i, 10 * key);
          }
          attr.u32(32, 2);
          return ++batch[0] == 3 ? -Errno.ENOENT : 0;
        };
    assertEquals(List.of(1, 2, 3, 4, 5, 6), keys(map, true));
    var calls = kernel.calls(Cmd.MAP_LOOKUP_BATCH);
    assertEquals(0, calls.getFirst().u64(0));
    assertEquals(calls.getFirst().u64(8), calls.getLast().u64(0), "the cursor goes in again");
  }

  @Test
  void aBucketThatDoesNotFitGetsMoreRoom() {
    var map = map();
    kernel.answer =
        (command, attr) -> {
          boolean fits = attr.u32(32) >= 1024;
          attr.u32(32, 0);
          return fits ? -Errno.ENOENT : -Errno.ENOSPC;
        };
    assertEquals(List.of(), keys(map, true));
    assertEquals(
        List.of(256, 1024),
        kernel.calls(Cmd.MAP_LOOKUP_BATCH).stream().map(call -> call.u32(32)).toList());
  }

  @Test
  void otherErrorsEndTheWalk() {
    var map = map();
    kernel.answer = (command, attr) -> -Errno.EPERM;
    assertThrows(KernelErrorException.class, () -> map.forEach((k, v) -> {}));
    var walk = new MapWalk<>(map);
    assertThrows(KernelErrorException.class, () -> walk.run((k, v) -> {}));
    assertFalse(kernel.open.isEmpty());
  }
}
