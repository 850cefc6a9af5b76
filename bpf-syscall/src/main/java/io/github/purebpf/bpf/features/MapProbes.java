package io.github.purebpf.bpf.features;

import io.github.purebpf.bpf.internal.failure.Needs;
import io.github.purebpf.bpf.internal.sys.Attr;
import io.github.purebpf.bpf.internal.sys.BpfAttr;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.btf.BtfBuilder;
import io.github.purebpf.btf.CInt;
import io.github.purebpf.uapi.MapFlags;
import io.github.purebpf.uapi.MapType;
import java.nio.ByteOrder;
import java.util.function.Consumer;

/** Creates maps to see which kinds and flags there are. */
final class MapProbes {
  private static final int PLAIN = Attr.MapCreate.INNER_MAP_FD;

  /** A power of two that is a multiple of every architecture's pages. */
  private static final int RING = 1 << 16;

  private final Trial trial;

  MapProbes(Trial trial) {
    this.trial = trial;
  }

  static Trial.Subject subject(MapType type) {
    return new Trial.Subject(Cmd.MAP_CREATE, type.since(), Needs.of(type));
  }

  /** Whether a map of a type can be created. */
  Outcome probe(MapType type) {
    return switch (type) {
      case ARRAY_OF_MAPS, HASH_OF_MAPS ->
          trial.with(
              create(MapType.ARRAY, 4, 4, 1, 0),
              subject(type),
              inner ->
                  created(
                      type,
                      trial.createMap(
                          Attr.MapCreate.INNER_MAP_FD + Integer.BYTES,
                          attr ->
                              shape(attr, type, 4, 4, 1, 0)
                                  .u32(Attr.MapCreate.INNER_MAP_FD, inner))));
      case SK_STORAGE, INODE_STORAGE, TASK_STORAGE, CGRP_STORAGE -> storage(type);
      case STRUCT_OPS -> structOps();
      default -> created(type, create(type));
    };
  }

  /** A map of one of the types that need nothing but sizes. */
  private int create(MapType type) {
    return switch (type) {
      case LPM_TRIE -> create(type, 8, 4, 1, MapFlags.NO_PREALLOC);
      case STACK_TRACE -> create(type, 4, 8, 1, 0);
      case CGROUP_STORAGE, PERCPU_CGROUP_STORAGE -> create(type, 16, 8, 0, 0);
      case QUEUE, STACK, BLOOM_FILTER -> create(type, 0, 4, 1, 0);
      case RINGBUF, USER_RINGBUF -> create(type, 0, 0, RING, 0);
      case ARENA -> create(type, 0, 0, 1, MapFlags.MMAPABLE);
      default -> create(type, 4, 4, 1, 0);
    };
  }

  private Outcome created(MapType type, int fd) {
    return trial.with(fd, subject(type), _ -> Trial.AVAILABLE);
  }

  /** A descriptor or a negated errno. */
  int create(MapType type, int key, int value, int entries, int flags) {
    return trial.createMap(PLAIN, attr -> shape(attr, type, key, value, entries, flags));
  }

  /** The same with something more in the attr. */
  int create(MapType type, int size, Consumer<BpfAttr> more) {
    return trial.createMap(size, attr -> more.accept(shape(attr, type, 4, 4, 1, 0)));
  }

  private static BpfAttr shape(
      BpfAttr attr, MapType type, int key, int value, int entries, int flags) {
    return attr.u32(Attr.MapCreate.MAP_TYPE, type.value())
        .u32(Attr.MapCreate.KEY_SIZE, key)
        .u32(Attr.MapCreate.VALUE_SIZE, value)
        .u32(Attr.MapCreate.MAX_ENTRIES, entries)
        .u32(Attr.MapCreate.MAP_FLAGS, flags);
  }

  /** Storage is keyed by a kernel object, and the kernel wants to know its types. */
  private Outcome storage(MapType type) {
    var types = new BtfBuilder();
    int integer = CInt.S32.in(types);
    return trial.with(
        trial.loadBtf(types.build(ByteOrder.nativeOrder())),
        subject(type),
        btf ->
            created(
                type,
                trial.createMap(
                    Attr.MapCreate.BTF_VALUE_TYPE_ID + Integer.BYTES,
                    attr ->
                        shape(attr, type, 4, 4, 0, MapFlags.NO_PREALLOC)
                            .u32(Attr.MapCreate.BTF_FD, btf)
                            .u32(Attr.MapCreate.BTF_KEY_TYPE_ID, integer)
                            .u32(Attr.MapCreate.BTF_VALUE_TYPE_ID, integer))));
  }

  /** The type 1 of the kernel is no struct of functions, which only a kernel with them can say. */
  private Outcome structOps() {
    var subject = subject(MapType.STRUCT_OPS);
    int fd =
        trial.createMap(
            Attr.MapCreate.BTF_VMLINUX_VALUE_TYPE_ID + Integer.BYTES,
            attr ->
                shape(attr, MapType.STRUCT_OPS, 4, 4, 1, 0)
                    .u32(Attr.MapCreate.BTF_VMLINUX_VALUE_TYPE_ID, 1));
    return fd == -Errno.ENOTSUPP ? Trial.AVAILABLE : trial.with(fd, subject, _ -> Trial.AVAILABLE);
  }
}
