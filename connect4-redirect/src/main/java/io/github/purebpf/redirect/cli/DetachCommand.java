package io.github.purebpf.redirect.cli;

import io.github.purebpf.bpf.Cgroup2;
import io.github.purebpf.bpf.NotCgroup2Exception;
import io.github.purebpf.redirect.PersistentRedirect;
import io.github.purebpf.redirect.PersistentState;
import io.github.purebpf.redirect.PinnedAttachment;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Collectors;

/** Ends what attach has begun. */
record DetachCommand() implements Command {
  private static final Option PIN =
      new Option("--pin", "DIR", Option.Occurs.ONCE, "the DIR that was given to attach --pin");
  private static final Option CGROUP =
      new Option(
          "--cgroup",
          "DIR",
          Option.Occurs.ANY_NUMBER,
          "detach from this cgroup only; once for each");
  private static final Syntax SYNTAX =
      new Syntax(
          "detach",
          "End the redirection that attach has begun",
          List.of(PIN, CGROUP, TakeOverOption.TAKE_OVER),
          List.of(),
          """
          Without --cgroup it is detached everywhere, and everything is removed: the
          table, its counters, and the folders that attach has made. With --cgroup it is
          detached from those, which may be gone by now, and the rest goes on, with all
          or none; the exit status is 16 if it is not attached to one.

          Connects that begin from now on go where they are told. Connections that are
          made stay as they are.
          """);

  @Override
  public Syntax syntax() {
    return SYNTAX;
  }

  @Override
  public void run(Arguments arguments, PrintStream out) {
    var pin = Path.of(arguments.value(PIN).orElseThrow());
    try (var _ = Signals.awaitWork()) {
      var state = PersistentRedirect.look(pin);
      if (arguments.has(CGROUP)) {
        some(arguments, pin, state.orElseThrow(() -> nothing(pin)), out);
        return;
      }
      if (!PersistentRedirect.uninstall(pin, TakeOverOption.of(arguments))) {
        throw nothing(pin);
      }
      state.stream()
          .flatMap(s -> s.attachments().stream())
          .forEach(attachment -> out.println(attachment.path() + ": is detached"));
      out.println(pin + " holds nothing any more");
    }
  }

  private static CommandException nothing(Path pin) {
    return new CommandException(
        ExitCode.PIN, "detach: no redirector is pinned in " + pin + ", so nothing is attached");
  }

  private static void some(Arguments arguments, Path pin, PersistentState state, PrintStream out) {
    Map<Long, PinnedAttachment> detached = new LinkedHashMap<>();
    for (var text : arguments.values(CGROUP)) {
      var attachment = find(Path.of(text).toAbsolutePath().normalize(), state);
      detached.put(attachment.cgroupId(), attachment);
    }
    PersistentRedirect.detach(pin, detached.keySet(), TakeOverOption.of(arguments));
    detached.values().forEach(a -> out.println(a.path() + ": is detached"));
    int rest = state.attachments().size() - detached.size();
    out.println(
        rest > 0
            ? "it goes on in %d other %s".formatted(rest, rest == 1 ? "cgroup" : "cgroups")
            : "it is attached nowhere now; to remove the table as well: %s detach --pin %s"
                .formatted(Main.NAME, pin));
  }

  private static PinnedAttachment find(Path cgroup, PersistentState state) {
    var id = id(cgroup);
    return state.attachments().stream()
        .filter(a -> id.isPresent() ? a.cgroupId() == id.getAsLong() : a.path().equals(cgroup))
        .findFirst()
        .orElseThrow(() -> notAttached(cgroup, state));
  }

  /** Which cgroup is there, if one is. */
  private static OptionalLong id(Path cgroup) {
    try {
      return OptionalLong.of(Cgroup2.require(cgroup).id());
    } catch (NotCgroup2Exception | UncheckedIOException e) {
      return OptionalLong.empty();
    }
  }

  private static CommandException notAttached(Path cgroup, PersistentState state) {
    return new CommandException(
        ExitCode.NOT_ATTACHED,
        "detach: it is not attached to %s, %s; nothing is changed"
            .formatted(
                cgroup,
                state.attachments().isEmpty()
                    ? "nor to another cgroup"
                    : state.attachments().stream()
                        .map(a -> a.path().toString())
                        .collect(Collectors.joining(", ", "but to ", ""))));
  }
}
