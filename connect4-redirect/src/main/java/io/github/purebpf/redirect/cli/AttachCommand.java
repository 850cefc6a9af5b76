package io.github.purebpf.redirect.cli;

import io.github.purebpf.bpf.Cgroup2;
import io.github.purebpf.redirect.PersistentRedirect;
import io.github.purebpf.redirect.PersistentState;
import io.github.purebpf.redirect.RedirectOptions;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Redirects without a process that stays. */
record AttachCommand() implements Command {
  private static final Option PIN =
      new Option(
          "--pin", "DIR", Option.Occurs.ONCE, "where it is kept: a folder in a BPF file system");
  private static final Option CONFIG =
      Option.optional("--config", "FILE", "what is mapped, as apply reads it");
  private static final Option NO_PEER_NAME =
      Option.flag("--no-peer-name", "let getpeername(2) tell the server again");
  private static final Syntax SYNTAX =
      new Syntax(
          "attach",
          "Redirect the connects of cgroups, without a process that stays",
          List.of(
              PIN,
              Places.CGROUP,
              Places.CONTAINER,
              Redirection.VIP,
              CONFIG,
              Redirection.PEER_NAME,
              NO_PEER_NAME,
              Redirection.SCOPE,
              Redirection.LIST_CGROUP,
              TakeOverOption.TAKE_OVER),
          List.of(),
          """
          Attaches, pins everything in DIR, and ends. The redirection goes on until
          detach, or until the machine is shut down. What DIR holds is gone on with: its
          table and its counters stay, the programs are replaced by those of this
          version, without a moment in which connects are not redirected, and what is not
          attached any more, because a cgroup was removed and made again, is attached
          again. Without --cgroup and --container that is all.

          What is left out stays as it is: --cgroup, --container and --vip add to what
          there is, and without --scope and --peer-name the programs go on as before.
          --config makes the table equal to the file, and --list-cgroup the list of
          cgroups to those that are given. The same again changes nothing, and says so.

          Prints what changes in the table, as apply does, and a line for each cgroup. If
          anything fails, all is as it was before, but for what was repaired.

          Connections to the servers that were open before are counted in, as run does.

          Needs Linux 5.15, and CAP_BPF and CAP_NET_ADMIN, or CAP_SYS_ADMIN.
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
              .formatted(pin, Places.CGROUP.spelled()));
    }
    var options = options(arguments, before.map(PersistentState::options));
    try (var _ = Signals.awaitWork();
        var redirect =
            PersistentRedirect.open(
                pin,
                before.map(PersistentState::options).orElse(options),
                TakeOverOption.of(arguments))) {
      var attaching = new Attaching(redirect, before, new OpenConnections(System.err));
      attaching.run(wanted, options);
      attaching.lines().forEach(out::println);
      out.println(
          attaching.hasChanged()
              ? "it stays until: %s detach --pin %s".formatted(Main.NAME, pin)
              : "nothing had to be changed");
    }
  }

  private static Attaching.Wanted wanted(Arguments arguments) {
    Redirection.requireOneSource(SYNTAX.command(), arguments, CONFIG);
    if (arguments.has(Redirection.PEER_NAME) && arguments.has(NO_PEER_NAME)) {
      throw usage("--peer-name and --no-peer-name exclude each other");
    }
    var mappings =
        List.copyOf(
            Redirection.mappings(SYNTAX.command(), arguments.values(Redirection.VIP)).values());
    return new Attaching.Wanted(
        cgroups(arguments),
        mappings,
        arguments
            .value(CONFIG)
            .map(text -> new ConfigFile(Path.of(text)))
            .map(file -> file.parse(file.read())),
        absolute(arguments.values(Redirection.LIST_CGROUP).stream().map(Path::of)));
  }

  private static List<Path> cgroups(Arguments arguments) {
    return arguments.has(Places.CGROUP) || arguments.has(Places.CONTAINER)
        ? absolute(Places.of(SYNTAX.command(), arguments).cgroups().stream())
        : List.of();
  }

  private static List<Path> absolute(Stream<Path> paths) {
    return paths.map(path -> path.toAbsolutePath().normalize()).distinct().toList();
  }

  /** Those that are there, but for what is asked for. */
  private static RedirectOptions options(Arguments arguments, Optional<RedirectOptions> before) {
    var options = before.orElse(RedirectOptions.DEFAULT);
    options = options.withScope(Redirection.scope(arguments).orElse(options.scope()));
    if (arguments.has(Redirection.PEER_NAME) || arguments.has(NO_PEER_NAME)) {
      options = options.withPeerName(arguments.has(Redirection.PEER_NAME));
    }
    Redirection.requireMeaning(SYNTAX.command(), arguments, options.scope());
    return options;
  }

  private static CommandException usage(String what) {
    return new CommandException(ExitCode.USAGE, "attach: " + what);
  }
}
