package io.github.purebpf.redirect.cli;

import io.github.purebpf.bpf.Cgroup2;
import io.github.purebpf.redirect.CgroupsBelow;
import io.github.purebpf.redirect.Container;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Where to attach, as options say it.
 *
 * @param cgroups to each of these
 * @param followed to these as they appear
 */
record Places(List<Path> cgroups, Optional<CgroupsBelow> followed) {
  static final Option CGROUP =
      new Option(
          "--cgroup",
          "DIR",
          Option.Occurs.ANY_NUMBER,
          "the folder of a cgroup, in a cgroup2 hierarchy; once for each");
  static final Option CONTAINER =
      new Option(
          "--container",
          "ID",
          Option.Occurs.ANY_NUMBER,
          "a container, by its id or the first 12 digits of it or more; once for each");
  static final Option FOLLOW =
      Option.optional(
          "--follow", "DIR", "the folder of a cgroup, for those below it, as they come and go");
  static final Option MATCH =
      Option.optional("--match", "GLOB", "for those at any depth below --follow whose names match");

  Places {
    cgroups = List.copyOf(cgroups);
  }

  /**
   * Reads the options and finds the cgroups.
   *
   * @throws CommandException with {@link ExitCode#USAGE}
   * @throws io.github.purebpf.redirect.ContainerIdException if a container is not found
   * @throws io.github.purebpf.bpf.NotCgroup2Exception if a folder is no cgroup
   */
  static Places of(String command, Arguments arguments) {
    if (Stream.of(CGROUP, CONTAINER, FOLLOW).noneMatch(arguments::has)) {
      throw wrong(
          command,
          "the place is missing: %s, %s or %s"
              .formatted(CGROUP.spelled(), CONTAINER.spelled(), FOLLOW.spelled()));
    }
    if (arguments.has(MATCH) && !arguments.has(FOLLOW)) {
      throw wrong(command, "--match says which cgroups to follow; add " + FOLLOW.spelled());
    }
    var cgroups = new ArrayList<Path>();
    arguments.values(CGROUP).forEach(text -> cgroups.add(folder(text)));
    arguments.values(CONTAINER).forEach(id -> cgroups.add(Container.find(id).cgroup()));
    var followed = arguments.value(FOLLOW).map(text -> below(folder(text), arguments));
    var places = new Places(cgroups, followed);
    places.requireApart(command);
    return places;
  }

  private static Path folder(String text) {
    return Cgroup2.require(Path.of(text)).path();
  }

  private static CgroupsBelow below(Path top, Arguments arguments) {
    return arguments
        .value(MATCH)
        .map(glob -> CgroupsBelow.named(top, glob))
        .orElseGet(() -> CgroupsBelow.childrenOf(top));
  }

  /** What is attached to a cgroup works in those below it, and would work there twice. */
  private void requireApart(String command) {
    var all =
        Stream.concat(cgroups.stream(), followed.stream().map(CgroupsBelow::top))
            .map(path -> path.toAbsolutePath().normalize())
            .toList();
    var seen = new HashSet<Path>();
    for (var one : all) {
      if (!seen.add(one)) {
        throw wrong(command, one + " is given twice; leave one out");
      }
      for (var other : all) {
        if (!one.equals(other) && one.startsWith(other)) {
          throw wrong(command, "%s is within %s; leave one out".formatted(one, other));
        }
      }
    }
  }

  private static CommandException wrong(String command, String what) {
    return new CommandException(ExitCode.USAGE, command + ": " + what);
  }

  /** For the reader. */
  String text() {
    return Stream.concat(
            cgroups.stream().map(Path::toString),
            followed.stream().map(below -> "cgroups below " + below.top()))
        .collect(Collectors.joining(", "));
  }
}
