package io.github.purebpf.redirect.cli;

import io.github.purebpf.redirect.Scope;
import io.github.purebpf.redirect.VirtualAddress;
import io.github.purebpf.redirect.cli.text.Words;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** What to redirect and how, as the options of run and attach say it. */
final class Redirection {
  static final Option VIP =
      new Option(
          "--vip",
          Mapping.SYNTAX,
          Option.Occurs.ANY_NUMBER,
          "a virtual address and its servers; once for each");
  static final Option PEER_NAME =
      Option.flag("--peer-name", "let getpeername(2) tell the virtual address");
  static final Option SCOPE =
      Option.choice("--scope", "SCOPE", Words.all(Scope.class), "which cgroups are redirected");
  static final Option LIST_CGROUP =
      new Option(
          "--list-cgroup",
          "DIR",
          Option.Occurs.ANY_NUMBER,
          "a cgroup that --scope listed or not-listed speaks of; once for each");

  private Redirection() {}

  /** Refuses two sources of what is mapped. */
  static void requireOneSource(String command, Arguments arguments, Option config) {
    if (arguments.has(config) && arguments.has(VIP)) {
      throw wrong(command, "--config and --vip exclude each other; write all into the file");
    }
  }

  /** What each {@code --vip} says. */
  static SortedMap<VirtualAddress, Mapping> mappings(String command, List<String> texts) {
    var mappings = new TreeMap<VirtualAddress, Mapping>();
    for (var text : texts) {
      var mapping = Mapping.parse(text);
      if (mappings.put(mapping.vip(), mapping) != null) {
        throw wrong(command, mapping.vip() + " is mapped twice; leave one --vip out");
      }
    }
    return mappings;
  }

  /** The scope that is asked for. */
  static Optional<Scope> scope(Arguments arguments) {
    return arguments.value(SCOPE).map(word -> Words.parse(Scope.class, "scope", word));
  }

  /** Refuses a list that the scope does not speak of. */
  static void requireMeaning(String command, Arguments arguments, Scope scope) {
    if (scope == Scope.ALL && arguments.has(LIST_CGROUP)) {
      throw wrong(
          command,
          "--list-cgroup means nothing with the scope all; add --scope listed or not-listed");
    }
  }

  private static CommandException wrong(String command, String what) {
    return new CommandException(ExitCode.USAGE, command + ": " + what);
  }
}
