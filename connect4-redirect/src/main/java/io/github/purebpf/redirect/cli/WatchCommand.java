package io.github.purebpf.redirect.cli;

import io.github.purebpf.redirect.cli.text.KeepaliveText;
import java.io.Console;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Shows the connections as they come and go. */
record WatchCommand() implements Command {
  private static final Option INTERVAL =
      Option.optional("--interval", "DURATION", "the time between two frames, 1s if left out");
  private static final Option COUNT =
      Option.optional("--count", "N", "end after so many frames; else with q or a signal");
  private static final int PLAIN_WIDTH = 120;
  private static final Duration SHORTEST = Duration.ofMillis(100);
  private static final Syntax SYNTAX =
      new Syntax(
          "watch",
          "Show the connections of a redirector that runs, as they come and go",
          List.of(PinOption.PIN, INTERVAL, COUNT),
          List.of(),
          """
          For each virtual address its servers, each with its open connections, a bar of
          them, the connects per second and the failures since the last frame; below, the
          last events, unless another process listens to them. On a terminal it is one
          screen as wide as the window, and q ends it; else the frames are printed one
          below the other. A signal ends it with exit status 0.
          """);

  @Override
  public Syntax syntax() {
    return SYNTAX;
  }

  @Override
  public void run(Arguments arguments, PrintStream out) throws InterruptedException {
    var interval = arguments.value(INTERVAL).map(WatchCommand::interval);
    var millis = interval.orElse(Duration.ofSeconds(1)).toMillis();
    int count = arguments.value(COUNT).map(WatchCommand::count).orElse(Integer.MAX_VALUE);
    try (var recent = RecentEvents.of(PinOption.open(arguments))) {
      show(arguments, recent, millis, count, out);
    }
  }

  private static void show(
      Arguments arguments, RecentEvents recent, long millis, int count, PrintStream out)
      throws InterruptedException {
    Supplier<Snapshot> snapshots = () -> snapshot(arguments, recent);
    var first = snapshots.get(); // before the screen is taken, so that an error is a line
    var utf8 =
        new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
    if (Optional.ofNullable(System.console()).filter(Console::isTerminal).isEmpty()) {
      try (var _ = new EndOnSignal(recent::close)) {
        loop(snapshots, first, millis, count, new CountDownLatch(1), out, Optional.empty());
      }
      return;
    }
    var end = new CountDownLatch(1);
    try (var screen = Screen.open(utf8);
        var _ = new EndOnSignal(screen::close, recent::close)) {
      Thread.ofPlatform().daemon().name("keys").start(() -> awaitQuit(end));
      loop(snapshots, first, millis, count, end, utf8, Optional.of(screen));
    }
  }

  private static void loop(
      Supplier<Snapshot> snapshots,
      Snapshot first,
      long millis,
      int count,
      CountDownLatch end,
      PrintStream out,
      Optional<Screen> screen)
      throws InterruptedException {
    var before = first;
    var now = first;
    for (int i = 0; i < count; i++) {
      if (i > 0) {
        if (end.await(millis, TimeUnit.MILLISECONDS)) {
          return;
        }
        before = now;
        now = snapshots.get();
      }
      if (screen.isPresent()) {
        var size = Screen.size();
        screen.get().show(Frame.of(before, now, size.columns()), size);
      } else {
        Frame.of(before, now, PLAIN_WIDTH).forEach(out::println);
        out.println();
        out.flush();
      }
    }
  }

  private static Snapshot snapshot(Arguments arguments, RecentEvents recent) {
    try (var table = PinOption.open(arguments)) {
      return new Snapshot(table.snapshot(), recent.lines());
    }
  }

  private static void awaitQuit(CountDownLatch end) {
    try {
      int key = System.in.read();
      while (key >= 0 && key != 'q' && key != 'Q') {
        key = System.in.read();
      }
    } catch (IOException terminalIsGone) {
      // Then nobody looks.
    }
    end.countDown();
  }

  static Duration interval(String text) {
    try {
      var interval = KeepaliveText.duration(text);
      if (interval.compareTo(SHORTEST) >= 0) {
        return interval;
      }
      throw new IllegalArgumentException("\"" + text + "\" is less than 100ms");
    } catch (IllegalArgumentException e) {
      throw new CommandException(ExitCode.USAGE, "watch: " + e.getMessage(), e);
    }
  }

  static int count(String text) {
    if (!text.matches("[1-9][0-9]{0,8}")) {
      throw new CommandException(
          ExitCode.USAGE, "watch: \"" + text + "\" is no number of frames from 1 on");
    }
    return Integer.parseInt(text);
  }
}
