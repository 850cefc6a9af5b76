package io.github.purebpf.bpf;

import io.github.purebpf.asm.MapShape;
import io.github.purebpf.bpf.error.Capability;
import io.github.purebpf.bpf.internal.failure.Failure;
import io.github.purebpf.bpf.internal.sys.Attr;
import io.github.purebpf.bpf.internal.sys.BpfAttr;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.bpf.internal.sys.Fd;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.btf.Btf;
import io.github.purebpf.btf.BtfBuilder;
import io.github.purebpf.insn.MapRef;
import java.lang.foreign.Arena;
import java.nio.ByteOrder;
import java.util.Set;

/** Makes a map, with the C types of its keys and values where the kernel takes them. */
final class MapCreator {
  private static final int PLAIN = Attr.MapCreate.MAP_NAME + Attr.MapCreate.MAP_NAME_SIZE;
  private static final int TYPED = Attr.MapCreate.BTF_VALUE_TYPE_ID + Integer.BYTES;

  private final Kernel kernel;
  private final MapRef name;
  private final MapShape shape;
  private Codec<?> key;
  private Codec<?> value;

  MapCreator(Kernel kernel, MapRef name, MapShape shape) {
    this.kernel = kernel;
    this.name = name;
    this.shape = shape;
  }

  /** One of typed keys and values. */
  static MapCreator of(Kernel kernel, MapSpec<?, ?> spec) {
    return new MapCreator(kernel, spec.name(), spec.shape()).typed(spec.key(), spec.value());
  }

  /** Tells the kernel the C types of keys and values, if it takes them. */
  MapCreator typed(Codec<?> keys, Codec<?> values) {
    key = keys;
    value = values;
    return this;
  }

  /** The new map's descriptor. */
  int create() {
    int fd = key == null ? createPlain() : createTyped();
    if (fd < 0) {
      throw Failure.of(kernel, Cmd.MAP_CREATE, KernelMap.title(name))
          .needs(Set.of(Capability.CAP_BPF))
          .feature(shape.type().kernelName(), shape.type().since())
          .hint(
              Errno.EINVAL,
              ("the type %s does not go with a key of %d bytes, a value of %d, %d entries or"
                      + " flags 0x%x")
                  .formatted(
                      shape.type().kernelName(),
                      shape.keySize(),
                      shape.valueSize(),
                      shape.maxEntries(),
                      shape.flags()))
          .hint(Errno.E2BIG, "its entries would be too many or too big")
          .exception(fd);
    }
    return fd;
  }

  /**
   * A descriptor or a negated errno.
   *
   * <p>The types are for the eyes of bpftool, and what takes them differs from kernel to kernel and
   * from map type to map type: where they are refused, the map is made without, and only what the
   * kernel says to that counts.
   */
  private int createTyped() {
    var types = new BtfBuilder();
    int keyType = key.cType(types);
    int valueType = value.cType(types);
    byte[] bytes = types.build(ByteOrder.nativeOrder());
    requireSize(bytes, "key", keyType, key);
    requireSize(bytes, "value", valueType, value);
    int btf = BtfLoader.load(kernel, bytes);
    if (btf >= 0) {
      int typed;
      try (var arena = Arena.ofConfined()) {
        typed =
            create(
                attr(arena, TYPED)
                    .u32(Attr.MapCreate.BTF_FD, btf)
                    .u32(Attr.MapCreate.BTF_KEY_TYPE_ID, keyType)
                    .u32(Attr.MapCreate.BTF_VALUE_TYPE_ID, valueType));
      } finally {
        kernel.close(btf);
      }
      if (typed >= 0) {
        return typed;
      }
    }
    return createPlain();
  }

  private int createPlain() {
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
              .formatted(name, what, size, codec.size()));
    }
  }

  private int create(BpfAttr attr) {
    return Fd.offStandardStreams(kernel, kernel.bpf(Cmd.MAP_CREATE, attr));
  }

  private BpfAttr attr(Arena arena, int size) {
    return BpfAttr.allocate(arena, size)
        .u32(Attr.MapCreate.MAP_TYPE, shape.type().value())
        .u32(Attr.MapCreate.KEY_SIZE, shape.keySize())
        .u32(Attr.MapCreate.VALUE_SIZE, shape.valueSize())
        .u32(Attr.MapCreate.MAX_ENTRIES, shape.maxEntries())
        .u32(Attr.MapCreate.MAP_FLAGS, shape.flags())
        .name(Attr.MapCreate.MAP_NAME, name.name());
  }
}
