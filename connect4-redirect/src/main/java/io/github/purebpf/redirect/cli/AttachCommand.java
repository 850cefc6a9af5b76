package io.github.purebpf.redirect.cli;

import io.github.purebpf.bpf.Cgroup2;
import io.github.purebpf.redirect.PersistentRedirect;
import io.github.purebpf.redirect.PersistentState;
import io.github.purebpf.redirect.RedirectOptions;
import io.github.purebpf.redirect.Scope;
import io.github.purebpf.redirect.cli.text.Words;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Redirects without a process that stays. */
record AttachCommand() implements Command {
  private static final Option PIN =
      new Option(
          "--pin", "DIR", Option.Occurs.ONCE, "where it is kept: a folder in a BPF file system");
  private static final Option CGROUP =
      new Option(
          "--cgroup",
          "DIR",
          Option.Occurs.ANY_NUMBER,
          "the folder of a cgroup, in a cgroup2 hierarchy; once for each");
  private static final Option VIP =
      new Option(
          "--vip",
          Mapping.SYNTAX,
          Option.Occurs.ANY_NUMBER,
          "a virtual address and its servers; once for each");
  private static final Option CONFIG =
      Option.optional("--config", "FILE", "what is mapped, as apply reads it");
  private static final Option PEER_NAME =
      Option.flag("--peer-name", "let getpeername(2) tell the virtual address");
  private static final Option NO_PEER_NAME =
      Option.flag("--no-peer-name", "let getpeername(2) tell the server again");
  private static final Option SCOPE =
      Option.choice("--scope", "SCOPE", Words.all(Scope.class), "which cgroups are redirected");
  private static final Option LIST_CGROUP =
      new Option(
          "--list-cgroup",
          "DIR",
          Option.Occurs.ANY_NUMBER,
          "a cgroup that --scope listed or not-listed speaks of; once for each");
  private static final Syntax SYNTAX =
      new Syntax(
          "attach",
          "Redirect the connects of cgroups, without a process that stays",
          List.of(
              PIN,
              CGROUP,
              VIP,
              CONFIG,
              PEER_NAME,
              NO_PEER_NAME,
              SCOPE,
              LIST_CGROUP,
              TakeOverOption.TAKE_OVER),
          List.of(),
          """
          Attaches, pins everything in DIR, and ends. The redirection goes on until
          detach, or until the machine is shut down. What DIR holds is gone on with: its
          table and its counters stay, the programs are replaced by those of this
          version, without a moment in which connects are not redirected, and what is not
          attached any more, because a cgroup was removed and made again, is attached
          again. Without --cgroup that is all.

          What is left out stays as it is: --cgroup and --vip add to what there is, and
          without --scope and --peer-name the programs go on as before. --config makes
          the table equal to the file, and --list-cgroup the list of cgroups to those
          that are given. The same again changes nothing, and says so.

          Prints what changes in the table, as apply does, and a line for each cgroup. If
          anything fails, all is as it was before, but for what was repaired.

          Needs Linux 5.8, and CAP_BPF and CAP_NET_ADMIN, or CAP_SYS_ADMIN.
          """);

  @Override
  public Syntax syntax() {
    return SYNTAX;
  }

  @Override
  public void run(Arguments arguments, PrintStream out) {
    var pin = Path.of(arguments.value(PIN).orElseThrow());
    var wanted = wanted(arguments);
    wanted.cgroups().forEach(Cgroup2::require);
    wanted.listed().forEach(Cgroup2::require);
    var before = PersistentRedirect.look(pin);
    if (before.isEmpty() && wanted.cgroups().isEmpty()) {
      throw new CommandException(
          ExitCode.PIN,
          "attach: nothing is attached in %s that could be gone on with; give %s to begin"
              .formatted(pin, CGROUP.spelled()));
    }
    var options = options(arguments, before.map(PersistentState::options));
    try (var _ = Signals.awaitWork();
        var redirect =
            PersistentRedirect.open(
                pin,
                before.map(PersistentState::options).orElse(options),
                TakeOverOption.of(arguments))) {
      var attaching = new Attaching(redirect, before);
      attaching.run(wanted, options);
      attaching.lines().forEach(out::println);
      out.println(
          attaching.hasChanged()
              ? "it stays until: %s detach --pin %s".formatted(Main.NAME, pin)
              : "nothing had to be changed");
    }
  }

  private static Attaching.Wanted wanted(Arguments arguments) {
    if (arguments.has(CONFIG) && arguments.has(VIP)) {
      throw usage("--config and --vip exclude each other; write all into the file");
    }
    if (arguments.has(PEER_NAME) && arguments.has(NO_PEER_NAME)) {
      throw usage("--peer-name and --no-peer-name exclude each other");
    }
    return new Attaching.Wanted(
        paths(arguments, CGROUP),
        mappings(arguments.values(VIP)),
        arguments
            .value(CONFIG)
            .map(text -> new ConfigFile(Path.of(text)))
            .map(file -> file.parse(file.read())),
        paths(arguments, LIST_CGROUP));
  }

  private static List<Path> paths(Arguments arguments, Option option) {
    return arguments.values(option).stream()
        .map(text -> Path.of(text).toAbsolutePath().normalize())
        .distinct()
        .toList();
  }

  private static List<Mapping> mappings(List<String> texts) {
    Map<Object, Mapping> mappings = new LinkedHashMap<>();
    for (var text : texts) {
      var mapping = Mapping.parse(text);
      if (mappings.put(mapping.vip(), mapping) != null) {
        throw usage(mapping.vip() + " is mapped twice; leave one --vip out");
      }
    }
    return List.copyOf(mappings.values());
  }

  /** Those that are there, but for what is asked for. */
  private static RedirectOptions options(Arguments arguments, Optional<RedirectOptions> before) {
    var options = before.orElse(RedirectOptions.DEFAULT);
    if (arguments.has(SCOPE)) {
      options =
          options.withScope(
              Words.parse(Scope.class, "scope", arguments.value(SCOPE).orElseThrow()));
    }
    if (arguments.has(PEER_NAME) || arguments.has(NO_PEER_NAME)) {
      options = options.withPeerName(arguments.has(PEER_NAME));
    }
    if (options.scope() == Scope.ALL && arguments.has(LIST_CGROUP)) {
      throw usage(
          "--list-cgroup means nothing with the scope all; add --scope listed or not-listed");
    }
    return options;
  }

  private static CommandException usage(String what) {
    return new CommandException(ExitCode.USAGE, "attach: " + what);
  }
}
