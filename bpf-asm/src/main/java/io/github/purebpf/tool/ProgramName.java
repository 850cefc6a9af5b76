package io.github.purebpf.tool;

import io.github.purebpf.check.CheckOptions;
import io.github.purebpf.check.tables.ProgramTable;
import io.github.purebpf.uapi.AttachType;
import io.github.purebpf.uapi.ProgramType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Program types and attach types as people write them: {@code cgroup_sock_addr/connect4}. */
final class ProgramName {
  /** Of the help. */
  private static final int WIDTH = 80;

  /** What of an attach type's name says nothing that its program type does not say. */
  private static final Pattern PREFIX =
      Pattern.compile("(?:cgroup_inet|cgroup|trace|sk_skb|sk_reuseport|sk(?=_msg))_(.*)");

  private static final Pattern FAMILY = Pattern.compile("cgroup_(inet|udp)([46])_(.*)");
  private static final Pattern UNIX = Pattern.compile("cgroup_unix_(.*)");

  private ProgramName() {}

  /** The types that a word names. */
  static CheckOptions parse(String word) {
    int slash = word.indexOf('/');
    var typeName = slash < 0 ? word : word.substring(0, slash);
    var type =
        Arrays.stream(ProgramType.values())
            .filter(t -> small(t).equals(stripped(typeName, "bpf_prog_type_")))
            .findFirst()
            .orElseThrow(
                () ->
                    new UsageException(
                        "%s %s: there is no program type %s; check --help lists them"
                            .formatted(Option.TYPE.word, word, typeName)));
    if (slash < 0) {
      return onlyAttachType(type)
          .map(attach -> CheckOptions.of(type, attach))
          .orElse(CheckOptions.of(type));
    }
    return CheckOptions.of(type, attachType(word, type, word.substring(slash + 1)));
  }

  private static AttachType attachType(String word, ProgramType type, String name) {
    var wanted = stripped(name, "bpf_");
    // The short names of two may be the same; those of the program type come first.
    var candidates = attachTypes(type);
    candidates.addAll(List.of(AttachType.values()));
    return candidates.stream()
        .filter(attach -> small(attach).equals(wanted))
        .findFirst()
        .or(() -> candidates.stream().filter(a -> shortName(a).equals(wanted)).findFirst())
        .orElseThrow(
            () ->
                new UsageException(
                    "%s %s: there is no attach type %s; check --help lists them"
                        .formatted(Option.TYPE.word, word, name)));
  }

  /** Loaders fill it in where there is no choice, and so do we. */
  private static Optional<AttachType> onlyAttachType(ProgramType type) {
    var taken = attachTypes(type);
    boolean needed = !ProgramTable.INSTANCE.takes(type, Optional.empty());
    return needed && taken.size() == 1 ? Optional.of(taken.getFirst()) : Optional.empty();
  }

  /** {@code connect4} for {@code BPF_CGROUP_INET4_CONNECT}. */
  static String shortName(AttachType attach) {
    var name = small(attach);
    Matcher family = FAMILY.matcher(name);
    if (family.matches()) {
      return family.group(3) + family.group(2);
    }
    Matcher unix = UNIX.matcher(name);
    if (unix.matches()) {
      return unix.group(1) + "_unix";
    }
    Matcher prefix = PREFIX.matcher(name);
    return prefix.matches() ? prefix.group(1) : name;
  }

  /** All program types and the short names of their attach types, in lines for the help. */
  static String list() {
    var out = new StringBuilder("\nTypes:");
    wrap(Stream.of(ProgramType.values()).map(ProgramName::small), out);
    for (var type : ProgramType.values()) {
      var attachTypes = attachTypes(type);
      if (!attachTypes.isEmpty()) {
        out.append("\nAttach types of ").append(small(type)).append(':');
        wrap(attachTypes.stream().map(ProgramName::shortName), out);
      }
    }
    return out.append('\n').toString();
  }

  private static void wrap(Stream<String> words, StringBuilder out) {
    int column = WIDTH;
    for (var word : words.toList()) {
      if (column + word.length() + 1 > WIDTH) {
        out.append("\n ");
        column = 1;
      }
      out.append(' ').append(word);
      column += word.length() + 1;
    }
  }

  private static List<AttachType> attachTypes(ProgramType type) {
    return ProgramTable.INSTANCE.attachTypes(type).stream()
        .sorted()
        .collect(Collectors.toCollection(ArrayList::new));
  }

  private static String stripped(String name, String prefix) {
    var small = name.toLowerCase(Locale.ROOT);
    return small.startsWith(prefix) ? small.substring(prefix.length()) : small;
  }

  private static String small(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
