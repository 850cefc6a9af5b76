package io.github.purebpf.bpf.internal.query;

import io.github.purebpf.bpf.internal.sys.Attr;
import io.github.purebpf.bpf.internal.sys.BpfAttr;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.bpf.internal.sys.Kernel;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/**
 * The programs that are attached somewhere for one hook ({@code BPF_PROG_QUERY}, Linux 4.15).
 *
 * @param result 0, or a negated errno if the kernel does not tell
 * @param flags with which all of them are attached, in a cgroup
 * @param revision how often the list has changed, 0 if the kernel counts no changes there
 * @param entries in the order in which they run
 */
public record AttachedList(int result, int flags, long revision, List<Entry> entries) {
  /** How often a list is read again that was longer than just before. */
  private static final int ATTEMPTS = 16;

  /** What is told of each: with the flags alone all kernels agree. */
  public enum Detail {
    /** The ids. */
    IDS,
    /** The flags of each, too; Linux 6.0 for LSM in cgroups. */
    FLAGS,
    /** The flags and links of each; Linux 6.6 for network devices. */
    LINKS
  }

  /**
   * A program of a list.
   *
   * @param programId its id
   * @param linkId the link by which it is attached; 0 if there is none or it was not asked for
   * @param flags with which it is attached; 0 if not asked for
   */
  public record Entry(int programId, int linkId, int flags) {}

  /** Copies the entries. */
  public AttachedList {
    entries = List.copyOf(entries);
  }

  /**
   * Asks for a list, again and with more room if programs are attached meanwhile.
   *
   * @param target a descriptor of a cgroup or network namespace, or the number of an interface
   * @param attachType the number of the hook
   * @param queryFlags {@code BPF_F_QUERY_EFFECTIVE} or 0
   */
  public static AttachedList of(
      Kernel kernel, int target, int attachType, int queryFlags, Detail detail) {
    var query = new Query(target, attachType, queryFlags, detail);
    int room = 0;
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      try (var arena = Arena.ofConfined()) {
        var arrays = new Arrays(arena, room);
        var attr = query.attr(arena, arrays);
        int result = kernel.bpf(Cmd.PROG_QUERY, attr);
        int count = attr.u32(Attr.ProgQuery.PROG_CNT);
        if (result < 0 && result != -Errno.ENOSPC) {
          return new AttachedList(result, 0, 0, List.of());
        }
        if (Integer.compareUnsigned(count, room) <= 0 && result >= 0) {
          return new AttachedList(
              0,
              attr.u32(Attr.ProgQuery.ATTACH_FLAGS),
              attr.bytes().get(ValueLayout.JAVA_LONG, Attr.ProgQuery.REVISION),
              arrays.entries(count));
        }
        room = Math.max(count, room + 1);
      }
    }
    return new AttachedList(-Errno.ENOSPC, 0, 0, List.of());
  }

  private record Query(int target, int attachType, int queryFlags, Detail detail) {
    BpfAttr attr(SegmentAllocator memory, Arrays arrays) {
      // Whole, as newer kernels answer in its last fields; on older ones these are zero.
      var attr =
          BpfAttr.allocate(memory, Attr.ProgQuery.SIZE)
              .u32(Attr.ProgQuery.TARGET_FD, target)
              .u32(Attr.ProgQuery.ATTACH_TYPE, attachType)
              .u32(Attr.ProgQuery.QUERY_FLAGS, queryFlags)
              .u32(Attr.ProgQuery.PROG_CNT, arrays.room);
      if (arrays.room > 0) {
        attr.pointer(Attr.ProgQuery.PROG_IDS, arrays.ids);
        if (detail != Detail.IDS) {
          attr.pointer(Attr.ProgQuery.PROG_ATTACH_FLAGS, arrays.flags);
        }
        if (detail == Detail.LINKS) {
          attr.pointer(Attr.ProgQuery.LINK_IDS, arrays.links);
        }
      }
      return attr;
    }
  }

  /** Where the kernel writes to. */
  private static final class Arrays {
    final int room;
    final MemorySegment ids;
    final MemorySegment flags;
    final MemorySegment links;

    Arrays(SegmentAllocator memory, int room) {
      this.room = room;
      this.ids = memory.allocate(ValueLayout.JAVA_INT, room);
      this.flags = memory.allocate(ValueLayout.JAVA_INT, room);
      this.links = memory.allocate(ValueLayout.JAVA_INT, room);
    }

    List<Entry> entries(int count) {
      var entries = new ArrayList<Entry>();
      for (int i = 0; i < count; i++) {
        int id = ids.getAtIndex(ValueLayout.JAVA_INT, i);
        // One that was detached while the kernel copied the list leaves a hole.
        if (id != 0) {
          entries.add(
              new Entry(
                  id,
                  links.getAtIndex(ValueLayout.JAVA_INT, i),
                  flags.getAtIndex(ValueLayout.JAVA_INT, i)));
        }
      }
      return entries;
    }
  }
}
