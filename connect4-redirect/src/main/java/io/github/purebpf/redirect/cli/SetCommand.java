package io.github.purebpf.redirect.cli;

import io.github.purebpf.redirect.Keepalive;
import io.github.purebpf.redirect.NoServer;
import io.github.purebpf.redirect.Policy;
import io.github.purebpf.redirect.Service;
import io.github.purebpf.redirect.cli.text.KeepaliveText;
import io.github.purebpf.redirect.cli.text.Words;
import java.io.PrintStream;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Maps a virtual address to servers. */
record SetCommand() implements Command {
  private static final Option POLICY =
      Option.choice(
          "--policy", "POLICY", Words.all(Policy.class), "how a connect finds its server");
  private static final Option NO_SERVER =
      Option.choice(
          "--no-server",
          "ANSWER",
          Words.all(NoServer.class),
          "what becomes of a connect where there is no server");
  private static final Option KEEPALIVE =
      Option.optional(
          "--keepalive", KeepaliveText.SYNTAX, "how connections are probed, or off for not at all");
  private static final Syntax SYNTAX =
      new Syntax(
          "set",
          "Map a virtual address to servers, in a redirector that runs",
          List.of(PinOption.PIN, POLICY, NO_SERVER, KEEPALIVE),
          List.of(Mapping.SYNTAX),
          """
          Adds the virtual address, or maps it to other servers. Connects that begin from
          now on go to these; those that are made stay where they are. A weight is 1 to
          65535, and 1 where it is left out. VIP:PORT= with nothing behind it leaves the
          address without a server.

          POLICY is least-connections, weighted, round-robin, sticky-container,
          sticky-socket or single (the first server). ANSWER is pass (it goes to VIP:PORT
          itself), refuse (ECONNREFUSED), unreachable (EHOSTUNREACH) or deny (EPERM).
          Durations are 500ms, 30s, 2m or 1h; a number alone is seconds.

          What is left out stays as it is; for a new address it is least-connections,
          refuse and off.
          """);

  @Override
  public Syntax syntax() {
    return SYNTAX;
  }

  @Override
  public void run(Arguments arguments, PrintStream out) {
    var mapping = Mapping.parse(arguments.operand(0));
    var keepalive = keepalive(arguments);
    try (var table = PinOption.open(arguments)) {
      var before =
          table.edit(
              edit -> {
                var old = edit.get(mapping.vip());
                edit.put(changed(old.orElseGet(mapping::service), mapping, arguments, keepalive));
                return old;
              });
      out.printf(
          "%s is mapped to %s%s%n",
          mapping.vip(),
          ListCommand.servers(mapping.servers()),
          before
              .map(service -> ", it was to " + ListCommand.servers(service.servers()))
              .orElse(", it was not mapped"));
    }
  }

  /** What becomes of the way in which connections are probed. */
  private static UnaryOperator<Optional<Keepalive>> keepalive(Arguments arguments) {
    var text = arguments.value(KEEPALIVE);
    if (text.isEmpty()) {
      return before -> before;
    }
    try {
      var keepalive = KeepaliveText.parse(text.get());
      return _ -> keepalive;
    } catch (IllegalArgumentException e) {
      throw new CommandException(ExitCode.USAGE, "set: " + e.getMessage(), e);
    }
  }

  private static Service changed(
      Service before,
      Mapping mapping,
      Arguments arguments,
      UnaryOperator<Optional<Keepalive>> keepalive) {
    return new Service(
        mapping.vip(),
        mapping.servers(),
        arguments
            .value(POLICY)
            .map(word -> Words.parse(Policy.class, "policy", word))
            .orElse(before.policy()),
        arguments
            .value(NO_SERVER)
            .map(word -> Words.parse(NoServer.class, "answer", word))
            .orElse(before.noServer()),
        keepalive.apply(before.keepalive()));
  }
}
