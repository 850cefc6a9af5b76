package io.github.purebpf.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.testkit.KernelCondition;
import io.github.purebpf.uapi.MapType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AddLifecycleHook;
import net.jqwik.api.lifecycle.LifecycleContext;
import net.jqwik.api.lifecycle.SkipExecutionHook;
import org.junit.jupiter.api.function.Executable;

/** Any sequence of operations behaves as on a {@link Map}, within the limits of the kernel. */
@AddLifecycleHook(MapModelIT.RequiresKernel.class)
class MapModelIT {
  /** As {@code @RequiresKernel} does for JUnit's own tests. */
  static final class RequiresKernel implements SkipExecutionHook {
    @Override
    public SkipResult shouldBeSkipped(LifecycleContext context) {
      return KernelCondition.reasonToSkip().map(SkipResult::skip).orElse(SkipResult.doNotSkip());
    }
  }

  private static final MapRef NAME = new MapRef("it_model");

  /** Few entries and not many more keys, so that maps become full and empty. */
  private static final int ENTRIES = 6;

  private static final int KEYS = 9;

  /** A map and what it must be. */
  static final class Pair {
    final BpfMap<Integer, Long> map;
    final MapElement<Integer, Long> element;
    final Map<Integer, Long> model = new TreeMap<>();

    /** An array has every key from the start, and never another. */
    final boolean array;

    Pair(BpfMap<Integer, Long> map) {
      this.map = map;
      this.element = map.element();
      this.array = map.spec().type() == MapType.ARRAY;
      for (int i = 0; array && i < ENTRIES; i++) {
        model.put(i, 0L);
      }
    }

    boolean isFullFor(int key) {
      return !model.containsKey(key) && (array || model.size() == ENTRIES);
    }
  }

  /** One step on both, which compares what they answer. */
  interface Step {
    void on(Pair pair);
  }

  private static Step named(String name, Step step) {
    return new Step() {
      @Override
      public void on(Pair pair) {
        step.on(pair);
      }

      @Override
      public String toString() {
        return name;
      }
    };
  }

  private static void refused(String errno, Executable call) {
    assertEquals(errno, assertThrows(KernelErrorException.class, call).errnoName());
  }

  private static Step get(int key) {
    return named(
        "get " + key,
        pair -> {
          var expected = Optional.ofNullable(pair.model.get(key));
          assertEquals(expected, pair.map.get(key));
          assertEquals(expected.orElse(-7L), pair.map.getOrDefault(key, -7L));
          assertEquals(expected.isPresent(), pair.element.key((long) key).get());
          expected.ifPresent(value -> assertEquals(value, pair.element.valueAsLong()));
        });
  }

  private static Step put(int key, long value) {
    return named(
        "put " + key + " " + value,
        pair -> {
          if (pair.isFullFor(key)) {
            refused("E2BIG", () -> pair.map.put(key, value));
          } else {
            pair.map.put(key, value);
            pair.model.put(key, value);
          }
        });
  }

  private static Step putElement(int key, long value) {
    return named(
        "put the element " + key + " " + value,
        pair -> {
          pair.element.key((long) key).value(value);
          if (pair.isFullFor(key)) {
            refused("E2BIG", pair.element::put);
          } else {
            pair.element.put();
            pair.model.put(key, value);
          }
        });
  }

  private static Step putIfAbsent(int key, long value) {
    return named(
        "put " + key + " " + value + " if absent",
        pair -> {
          if (pair.isFullFor(key)) {
            refused("E2BIG", () -> pair.map.putIfAbsent(key, value));
          } else {
            assertEquals(
                pair.model.putIfAbsent(key, value) == null, pair.map.putIfAbsent(key, value));
          }
        });
  }

  private static Step replace(int key, long value) {
    return named(
        "replace " + key + " " + value,
        pair -> {
          if (pair.array && key >= ENTRIES) {
            refused("E2BIG", () -> pair.map.replace(key, value));
          } else {
            assertEquals(pair.model.replace(key, value) != null, pair.map.replace(key, value));
          }
        });
  }

  private static Step remove(int key) {
    return named(
        "remove " + key,
        pair -> {
          if (pair.array) {
            refused("EINVAL", () -> pair.map.remove(key));
          } else {
            assertEquals(pair.model.remove(key) != null, pair.map.remove(key));
          }
        });
  }

  private static Step removeAndGet(int key) {
    return named(
        "remove and get " + key,
        pair -> {
          if (pair.array) {
            refused("ENOTSUPP", () -> pair.map.removeAndGet(key));
          } else {
            assertEquals(Optional.ofNullable(pair.model.remove(key)), pair.map.removeAndGet(key));
          }
        });
  }

  private static Step putAll(Map<Integer, Long> entries) {
    return named(
        "put all " + entries,
        pair -> {
          int done = 0;
          for (var entry : entries.entrySet()) {
            if (pair.isFullFor(entry.getKey())) {
              break;
            }
            pair.model.put(entry.getKey(), entry.getValue());
            done++;
          }
          if (done == entries.size()) {
            pair.map.putAll(entries);
          } else {
            var e = assertThrows(KernelErrorException.class, () -> pair.map.putAll(entries));
            assertEquals("E2BIG", e.errnoName());
            var words = "after " + done + " of " + entries.size() + " elements";
            assertTrue(e.getMessage().contains(words), e.getMessage());
          }
        });
  }

  private static Step removeAll(List<Integer> keys) {
    return named(
        "remove all " + keys,
        pair -> {
          if (pair.array) {
            refused("EINVAL", () -> pair.map.removeAll(keys));
          } else {
            int before = pair.model.size();
            keys.forEach(pair.model::remove);
            assertEquals(before - pair.model.size(), pair.map.removeAll(keys));
          }
        });
  }

  private static Step drain() {
    return named(
        "drain",
        pair -> {
          var drained = new HashMap<Integer, Long>();
          if (pair.array) {
            refused("ENOTSUPP", () -> pair.map.drain(drained::put));
          } else {
            assertEquals(pair.model.size(), pair.map.drain(drained::put));
            assertEquals(pair.model, drained);
            pair.model.clear();
          }
        });
  }

  private static Step walk() {
    return named(
        "walk by key",
        pair -> {
          var walked = new HashMap<Integer, Long>();
          assertTrue(new MapWalk<>(pair.map).run(walked::put));
          assertEquals(pair.model, walked);
        });
  }

  @Provide
  Arbitrary<Step> steps() {
    var keys = Arbitraries.integers().between(0, KEYS - 1);
    var values = Arbitraries.longs();
    var entries =
        Combinators.combine(keys.list().uniqueElements().ofMinSize(1), values)
            .as(
                (list, value) -> {
                  var map = new LinkedHashMap<Integer, Long>();
                  list.forEach(key -> map.put(key, value + key));
                  return map;
                });
    return Arbitraries.oneOf(
        keys.map(MapModelIT::get),
        Combinators.combine(keys, values).as(MapModelIT::put),
        Combinators.combine(keys, values).as(MapModelIT::putElement),
        Combinators.combine(keys, values).as(MapModelIT::putIfAbsent),
        Combinators.combine(keys, values).as(MapModelIT::replace),
        keys.map(MapModelIT::remove),
        keys.map(MapModelIT::removeAndGet),
        entries.map(MapModelIT::putAll),
        keys.list().ofMinSize(1).map(MapModelIT::removeAll),
        Arbitraries.create(MapModelIT::drain),
        Arbitraries.create(MapModelIT::walk));
  }

  private static void behaveAsOne(MapSpec<Integer, Long> spec, List<Step> steps) {
    try (var map = BpfMap.create(spec)) {
      var pair = new Pair(map);
      for (var step : steps) {
        step.on(pair);
        assertEquals(pair.model, map.toMap(), step::toString);
      }
    }
  }

  @Property(tries = 150)
  void aHashTable(@ForAll @Size(max = 40) List<@From("steps") Step> steps) {
    behaveAsOne(MapSpec.hash(NAME, Codec.u32(), Codec.s64(), ENTRIES), steps);
  }

  @Property(tries = 150)
  void aHashTableWithoutPreallocation(@ForAll @Size(max = 40) List<@From("steps") Step> steps) {
    behaveAsOne(
        MapSpec.hash(NAME, Codec.u32(), Codec.s64(), ENTRIES).withoutPreallocation(), steps);
  }

  @Property(tries = 150)
  void anArray(@ForAll @Size(max = 40) List<@From("steps") Step> steps) {
    behaveAsOne(MapSpec.array(NAME, Codec.s64(), ENTRIES), steps);
  }

  /** A lookup finds the longest of the prefixes that were put. */
  @Property(tries = 150)
  void aTrie(
      @ForAll @Size(max = 12) List<@IntRange(max = 0x3ff) Integer> prefixes,
      @ForAll @Size(max = 12) List<@IntRange(max = 0x1f) Integer> addresses) {
    var key = Codec.bytes(8);
    try (var map = BpfMap.create(MapSpec.lpmTrie(NAME, key, Codec.u32(), 16))) {
      var model = new HashMap<List<Integer>, Integer>();
      for (int prefix : prefixes) {
        int length = prefix >> 5;
        int address = (prefix & 0x1f) << 27;
        int length32 = Math.min(length, 32);
        map.put(key(length32, address), prefix);
        model.put(List.of(length32, masked(address, length32)), prefix);
      }
      for (int number : addresses) {
        int address = number << 27;
        Integer expected = null;
        for (int length = 32; length >= 0 && expected == null; length--) {
          expected = model.get(List.of(length, masked(address, length)));
        }
        assertEquals(Optional.ofNullable(expected), map.get(key(32, address)));
      }
      var found = new ArrayList<Integer>();
      assertTrue(map.forEach((_, value) -> found.add(value)));
      assertEquals(model.values().stream().sorted().toList(), found.stream().sorted().toList());
      for (var prefix : model.keySet()) {
        assertTrue(map.remove(key(prefix.get(0), prefix.get(1))), prefix::toString);
      }
      assertEquals(Map.of(), map.toMap());
    }
  }

  private static int masked(int address, int length) {
    return length == 0 ? 0 : address & -1 << (32 - length);
  }

  private static byte[] key(int length, int address) {
    var bytes = ByteBuffer.allocate(8).order(ByteOrder.nativeOrder());
    bytes.putInt(length).order(ByteOrder.BIG_ENDIAN).putInt(address);
    return bytes.array();
  }
}
