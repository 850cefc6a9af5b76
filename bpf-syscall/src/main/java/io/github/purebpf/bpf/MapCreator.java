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
import io.github.purebpf.btf.CInt;
import io.github.purebpf.insn.KernelVersion;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.uapi.MapFlags;
import io.github.purebpf.uapi.MapType;
import java.lang.foreign.Arena;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Makes a map, with the C types of its keys and values where the kernel takes them. */
final class MapCreator {
  /** The first kernel with {@code BPF_F_MMAPABLE}. */
  static final KernelVersion MAPPABLE = new KernelVersion(5, 5);

  private static final int PLAIN = Attr.MapCreate.MAP_NAME + Attr.MapCreate.MAP_NAME_SIZE;
  private static final int TYPED = Attr.MapCreate.BTF_VALUE_TYPE_ID + Integer.BYTES;
  private static final int STRUCT_OPS = Attr.MapCreate.BTF_VMLINUX_VALUE_TYPE_ID + Integer.BYTES;
  private static final int EXTRA = Attr.MapCreate.MAP_EXTRA + Long.BYTES;
  private static final int WITH_TOKEN = Attr.MapCreate.MAP_TOKEN_FD + Integer.BYTES;

  private final Kernel kernel;
  private final MapRef name;
  private final MapShape shape;
  private Codec<?> key;
  private Codec<?> value;
  private int node;
  private int inner;
  private int flags;
  private int kernelType;
  private long extra;
  private BpfToken token;

  /** The descriptor of the token while it is held, else 0. */
  private int tokenFd;

  private String remark = "";
  private final Map<String, KernelVersion> features = new LinkedHashMap<>();

  MapCreator(Kernel kernel, MapRef name, MapShape shape) {
    this.kernel = kernel;
    this.name = name;
    this.shape = shape;
    this.flags = shape.flags();
  }

  /** One of typed keys and values. */
  static MapCreator of(Kernel kernel, MapSpec<?, ?> spec, MapOption... options) {
    return new MapCreator(kernel, spec.name(), spec.shape())
        .typed(spec.key(), spec.value())
        .with(options);
  }

  /** The shape of a map of some kind, with the flags of its options. */
  static MapShape shape(
      MapType type, int keySize, int valueSize, int maxEntries, MapOption... options) {
    return new MapShape(type, keySize, valueSize, maxEntries, MapOption.flags(options));
  }

  /** Takes the options, whether their flags are in the shape or not. */
  MapCreator with(MapOption... options) {
    flags |= MapOption.flags(options);
    for (var option : options) {
      if (option instanceof MapOption.NumaNode(int number)) {
        node = number;
      } else if (option instanceof MapOption.Token(BpfToken given)) {
        token = given;
      }
    }
    return this;
  }

  /** A field whose meaning depends on the type; not zero from Linux 5.16 on only. */
  MapCreator extra(long number) {
    extra = number;
    return this;
  }

  /** What else EINVAL may mean. */
  MapCreator remark(String words) {
    remark = ", or: " + words;
    return this;
  }

  /** What is asked for beyond the type, and the kernel that brought it. */
  MapCreator feature(String feature, KernelVersion since) {
    features.put(feature, since);
    return this;
  }

  /** A map like those that will be its values; it must stay open until the map is made. */
  MapCreator inner(int fd) {
    inner = fd;
    return this;
  }

  /** Its values are of a type of the kernel's own, by its id. */
  MapCreator kernelType(int id) {
    kernelType = id;
    return this;
  }

  /**
   * Tells the kernel the C types of keys and values, if it takes them.
   *
   * @param keys null if there are none
   */
  MapCreator typed(Codec<?> keys, Codec<?> values) {
    key = keys;
    value = values;
    return this;
  }

  /** The new map's descriptor. */
  int create() {
    return BpfToken.using(
        token,
        held -> {
          tokenFd = held;
          return createHolding();
        });
  }

  private int createHolding() {
    int fd = kernelType != 0 ? createOfKernelType() : value == null ? createPlain() : createTyped();
    if (fd < 0) {
      var failure =
          failure(Cmd.MAP_CREATE, KernelMap.title(name), needed())
              .feature(shape.type().kernelName(), shape.type().since());
      if ((flags & MapFlags.MMAPABLE) != 0) {
        failure.feature("BPF_F_MMAPABLE", MAPPABLE);
      }
      features.forEach(failure::feature);
      throw failure
          .hint(
              Errno.EINVAL,
              ("the type %s does not go with a key of %d bytes, a value of %d, %d entries or"
                      + " flags 0x%x%s")
                  .formatted(
                      shape.type().kernelName(),
                      shape.keySize(),
                      shape.valueSize(),
                      shape.maxEntries(),
                      flags,
                      remarks()))
          .hint(Errno.EOPNOTSUPP, "values of " + shape.type().kernelName() + " cannot hold a lock")
          .hint(Errno.ENOTSUPP, "this kernel makes no such map" + remarks())
          .hint(Errno.E2BIG, "its entries would be too many or too big")
          .exception(fd);
    }
    return fd;
  }

  /** Where a token was given, EPERM does not mean that a capability is missing. */
  private Failure failure(Cmd command, String object, Set<Capability> needed) {
    var failure = Failure.of(kernel, command, object);
    return token == null
        ? failure.needs(needed)
        : BpfToken.explain(failure, "delegate_cmds and delegate_maps");
  }

  /**
   * A descriptor or a negated errno.
   *
   * <p>The types are for the eyes of bpftool, and what takes them differs from kernel to kernel and
   * from map type to map type: where they are refused, the map is made without, and only what the
   * kernel says to that counts.
   */
  private int createTyped() {
    var builder = new BtfBuilder();
    int keyType = key == null ? 0 : key.cType(builder);
    int valueType = value.cType(builder);
    byte[] bytes = builder.build(ByteOrder.nativeOrder());
    var parsed = Btf.parse(bytes);
    if (key != null) {
      requireSize(parsed, "key", keyType, key);
    }
    requireSize(parsed, "value", valueType, value);
    // The kernel finds a lock only by its type, and makes no local storage without types.
    boolean required = ValueLock.isIn(parsed, valueType) || isLocalStorage();
    int btf = BtfLoader.load(kernel, bytes, tokenFd);
    if (btf < 0 && required) {
      var types = "the types of " + KernelMap.title(name);
      throw failure(Cmd.BTF_LOAD, types, Set.of(Capability.CAP_BPF)).exception(btf);
    }
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
      if (typed >= 0 || required) {
        return typed;
      }
    }
    return createPlain();
  }

  private boolean isLocalStorage() {
    return switch (shape.type()) {
      case SK_STORAGE, INODE_STORAGE, TASK_STORAGE, CGRP_STORAGE -> true;
      default -> false;
    };
  }

  /** The kernel wants a descriptor of some types beside the id of its own, and ignores them. */
  private int createOfKernelType() {
    var types = new BtfBuilder();
    var _ = CInt.U32.in(types);
    int btf = BtfLoader.load(kernel, types.build(ByteOrder.nativeOrder()), tokenFd);
    if (btf < 0) {
      var what = "the types of " + KernelMap.title(name);
      throw failure(Cmd.BTF_LOAD, what, Set.of(Capability.CAP_BPF)).exception(btf);
    }
    try (var arena = Arena.ofConfined()) {
      return create(
          attr(arena, STRUCT_OPS)
              .u32(Attr.MapCreate.BTF_FD, btf)
              .u32(Attr.MapCreate.BTF_VMLINUX_VALUE_TYPE_ID, kernelType));
    } finally {
      kernel.close(btf);
    }
  }

  private int createPlain() {
    try (var arena = Arena.ofConfined()) {
      return create(attr(arena, PLAIN));
    }
  }

  /** What only a codec can get wrong must not look like what a kernel refuses. */
  private void requireSize(Btf types, String what, int id, Codec<?> codec) {
    int size = types.sizeOf(id);
    if (size != codec.size()) {
      throw new IllegalArgumentException(
          "map %s: the C type of its %ss has %d bytes, their codec %d"
              .formatted(name, what, size, codec.size()));
    }
  }

  private int create(BpfAttr attr) {
    return Fd.offStandardStreams(kernel, kernel.bpf(Cmd.MAP_CREATE, attr));
  }

  /** What else may be wrong with it. */
  private String remarks() {
    if (inner != 0) {
      return ", or the template cannot be inside: maps of maps cannot";
    }
    return (flags & MapFlags.NUMA_NODE) == 0
        ? remark
        : remark + ", or NUMA node " + node + " is offline";
  }

  private Set<Capability> needed() {
    return switch (shape.type()) {
      case SOCKMAP, SOCKHASH, DEVMAP, DEVMAP_HASH, XSKMAP ->
          Set.of(Capability.CAP_BPF, Capability.CAP_NET_ADMIN);
      default -> Set.of(Capability.CAP_BPF);
    };
  }

  /** An old kernel refuses an attr that is longer than it knows, if what is behind is not zero. */
  private int size(int least) {
    if (tokenFd != 0) {
      return WITH_TOKEN;
    }
    return extra == 0 ? least : EXTRA;
  }

  private BpfAttr attr(Arena arena, int size) {
    var attr = BpfAttr.allocate(arena, size(size));
    if (tokenFd != 0) {
      attr.u32(Attr.MapCreate.MAP_TOKEN_FD, tokenFd);
    }
    if (extra != 0) {
      attr.u64(Attr.MapCreate.MAP_EXTRA, extra);
    }
    return attr.u32(Attr.MapCreate.MAP_TYPE, shape.type().value())
        .u32(Attr.MapCreate.KEY_SIZE, shape.keySize())
        .u32(Attr.MapCreate.VALUE_SIZE, shape.valueSize())
        .u32(Attr.MapCreate.MAX_ENTRIES, shape.maxEntries())
        .u32(Attr.MapCreate.MAP_FLAGS, tokenFd == 0 ? flags : flags | BpfToken.FLAG)
        .u32(Attr.MapCreate.INNER_MAP_FD, inner)
        .u32(Attr.MapCreate.NUMA_NODE, node)
        .name(Attr.MapCreate.MAP_NAME, name.name());
  }
}
