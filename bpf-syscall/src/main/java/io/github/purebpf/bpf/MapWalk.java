package io.github.purebpf.bpf;

import io.github.purebpf.bpf.internal.sys.Attr;
import io.github.purebpf.bpf.internal.sys.BpfAttr;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.uapi.MapType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * One walk over the entries of a map, key after key.
 *
 * <p>Asked for the key after one that has been removed, the kernel answers with the first key: the
 * walk then starts again. Hence a set of the keys already seen, and a bound.
 */
final class MapWalk<K, V> {
  private static final long LEAST_STEPS = 1024;
  private static final long STEPS_PER_ENTRY = 8;

  private final KeyedMap<K, V> map;
  private final Set<ByteBuffer> seen = new HashSet<>();
  private final long steps;

  MapWalk(KeyedMap<K, V> map) {
    this.map = map;
    long entries = Integer.toUnsignedLong(map.shape().maxEntries());
    this.steps = Math.max(LEAST_STEPS, STEPS_PER_ENTRY * entries);
  }

  /** Whether it came to the end and, of a trie, passed over nothing. */
  boolean run(BiConsumer<? super K, ? super V> action) {
    return walk(action) && (map.shape().type() != MapType.LPM_TRIE || isSeenAgain());
  }

  /**
   * Whether a second walk finds no key that the first has not. While others change a trie, the
   * kernel may pass over a prefix that stays.
   */
  private boolean isSeenAgain() {
    try (var arena = Arena.ofConfined()) {
      var attr = BpfAttr.allocate(arena, Attr.MapElem.NEXT_KEY + Long.BYTES);
      var key = arena.allocate(map.keys().size(), 8);
      var next = arena.allocate(map.keys().size(), 8);
      boolean found = advance(attr, MemorySegment.NULL, key);
      for (long step = 1; found; step++) {
        if (step > steps || !seen.contains(ByteBuffer.wrap(key.toArray(ValueLayout.JAVA_BYTE)))) {
          return false;
        }
        found = advance(attr, key, next);
        key.copyFrom(next);
      }
      return true;
    }
  }

  private boolean walk(BiConsumer<? super K, ? super V> action) {
    try (var arena = Arena.ofConfined()) {
      var attr = BpfAttr.allocate(arena, Attr.MapElem.NEXT_KEY + Long.BYTES);
      var elements = BpfAttr.allocate(arena, Attr.MapElem.SIZE).u64(Attr.MapElem.FLAGS, map.lock());
      var key = arena.allocate(map.keys().size(), 8);
      var next = arena.allocate(map.keys().size(), 8);
      var value = arena.allocate(map.values().size(), 8);
      boolean found = advance(attr, MemorySegment.NULL, key);
      for (long step = 1; found; step++) {
        if (step > steps) {
          return false;
        }
        // Before the action, which may remove the key.
        found = advance(attr, key, next);
        if (seen.add(ByteBuffer.wrap(key.toArray(ValueLayout.JAVA_BYTE)))
            && lookup(elements, key, value)) {
          action.accept(map.keys().read(key), map.values().read(value));
        }
        key.copyFrom(next);
      }
      return true;
    }
  }

  private boolean advance(BpfAttr attr, MemorySegment key, MemorySegment next) {
    attr.pointer(Attr.MapElem.KEY, key).pointer(Attr.MapElem.NEXT_KEY, next);
    return succeeded(Cmd.MAP_GET_NEXT_KEY, attr);
  }

  private boolean lookup(BpfAttr attr, MemorySegment key, MemorySegment value) {
    attr.pointer(Attr.MapElem.KEY, key).pointer(Attr.MapElem.VALUE, value);
    return succeeded(Cmd.MAP_LOOKUP_ELEM, attr);
  }

  /** False for ENOENT: no further key, or the key has gone. */
  private boolean succeeded(Cmd command, BpfAttr attr) {
    int result = map.call(command, attr, Attr.MapElem.MAP_FD);
    if (result < 0 && result != -Errno.ENOENT) {
      throw map.failure(command, result);
    }
    return result >= 0;
  }
}
