package io.github.purebpf.redirect.cli;

import io.github.purebpf.redirect.RedirectOptions;
import io.github.purebpf.redirect.Scope;
import io.github.purebpf.redirect.Service;
import io.github.purebpf.redirect.VirtualAddress;
import io.github.purebpf.redirect.dataplane.HeadStart;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Redirects until it is told to stop. */
record RunCommand() implements Command {
  private static final Option PIN =
      Option.optional(
          "--pin",
          "DIR",
          "where set, unset and list find the table: a folder to be made in a BPF file system");
  private static final Option CONFIG =
      Option.optional(
          "--config", "FILE", "what is mapped, as apply reads it; followed when it changes");
  private static final int LOOK_MILLIS = 500;
  private static final Syntax SYNTAX =
      new Syntax(
          "run",
          "Redirect the connects of cgroups until it is told to stop",
          List.of(
              Places.CGROUP,
              Places.CONTAINER,
              Places.FOLLOW,
              Places.MATCH,
              PIN,
              Redirection.VIP,
              CONFIG,
              Redirection.PEER_NAME,
              Redirection.SCOPE,
              Redirection.LIST_CGROUP),
          List.of(),
          """
          Works on all programs in the cgroups and in those below them; at least one of
          --cgroup, --container and --follow says in which. Prints a line that begins
          with "ready" once it does. SIGTERM, SIGINT and SIGHUP make it detach, unpin,
          and end with exit status 0. If it is killed, the kernel detaches, and the
          pinned table stays.

          With --follow each cgroup that is directly below DIR is attached when it
          appears, or with --match each at any depth whose name matches, and none below
          that. A line "attached" or "gone" with its folder tells of each. One that cannot
          be attached is told on the standard error and tried again. What connects in the
          moment before its cgroup is attached is not redirected.

          Connections to the servers that were open before are counted in, where this
          process may look for them: that takes CAP_PERFMON, and CAP_SYS_ADMIN for other
          network namespaces. drain and rebalance leave these alone.

          Servers and weights are written as set takes them. SCOPE is all, listed (only
          the cgroups of --list-cgroup and those below them) or not-listed (all others).

          With --config the table is made equal to the file again each time its content
          changes, all or nothing, and a line that begins with "reloaded" says so. If the
          file is wrong then, the table stays as it is, and the standard error says where.

          Needs Linux 5.15, and CAP_BPF and CAP_NET_ADMIN, or CAP_SYS_ADMIN.
          """);

  @Override
  public Syntax syntax() {
    return SYNTAX;
  }

  @Override
  public void run(Arguments arguments, PrintStream out) throws InterruptedException {
    HeadStart.begin();
    var config = arguments.value(CONFIG).map(text -> new ConfigFile(Path.of(text)));
    Redirection.requireOneSource(SYNTAX.command(), arguments, CONFIG);
    var content = config.map(ConfigFile::read).orElse("");
    var services = config.isPresent() ? config.get().parse(content) : services(arguments);
    if (services.isEmpty() && !arguments.has(PIN) && config.isEmpty()) {
      throw new CommandException(
          ExitCode.USAGE,
          "run: there is nothing to redirect; give %s, %s, or %s to fill the table later"
              .formatted(Redirection.VIP.spelled(), CONFIG.spelled(), PIN.spelled()));
    }
    var scope = Redirection.scope(arguments).orElse(Scope.ALL);
    Redirection.requireMeaning(SYNTAX.command(), arguments, scope);
    var options = new RedirectOptions(scope, arguments.has(Redirection.PEER_NAME));
    var places = Places.of(SYNTAX.command(), arguments);
    var foreground =
        new Foreground(
            places,
            new FollowerLines(out, System.err),
            new OpenConnections(System.err),
            arguments.value(PIN).map(Path::of),
            options,
            arguments.values(Redirection.LIST_CGROUP).stream().map(Path::of).toList());
    Runtime.getRuntime().addShutdownHook(new Thread(foreground::stop, "stop"));
    foreground.start(services.values());
    out.println(
        "ready: "
            + services.size()
            + (services.size() == 1 ? " address" : " addresses")
            + " mapped for "
            + places.text()
            + arguments.value(PIN).map(pin -> ", pinned in " + pin).orElse(""));
    foreground
        .adopted()
        .forEach((cgroup, count) -> out.println(OpenConnections.words(count, cgroup)));
    out.flush();
    var never = new CountDownLatch(1); // a signal ends it
    if (config.isEmpty()) {
      never.await();
    }
    var follower = follower(config.get(), content, foreground, out);
    while (!never.await(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
      follower.look();
    }
  }

  private static ConfigFollower follower(
      ConfigFile file, String content, Foreground foreground, PrintStream out) {
    return new ConfigFollower(
        content,
        file::read,
        text -> {
          var wanted = file.parse(text);
          foreground.change(
              table -> {
                var changes = ConfigFile.apply(table, wanted);
                changes.list().forEach(out::println);
                out.println("reloaded: " + changes);
                out.flush();
              });
        },
        e -> {
          System.err.println(
              Main.NAME + ": " + Diagnosis.of(e).sentence() + "; nothing is changed");
          if (e instanceof CommandException command) {
            command.detail().forEach(System.err::println);
          }
        });
  }

  private static SortedMap<VirtualAddress, Service> services(Arguments arguments) {
    var services = new TreeMap<VirtualAddress, Service>();
    Redirection.mappings(SYNTAX.command(), arguments.values(Redirection.VIP))
        .forEach((vip, mapping) -> services.put(vip, mapping.service()));
    return services;
  }
}
