package io.github.purebpf.bpf;

import io.github.purebpf.bpf.internal.sys.Attr;
import io.github.purebpf.bpf.internal.sys.BpfAttr;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Fd;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.btf.Btf;
import io.github.purebpf.btf.BtfBuilder;
import java.lang.foreign.Arena;
import java.nio.ByteOrder;

/** Makes a map, with the C types of its keys and values where the kernel takes them. */
final class MapCreator {
  private static final int PLAIN = Attr.MapCreate.MAP_NAME + Attr.MapCreate.MAP_NAME_SIZE;
  private static final int TYPED = Attr.MapCreate.BTF_VALUE_TYPE_ID + Integer.BYTES;

  private final Kernel kernel;
  private final MapSpec<?, ?> spec;

  MapCreator(Kernel kernel, MapSpec<?, ?> spec) {
    this.kernel = kernel;
    this.spec = spec;
  }

  /**
   * A descriptor or a negated errno.
   *
   * <p>The types are for the eyes of bpftool, and what takes them differs from kernel to kernel and
   * from map type to map type: where they are refused, the map is made without, and only what the
   * kernel says to that counts.
   */
  int create() {
    var types = new BtfBuilder();
    int key = spec.key().cType(types);
    int value = spec.value().cType(types);
    byte[] bytes = types.build(ByteOrder.nativeOrder());
    requireSize(bytes, "key", key, spec.key());
    requireSize(bytes, "value", value, spec.value());
    int btf = BtfLoader.load(kernel, bytes);
    if (btf >= 0) {
      int typed;
      try (var arena = Arena.ofConfined()) {
        typed =
            create(
                attr(arena, TYPED)
                    .u32(Attr.MapCreate.BTF_FD, btf)
                    .u32(Attr.MapCreate.BTF_KEY_TYPE_ID, key)
                    .u32(Attr.MapCreate.BTF_VALUE_TYPE_ID, value));
      } finally {
        kernel.close(btf);
      }
      if (typed >= 0) {
        return typed;
      }
    }
    try (var arena = Arena.ofConfined()) {
      return create(attr(arena, PLAIN));
    }
  }

  /** What only a codec can get wrong must not look like what a kernel refuses. */
  private void requireSize(byte[] types, String what, int id, Codec<?> codec) {
    int size = Btf.parse(types).sizeOf(id);
    if (size != codec.size()) {
      throw new IllegalArgumentException(
          "map %s: the C type of its %ss has %d bytes, their codec %d"
              .formatted(spec.name(), what, size, codec.size()));
    }
  }

  private int create(BpfAttr attr) {
    return Fd.offStandardStreams(kernel, kernel.bpf(Cmd.MAP_CREATE, attr));
  }

  private BpfAttr attr(Arena arena, int size) {
    return BpfAttr.allocate(arena, size)
        .u32(Attr.MapCreate.MAP_TYPE, spec.type().value())
        .u32(Attr.MapCreate.KEY_SIZE, spec.key().size())
        .u32(Attr.MapCreate.VALUE_SIZE, spec.value().size())
        .u32(Attr.MapCreate.MAX_ENTRIES, spec.maxEntries())
        .u32(Attr.MapCreate.MAP_FLAGS, spec.flags())
        .name(Attr.MapCreate.MAP_NAME, spec.name().name());
  }
}
