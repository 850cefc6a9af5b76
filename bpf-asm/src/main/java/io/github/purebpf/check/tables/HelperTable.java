package io.github.purebpf.check.tables;

import io.github.purebpf.uapi.AttachType;
import io.github.purebpf.uapi.MapType;
import io.github.purebpf.uapi.ProgramType;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Which program types may call which helpers, and with which arguments. */
public final class HelperTable {
  /** The table. */
  public static final HelperTable INSTANCE = new HelperTable();

  private final Map<String, Map<ProgramType, Set<AttachType>>> sets = new HashMap<>();
  private final Map<Integer, HelperEntry> entries = new TreeMap<>();
  private final Set<ProgramType> measured = EnumSet.noneOf(ProgramType.class);
  private final Set<MapType> measuredMaps = EnumSet.noneOf(MapType.class);

  private HelperTable() {
    for (var words : TableText.read("helpers.txt")) {
      switch (words[0]) {
        case "measured" -> {
          measured.addAll(programTypes(words[1], ","));
          measuredMaps.addAll(mapTypes(words[2]));
        }
        case "set" -> sets.put(words[1], types(words[2]));
        default -> entries.put(Integer.parseInt(words[1]), entry(words));
      }
    }
  }

  private HelperEntry entry(String[] words) {
    var types = types(words[5]);
    return new HelperEntry(
        arguments(words[3]),
        HelperEntry.Result.valueOf(words[4].replace('-', '_').toUpperCase(Locale.ROOT)),
        words[2].equals("acquires"),
        words[2].equals("releases"),
        gpl(words[2], types.keySet()),
        types,
        refused(words[6]));
  }

  private static List<Argument> arguments(String text) {
    return text.equals("-")
        ? List.of()
        : Arrays.stream(text.split(",", -1)).map(Argument::parse).toList();
  }

  private static Set<ProgramType> gpl(String flags, Set<ProgramType> types) {
    if (flags.equals("gpl")) {
      return Set.copyOf(types);
    }
    return flags.startsWith("gpl(")
        ? programTypes(flags.substring(4, flags.length() - 1), "\\+")
        : Set.of();
  }

  private Set<MapType> refused(String text) {
    if (text.equals("-")) {
      return Set.of();
    }
    boolean inverted = text.startsWith("~");
    var listed = mapTypes(inverted ? text.substring(1) : text);
    if (!inverted) {
      return listed;
    }
    var refused = EnumSet.copyOf(measuredMaps);
    refused.removeAll(listed);
    return refused;
  }

  private static Set<ProgramType> programTypes(String text, String separator) {
    return Stream.of(text.split(separator, -1))
        .map(TableText::programType)
        .collect(Collectors.toSet());
  }

  private static Set<MapType> mapTypes(String text) {
    return Stream.of(text.split(",", -1))
        .filter(word -> !word.isEmpty())
        .map(word -> MapType.valueOf(word.toUpperCase(Locale.ROOT)))
        .collect(Collectors.toSet());
  }

  private Map<ProgramType, Set<AttachType>> types(String text) {
    var types = new EnumMap<ProgramType, Set<AttachType>>(ProgramType.class);
    if (text.equals("every")) {
      measured.forEach(type -> types.put(type, Set.of()));
    } else if (sets.containsKey(text)) {
      types.putAll(sets.get(text));
    } else if (!text.equals("none")) {
      for (var word : text.split(",", -1)) {
        int slash = word.indexOf('/');
        types.put(
            TableText.programType(slash < 0 ? word : word.substring(0, slash)),
            slash < 0
                ? Set.of()
                : Stream.of(word.substring(slash + 1).split("\\+", -1))
                    .map(TableText::attachType)
                    .collect(Collectors.toSet()));
      }
    }
    return types;
  }

  /** What was measured of a helper; empty for a number that Linux 6.18 does not have. */
  public Optional<HelperEntry> byId(int id) {
    return Optional.ofNullable(entries.get(id));
  }

  /** Whether the helpers of this program type were measured. */
  public boolean has(ProgramType type) {
    return measured.contains(type);
  }
}
