package io.github.purebpf.check.tables;

import io.github.purebpf.uapi.AttachType;
import io.github.purebpf.uapi.ProgramType;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** Which bytes of its context a program of each type may read and write. */
public final class ContextTable {
  /** The table. */
  public static final ContextTable INSTANCE = new ContextTable();

  /** What a read gives. */
  public enum Result {
    /** A number. */
    NUMBER,
    /** The address of the packet. */
    PACKET,
    /** The address behind the packet. */
    PACKET_END,
    /** The address of the packet's metadata. */
    PACKET_META,
    /** A socket. */
    SOCKET,
    /** A socket, or null. */
    SOCKET_OR_NULL,
    /** A pointer that the checker knows nothing about. */
    OTHER
  }

  private record Access(int offset, int size) {}

  private static final class Layout {
    private final Set<AttachType> attachTypes = new HashSet<>();
    private Map<Access, Result> reads = new HashMap<>();
    private Set<Access> writes = new HashSet<>();
  }

  private final Map<ProgramType, List<Layout>> layouts = new EnumMap<>(ProgramType.class);

  private ContextTable() {
    Map<Access, Result> reads = new HashMap<>();
    Set<Access> writes = new HashSet<>();
    boolean body = true;
    for (var words : TableText.read("contexts.txt")) {
      if (words[0].equals("context")) {
        // Contexts that follow each other share what comes behind them.
        if (body) {
          reads = new HashMap<>();
          writes = new HashSet<>();
          body = false;
        }
        var layout = new Layout();
        layout.reads = reads;
        layout.writes = writes;
        if (words.length > 2) {
          Stream.of(words[2].split(",", -1))
              .map(TableText::attachType)
              .forEach(layout.attachTypes::add);
        }
        layouts
            .computeIfAbsent(TableText.programType(words[1]), _ -> new ArrayList<>())
            .add(layout);
      } else {
        body = true;
        line(words, reads, writes);
      }
    }
  }

  private static void line(String[] words, Map<Access, Result> reads, Set<Access> writes) {
    boolean read = words[0].equals("read");
    int size = Integer.parseInt(words[1].replace(":", ""));
    for (int i = read ? 3 : 2; i < words.length; i++) {
      var bounds = words[i].split("-", -1);
      int last = Integer.parseInt(bounds[bounds.length - 1]);
      for (int offset = Integer.parseInt(bounds[0]); offset <= last; offset += size) {
        if (read) {
          reads.put(new Access(offset, size), result(words[2]));
        } else {
          writes.add(new Access(offset, size));
        }
      }
    }
  }

  private static Result result(String word) {
    return Result.valueOf(word.replace(":", "").replace('-', '_').toUpperCase(Locale.ROOT));
  }

  /** Whether the table has this type of program. */
  public boolean has(ProgramType type) {
    return layouts.containsKey(type);
  }

  /**
   * What a read gives; empty if it is not allowed.
   *
   * @param attachType if it is not known, what any attach type allows is
   */
  public Optional<Result> read(
      ProgramType type, Optional<AttachType> attachType, int offset, int size) {
    return matching(type, attachType)
        .flatMap(layout -> Optional.ofNullable(layout.reads.get(new Access(offset, size))).stream())
        .findFirst();
  }

  /** Whether a write is allowed. */
  public boolean mayWrite(ProgramType type, Optional<AttachType> attachType, int offset, int size) {
    return matching(type, attachType)
        .anyMatch(layout -> layout.writes.contains(new Access(offset, size)));
  }

  /** The sizes in which something at an offset can be read or written. */
  public Set<Integer> sizes(
      ProgramType type, Optional<AttachType> attachType, int offset, boolean write) {
    var sizes = new TreeSet<Integer>();
    for (int size = 1; size <= 8; size *= 2) {
      if (write
          ? mayWrite(type, attachType, offset, size)
          : read(type, attachType, offset, size).isPresent()) {
        sizes.add(size);
      }
    }
    return sizes;
  }

  private Stream<Layout> matching(ProgramType type, Optional<AttachType> attachType) {
    return layouts.getOrDefault(type, List.of()).stream()
        .filter(
            layout ->
                layout.attachTypes.isEmpty()
                    || attachType.map(layout.attachTypes::contains).orElse(true));
  }
}
