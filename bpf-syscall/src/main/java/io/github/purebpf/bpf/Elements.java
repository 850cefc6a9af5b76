package io.github.purebpf.bpf;

import io.github.purebpf.bpf.error.BpfException;
import io.github.purebpf.bpf.internal.failure.Failure;
import io.github.purebpf.bpf.internal.sys.Attr;
import io.github.purebpf.bpf.internal.sys.BpfAttr;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.uapi.UpdateFlags;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * The elements of a map, as the system calls of all kinds of maps see them. Each call has memory of
 * its own.
 */
final class Elements<K, V> {
  private final KernelMap map;
  private final Codec<K> key;
  private final Codec<V> value;
  private final UnaryOperator<Failure> words;

  /**
   * @param key null where elements have no keys; keys are then null, too
   * @param words adds what errors mean for this kind of map
   */
  Elements(KernelMap map, Codec<K> key, Codec<V> value, UnaryOperator<Failure> words) {
    this.map = map;
    this.key = key;
    this.value = value;
    this.words = words;
  }

  /** Puts an element; the failures that the caller takes for an answer come back as they are. */
  int update(K k, V v, long flags, int... expected) {
    Objects.requireNonNull(v, "value");
    try (var arena = Arena.ofConfined()) {
      var to = arena.allocate(value.size(), 8);
      value.write(v, to);
      var attr =
          attr(arena, k, Attr.MapElem.SIZE)
              .pointer(Attr.MapElem.VALUE, to)
              .u64(Attr.MapElem.FLAGS, flags);
      return call(Cmd.MAP_UPDATE_ELEM, attr, expected);
    }
  }

  void put(K k, V v) {
    update(k, v, UpdateFlags.ANY);
  }

  Optional<V> get(K k) {
    return read(Cmd.MAP_LOOKUP_ELEM, k);
  }

  Optional<V> take(K k) {
    return read(Cmd.MAP_LOOKUP_AND_DELETE_ELEM, k);
  }

  private Optional<V> read(Cmd command, K k) {
    try (var arena = Arena.ofConfined()) {
      var from = arena.allocate(value.size(), 8);
      var attr = attr(arena, k, Attr.MapElem.SIZE).pointer(Attr.MapElem.VALUE, from);
      return call(command, attr, Errno.ENOENT) < 0
          ? Optional.empty()
          : Optional.of(value.read(from));
    }
  }

  /** Whether a value is in a map in which values are what is looked up. */
  boolean contains(V v) {
    Objects.requireNonNull(v, "value");
    try (var arena = Arena.ofConfined()) {
      var wanted = arena.allocate(value.size(), 8);
      value.write(v, wanted);
      var attr = attr(arena, null, Attr.MapElem.SIZE).pointer(Attr.MapElem.VALUE, wanted);
      return call(Cmd.MAP_LOOKUP_ELEM, attr, Errno.ENOENT) >= 0;
    }
  }

  /** Whether the key was there. */
  boolean remove(K k) {
    try (var arena = Arena.ofConfined()) {
      return call(Cmd.MAP_DELETE_ELEM, attr(arena, k, Attr.MapElem.VALUE), Errno.ENOENT) >= 0;
    }
  }

  /**
   * The key behind one, in an order of the map's own.
   *
   * @param k null for the first
   */
  Optional<K> next(K k) {
    try (var arena = Arena.ofConfined()) {
      var next = arena.allocate(key.size(), 8);
      var attr = attr(arena, k, Attr.MapElem.FLAGS).pointer(Attr.MapElem.NEXT_KEY, next);
      return call(Cmd.MAP_GET_NEXT_KEY, attr, Errno.ENOENT) < 0
          ? Optional.empty()
          : Optional.of(key.read(next));
    }
  }

  private BpfAttr attr(Arena arena, K k, int size) {
    var attr = BpfAttr.allocate(arena, size);
    if (k == null) {
      return attr;
    }
    MemorySegment at = arena.allocate(key.size(), 8);
    key.write(k, at);
    return attr.pointer(Attr.MapElem.KEY, at);
  }

  private int call(Cmd command, BpfAttr attr, int... expected) {
    int result = map.call(command, attr, Attr.MapElem.MAP_FD);
    if (result < 0) {
      for (int errno : expected) {
        if (result == -errno) {
          return result;
        }
      }
      throw failure(command, result);
    }
    return result;
  }

  BpfException failure(Cmd command, int result) {
    return words.apply(MapFailure.of(map, command)).exception(result);
  }
}
