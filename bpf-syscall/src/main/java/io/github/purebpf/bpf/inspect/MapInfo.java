package io.github.purebpf.bpf.inspect;

import io.github.purebpf.bpf.KernelMap;
import io.github.purebpf.bpf.internal.query.FdInfo;
import io.github.purebpf.bpf.internal.query.ObjectInfo;
import io.github.purebpf.bpf.internal.sys.BpfMapInfo;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.uapi.MapType;
import java.lang.foreign.Arena;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A map ({@code bpf_map_info}, Linux 4.13). What a kernel is too old to tell is 0 or empty; the
 * release that brought it is given below.
 *
 * @param id unique among maps while it lives
 * @param typeNumber its type, also one that {@link MapType} does not know
 * @param name at most 15 bytes, as it was given; Linux 4.15
 * @param keySize the bytes of a key
 * @param valueSize the bytes of a value; of one CPU, where each has its own
 * @param maxEntries how many entries it can hold, to be taken as unsigned; for a ring buffer its
 *     bytes
 * @param flags {@code BPF_F_…}, see {@link io.github.purebpf.uapi.MapFlags}
 * @param extra {@code map_extra}, whose meaning depends on the type; Linux 5.16
 * @param types the C types of its entries, if it was made with them; Linux 4.18
 * @param kernelTypeId the type of the kernel's own that its value is made of, as for {@code
 *     BPF_MAP_TYPE_STRUCT_OPS}; Linux 5.6
 * @param frozen whether system calls may no longer change it, as {@code /proc} tells; Linux 5.2
 * @param memlock the bytes that it is charged for, as {@code /proc} tells; Linux 4.11
 */
public record MapInfo(
    int id,
    int typeNumber,
    String name,
    int keySize,
    int valueSize,
    int maxEntries,
    int flags,
    long extra,
    Optional<Types> types,
    OptionalInt kernelTypeId,
    boolean frozen,
    long memlock) {

  /**
   * The C types of a map's entries.
   *
   * @param btfId the type information, see {@link KernelObjects#types}
   * @param keyTypeId the type of the keys in it, 0 if there is none
   * @param valueTypeId the type of the values in it, 0 if there is none
   */
  public record Types(int btfId, int keyTypeId, int valueTypeId) {}

  /** Refuses nulls. */
  public MapInfo {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(types, "types");
    Objects.requireNonNull(kernelTypeId, "kernelTypeId");
  }

  /** That of a map that this process holds; needs no privilege. */
  public static MapInfo of(KernelMap map) {
    return map.withFd(fd -> read(Kernel.running(), fd, map.toString()));
  }

  static MapInfo read(Kernel kernel, int fd, String title) {
    try (var arena = Arena.ofConfined()) {
      var info = ObjectInfo.of(kernel, fd, title, arena, BpfMapInfo.SIZE);
      var file = FdInfo.of(kernel, fd);
      return new MapInfo(
          info.u32(BpfMapInfo.ID),
          info.u32(BpfMapInfo.TYPE),
          info.name(BpfMapInfo.NAME, BpfMapInfo.NAME_SIZE),
          info.u32(BpfMapInfo.KEY_SIZE),
          info.u32(BpfMapInfo.VALUE_SIZE),
          info.u32(BpfMapInfo.MAX_ENTRIES),
          info.u32(BpfMapInfo.MAP_FLAGS),
          info.u64(BpfMapInfo.MAP_EXTRA),
          types(info),
          info.id(BpfMapInfo.BTF_VMLINUX_VALUE_TYPE_ID),
          file.number("frozen") != 0,
          file.number("memlock"));
    }
  }

  private static Optional<Types> types(ObjectInfo info) {
    int btf = info.u32(BpfMapInfo.BTF_ID);
    return btf == 0
        ? Optional.empty()
        : Optional.of(
            new Types(
                btf, info.u32(BpfMapInfo.BTF_KEY_TYPE_ID), info.u32(BpfMapInfo.BTF_VALUE_TYPE_ID)));
  }

  /** Its type; empty for one that is newer than this library. */
  public Optional<MapType> type() {
    return MapType.byValue(typeNumber);
  }
}
