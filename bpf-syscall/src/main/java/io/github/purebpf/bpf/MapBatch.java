package io.github.purebpf.bpf;

import io.github.purebpf.bpf.internal.sys.Attr;
import io.github.purebpf.bpf.internal.sys.BpfAttr;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Errno;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.function.BiConsumer;

/**
 * A walk over a hash table in which the kernel hands out whole buckets at a time ({@code
 * BPF_MAP_LOOKUP_BATCH}, Linux 5.6). A key never leaves its bucket, so that each is met exactly
 * once, whatever happens to others in the meantime.
 */
final class MapBatch<K, V> {
  private static final int FIRST_ROOM = 256;

  private final BpfMap<K, V> map;

  MapBatch(BpfMap<K, V> map) {
    this.map = map;
  }

  /** False if this kernel or this map does not know batches; the action was not called then. */
  boolean run(BiConsumer<? super K, ? super V> action) {
    try (var cursors = Arena.ofConfined()) {
      // The kernel's cursor for a hash table is a number of 32 bits.
      var cursor = cursors.allocate(Long.BYTES, 8);
      boolean begun = false;
      int room = FIRST_ROOM;
      while (true) {
        try (var arena = Arena.ofConfined()) {
          var keys = arena.allocate((long) room * map.spec().key().size(), 8);
          var values = arena.allocate((long) room * map.spec().value().size(), 8);
          var attr =
              BpfAttr.allocate(arena, Attr.MapBatch.FLAGS + Long.BYTES)
                  .pointer(Attr.MapBatch.IN_BATCH, begun ? cursor : MemorySegment.NULL)
                  .pointer(Attr.MapBatch.OUT_BATCH, cursor)
                  .pointer(Attr.MapBatch.KEYS, keys)
                  .pointer(Attr.MapBatch.VALUES, values)
                  .u32(Attr.MapBatch.COUNT, room);
          int result = map.call(Cmd.MAP_LOOKUP_BATCH, attr, Attr.MapBatch.MAP_FD);
          if (!begun && (result == -Errno.ENOTSUPP || result == -Errno.EINVAL)) {
            return false;
          }
          if (result == -Errno.ENOSPC) {
            // One bucket holds more than there is room for.
            room = Math.multiplyExact(room, 4);
            continue;
          }
          if (result < 0 && result != -Errno.ENOENT) {
            throw map.failure(Cmd.MAP_LOOKUP_BATCH, result);
          }
          visit(attr.u32(Attr.MapBatch.COUNT), keys, values, action);
          if (result == -Errno.ENOENT) {
            return true;
          }
          begun = true;
        }
      }
    }
  }

  private void visit(
      int count,
      MemorySegment keys,
      MemorySegment values,
      BiConsumer<? super K, ? super V> action) {
    var key = map.spec().key();
    var value = map.spec().value();
    for (long i = 0; i < count; i++) {
      action.accept(
          key.read(keys.asSlice(i * key.size(), key.size())),
          value.read(values.asSlice(i * value.size(), value.size())));
    }
  }
}
