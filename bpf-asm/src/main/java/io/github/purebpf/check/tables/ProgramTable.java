package io.github.purebpf.check.tables;

import io.github.purebpf.uapi.AttachType;
import io.github.purebpf.uapi.ProgramType;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;

/** With which attach types a program type is loaded, and what its programs may return. */
public final class ProgramTable {
  /** The table. */
  public static final ProgramTable INSTANCE = new ProgramTable();

  /**
   * What a program may return.
   *
   * @param min the least
   * @param max the greatest
   */
  public record Range(int min, int max) {}

  /** A line: no attach types at all stands for any. */
  private record Entry(
      boolean any, boolean none, Set<AttachType> attachTypes, Optional<Range> range) {
    private boolean takes(Optional<AttachType> attachType) {
      return any || attachType.map(attachTypes::contains).orElse(none);
    }
  }

  private final Map<ProgramType, List<Entry>> entries = new EnumMap<>(ProgramType.class);
  private final Set<ProgramType> packetLoads = EnumSet.noneOf(ProgramType.class);

  private ProgramTable() {
    for (var words : TableText.read("programs.txt")) {
      if (words[0].equals("packet-load")) {
        Stream.of(words[1].split(",", -1)).map(TableText::programType).forEach(packetLoads::add);
      } else {
        entries
            .computeIfAbsent(TableText.programType(words[1]), _ -> new ArrayList<>())
            .add(entry(words[2], words[3]));
      }
    }
  }

  private static Entry entry(String attachTypes, String range) {
    var types = new HashSet<AttachType>();
    for (var word : attachTypes.split(",", -1)) {
      if (!word.equals("any") && !word.equals("none")) {
        types.add(TableText.attachType(word));
      }
    }
    // 0 stands for no attach type, and is the number of the first.
    return new Entry(
        attachTypes.equals("any"),
        attachTypes.startsWith("none") || types.contains(AttachType.CGROUP_INET_INGRESS),
        types,
        range(range));
  }

  private static Optional<Range> range(String text) {
    int dots = text.indexOf("..");
    return dots < 0
        ? Optional.empty()
        : Optional.of(
            new Range(
                Integer.parseInt(text.substring(0, dots)),
                Integer.parseInt(text.substring(dots + 2))));
  }

  /**
   * The attach type as the kernel takes it: the number of {@code BPF_CGROUP_INET_INGRESS}, 0, is
   * none where that is no attach type of the program type.
   */
  public Optional<AttachType> effective(ProgramType type, Optional<AttachType> attachType) {
    boolean zero = attachType.filter(given -> given.value() == 0).isPresent();
    return zero && !attachTypes(type).contains(attachType.get()) ? Optional.empty() : attachType;
  }

  /** Whether the kernel takes this attach type, or none, for the program type. */
  public boolean takes(ProgramType type, Optional<AttachType> attachType) {
    var lines = entries.get(type);
    return lines == null || lines.stream().anyMatch(entry -> entry.takes(attachType));
  }

  /** The attach types that a program type is loaded with, if the kernel looks at them. */
  public Set<AttachType> attachTypes(ProgramType type) {
    var types = new HashSet<AttachType>();
    entries.getOrDefault(type, List.of()).forEach(entry -> types.addAll(entry.attachTypes));
    return types;
  }

  /**
   * What a program may return; empty if that is any number, or if it depends on an attach type that
   * is not known. The most specific line wins.
   */
  public Optional<Range> range(ProgramType type, Optional<AttachType> attachType) {
    var lines = entries.getOrDefault(type, List.of());
    for (var entry : lines) {
      if (attachType.isPresent() && entry.attachTypes.contains(attachType.get())) {
        return entry.range;
      }
    }
    if (attachType.isPresent() || lines.stream().anyMatch(entry -> entry.any)) {
      return lines.stream().filter(entry -> entry.any).findFirst().flatMap(Entry::range);
    }
    return union(lines);
  }

  private static Optional<Range> union(List<Entry> lines) {
    if (lines.isEmpty() || lines.stream().anyMatch(entry -> entry.range.isEmpty())) {
      return Optional.empty();
    }
    OptionalInt min = lines.stream().mapToInt(entry -> entry.range.get().min).min();
    OptionalInt max = lines.stream().mapToInt(entry -> entry.range.get().max).max();
    return Optional.of(new Range(min.getAsInt(), max.getAsInt()));
  }

  /** Whether programs of this type may use packet loads, {@code ld_abs} and {@code ld_ind}. */
  public boolean hasPacketLoads(ProgramType type) {
    return packetLoads.contains(type);
  }
}
