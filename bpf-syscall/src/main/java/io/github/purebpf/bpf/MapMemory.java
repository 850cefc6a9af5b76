package io.github.purebpf.bpf;

import io.github.purebpf.bpf.internal.sys.Attr;
import io.github.purebpf.bpf.internal.sys.BpfAttr;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * The native memory of one call on a map's elements: the attr, a key, and a value, to which the
 * attr already points. It belongs to one call at a time and lives as long as it is reachable.
 */
final class MapMemory {
  final BpfAttr attr;

  /** The same, cut off behind the key: what deletes is refused if more is set. */
  final BpfAttr keyAlone;

  final MemorySegment key;
  final MemorySegment value;

  MapMemory(int keySize, int valueSize) {
    var arena = Arena.ofAuto();
    attr = BpfAttr.allocate(arena, Attr.MapElem.SIZE);
    keyAlone = new BpfAttr(attr.bytes().asSlice(0, Attr.MapElem.VALUE), attr.errno());
    key = arena.allocate(keySize, 8);
    value = arena.allocate(valueSize, 8);
    attr.pointer(Attr.MapElem.KEY, key).pointer(Attr.MapElem.VALUE, value);
  }

  /**
   * The blocks of a map that no call uses at the moment. A thread begins to look at a place of its
   * own, so that threads rarely meet; virtual threads cost nothing.
   */
  static final class Pool {
    private static final int PLACES =
        Math.min(64, Integer.highestOneBit(2 * Runtime.getRuntime().availableProcessors()));
    private static final int TRIES = 4;

    private final int keySize;
    private final int valueSize;
    private final AtomicReferenceArray<MapMemory> idle = new AtomicReferenceArray<>(PLACES);

    Pool(int keySize, int valueSize) {
      this.keySize = keySize;
      this.valueSize = valueSize;
    }

    MapMemory take() {
      int first = (int) Thread.currentThread().threadId();
      for (int i = 0; i < TRIES; i++) {
        var memory = idle.getAndSet((first + i) & (PLACES - 1), null);
        if (memory != null) {
          return memory;
        }
      }
      return new MapMemory(keySize, valueSize);
    }

    void give(MapMemory memory) {
      int first = (int) Thread.currentThread().threadId();
      for (int i = 0; i < TRIES; i++) {
        if (idle.compareAndSet((first + i) & (PLACES - 1), null, memory)) {
          return;
        }
      }
      // More calls at once than places: the garbage collector frees this block.
    }
  }
}
