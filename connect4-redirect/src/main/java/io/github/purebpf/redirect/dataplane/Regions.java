package io.github.purebpf.redirect.dataplane;

import java.util.BitSet;
import java.util.OptionalInt;

/** Which elements of an array are in use, and where some in a row are free. */
final class Regions {
  private final BitSet used = new BitSet();
  private final int size;

  /** Where the search begins, so that what was given back rests for long. */
  private int cursor;

  Regions(int size) {
    this.size = size;
  }

  /** Takes a number of free elements in a row, or none. */
  OptionalInt take(int count) {
    var found = search(cursor, size, count);
    if (found.isEmpty() && cursor > 0) {
      found = search(0, Math.min(size, cursor + count - 1), count);
    }
    found.ifPresent(
        start -> {
          used.set(start, start + count);
          cursor = start + count;
        });
    return found;
  }

  private OptionalInt search(int from, int to, int count) {
    int start = used.nextClearBit(from);
    while (start + count <= to) {
      int end = used.nextSetBit(start);
      if (end < 0 || end - start >= count) {
        return OptionalInt.of(start);
      }
      start = used.nextClearBit(end);
    }
    return OptionalInt.empty();
  }

  /** Marks elements that are in use. */
  void mark(int start, int count) {
    used.set(start, start + count);
  }

  void give(int start, int count) {
    used.clear(start, start + count);
  }

  boolean contains(int element) {
    return used.get(element);
  }

  int inUse() {
    return used.cardinality();
  }

  int size() {
    return size;
  }
}
