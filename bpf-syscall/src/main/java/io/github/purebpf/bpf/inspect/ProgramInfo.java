package io.github.purebpf.bpf.inspect;

import io.github.purebpf.bpf.BpfProgram;
import io.github.purebpf.bpf.ProgramStatistics;
import io.github.purebpf.bpf.internal.query.FdInfo;
import io.github.purebpf.bpf.internal.query.InfoArray;
import io.github.purebpf.bpf.internal.query.ObjectInfo;
import io.github.purebpf.bpf.internal.sys.BpfProgInfo;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.uapi.ProgramType;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * A loaded program ({@code bpf_prog_info}, Linux 4.13). What a kernel is too old to tell is 0 or
 * empty; the release that brought it is given below.
 *
 * @param id unique among programs while it lives
 * @param typeNumber its type, also one that {@link ProgramType} does not know
 * @param name at most 15 bytes, as it was given; Linux 4.15
 * @param tag 16 hexadecimal digits that are the same for the same instructions: the beginning of
 *     their SHA-1, since Linux 6.18 of their SHA-256
 * @param gplCompatible whether its license lets it call the helpers reserved for the GPL; Linux
 *     4.18
 * @param loadTime when it was loaded, by the clock of the system as it is set now, to about ten
 *     milliseconds; Linux 4.15
 * @param uid who loaded it, a user of the initial user namespace; Linux 4.15
 * @param mapIds the maps that it uses; Linux 4.15
 * @param btfId the type information that it was loaded with; Linux 5.0
 * @param target what it is attached to in type information, if its type has such a target; Linux
 *     6.0
 * @param xlatedSize the bytes of its verified instructions; 0 where this thread may not see them
 * @param jitedSize the bytes of its machine code; 0 where it is interpreted or this thread may not
 *     see it
 * @param memlock the bytes that it is charged for, as {@code /proc} tells; Linux 4.11
 * @param statistics what the kernel counts about it
 */
public record ProgramInfo(
    int id,
    int typeNumber,
    String name,
    String tag,
    boolean gplCompatible,
    Instant loadTime,
    int uid,
    List<Integer> mapIds,
    OptionalInt btfId,
    Optional<Target> target,
    int xlatedSize,
    int jitedSize,
    long memlock,
    ProgramStatistics statistics) {
  private static final InfoArray MAP_IDS =
      InfoArray.of(BpfProgInfo.MAP_IDS, BpfProgInfo.NR_MAP_IDS, Integer.BYTES);

  /**
   * A type that a program was loaded for: a function of the kernel or of another program, a
   * tracepoint, a struct of functions.
   *
   * @param btfId the type information, see {@link KernelObjects#types}
   * @param typeId the type in it
   */
  public record Target(int btfId, int typeId) {}

  /** Refuses nulls. */
  public ProgramInfo {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(tag, "tag");
    Objects.requireNonNull(loadTime, "loadTime");
    mapIds = List.copyOf(mapIds);
    Objects.requireNonNull(btfId, "btfId");
    Objects.requireNonNull(target, "target");
    Objects.requireNonNull(statistics, "statistics");
  }

  /** That of a program that this process holds; needs no privilege. */
  public static ProgramInfo of(BpfProgram program) {
    var kernel = Kernel.running();
    return program.withFd(fd -> read(kernel, fd, program.toString(), kernel.bootTime()));
  }

  static ProgramInfo read(Kernel kernel, int fd, String title, Instant bootTime) {
    try (var arena = Arena.ofConfined()) {
      var info = ObjectInfo.of(kernel, fd, title, arena, BpfProgInfo.SIZE, MAP_IDS);
      int[] maps = info.array(MAP_IDS).toArray(ValueLayout.JAVA_INT);
      return new ProgramInfo(
          info.u32(BpfProgInfo.ID),
          info.u32(BpfProgInfo.TYPE),
          info.name(BpfProgInfo.NAME, BpfProgInfo.NAME_SIZE),
          HexFormat.of().formatHex(info.bytes(BpfProgInfo.TAG, BpfProgInfo.TAG_SIZE)),
          firstBit(info.u32(BpfProgInfo.GPL_COMPATIBLE)),
          bootTime.plusNanos(info.u64(BpfProgInfo.LOAD_TIME)),
          info.u32(BpfProgInfo.CREATED_BY_UID),
          IntStream.of(maps).boxed().toList(),
          info.id(BpfProgInfo.BTF_ID),
          target(info),
          info.u32(BpfProgInfo.XLATED_PROG_LEN),
          info.u32(BpfProgInfo.JITED_PROG_LEN),
          FdInfo.of(kernel, fd).number("memlock"),
          statistics(info));
    }
  }

  private static ProgramStatistics statistics(ObjectInfo info) {
    return new ProgramStatistics(
        info.u64(BpfProgInfo.RUN_CNT),
        info.u64(BpfProgInfo.RUN_TIME_NS),
        info.u64(BpfProgInfo.RECURSION_MISSES),
        info.u32(BpfProgInfo.VERIFIED_INSNS));
  }

  private static Optional<Target> target(ObjectInfo info) {
    int type = info.u32(BpfProgInfo.ATTACH_BTF_ID);
    return type == 0
        ? Optional.empty()
        : Optional.of(new Target(info.u32(BpfProgInfo.ATTACH_BTF_OBJ_ID), type));
  }

  /** A bitfield of C, which begins at the end that the byte order does. */
  private static boolean firstBit(int word) {
    return (ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? word << 31 : word) < 0;
  }

  /** Its type; empty for one that is newer than this library. */
  public Optional<ProgramType> type() {
    return ProgramType.byValue(typeNumber);
  }
}
