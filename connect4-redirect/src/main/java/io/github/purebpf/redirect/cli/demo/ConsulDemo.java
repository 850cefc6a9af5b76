package io.github.purebpf.redirect.cli.demo;

import io.github.purebpf.bpf.Cgroup2;
import io.github.purebpf.redirect.Connect4Redirect;
import io.github.purebpf.redirect.RedirectTable;
import io.github.purebpf.redirect.ServerTraffic;
import io.github.purebpf.redirect.Service;
import io.github.purebpf.redirect.VirtualAddress;
import io.github.purebpf.redirect.consul.ConsulOptions;
import io.github.purebpf.redirect.consul.ConsulWatch;
import io.github.purebpf.redirect.controller.Controller;
import io.github.purebpf.redirect.controller.ControllerEvent;
import io.github.purebpf.redirect.controller.ControllerOptions;
import io.github.purebpf.redirect.controller.ControllerOptions.Evening;
import io.github.purebpf.redirect.controller.ControllerOptions.Leaving;
import io.github.purebpf.redirect.controller.Patience;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/**
 * What a controller does, on real sockets: the connections of sidecars follow Consul's servers, and
 * stay where they are when Consul is gone.
 */
public final class ConsulDemo {
  private static final int PREFERRED_PORT = 8502;
  private static final int SIDECARS = 24;
  private static final int MORE_SIDECARS = 6;

  /** Where a host is patient. */
  private static final Duration AT_ONCE = Duration.ZERO;

  private final Story story;
  private final VirtualAddress vip;
  private final Sidecars sidecars;
  private final DemoConsul consul;
  private final List<StreamServer> servers;

  /** Those in use. */
  private final List<StreamServer> used = new ArrayList<>();

  private final List<ControllerEvent> events = new CopyOnWriteArrayList<>();

  /** How many events there were before this chapter. */
  private int heard;

  /** What builds on all that was told before. */
  private interface Chapter {
    void tell() throws IOException, InterruptedException;
  }

  private ConsulDemo(Story story, DemoConsul consul, StreamServer... servers) throws IOException {
    this.story = story;
    this.vip = DemoVip.free(PREFERRED_PORT);
    this.sidecars = new Sidecars(vip);
    this.consul = consul;
    this.servers = List.of(servers);
  }

  /**
   * Tells the story while it happens, and cleans up, also when it is interrupted or killed.
   *
   * @param out where it is told
   * @param colors whether that is a terminal that shows colors, and bars that move
   * @return the steps that did not happen
   */
  public static List<String> run(PrintStream out, boolean colors)
      throws IOException, InterruptedException {
    var story = Story.to(out, colors);
    Path scratch;
    // In the order of the other demo, for the same reasons.
    try (var redirect = Connect4Redirect.open();
        var threads = Executors.newVirtualThreadPerTaskExecutor();
        var a = StreamServer.start("A");
        var b = StreamServer.start("B");
        var c = StreamServer.start("C");
        var d = StreamServer.start("D");
        var consul = DemoConsul.start();
        var cgroup = DemoCgroup.create(Cgroup2.mount(), "demo");
        var _ = new ClearOnKill(story, cgroup)) {
      scratch = cgroup.path();
      var demo = new ConsulDemo(story, consul, a, b, c, d);
      demo.start(cgroup, threads);
      demo.refused();
      try (var _ = redirect.attach(cgroup.path())) {
        demo.follow(redirect.table());
      }
      story.chapter("Nothing stays behind");
    }
    story.step("the cgroup is gone, and all that was in it", !Files.exists(scratch));
    story.end();
    return story.failures();
  }

  private void start(DemoCgroup cgroup, Executor threads) throws IOException {
    story.title("connect4-redirect: sidecars follow Consul's servers, without a proxy in each pod");
    story.fact("virtual address", vip + ", where nobody listens");
    for (var server : servers) {
      story.fact("server " + server.name(), server.server() + ", says its name and holds streams");
    }
    story.fact("Consul", consul.uri() + ", as much of it as a controller asks for");
    story.fact("cgroup", cgroup.path() + ", with half of the sidecars each in:");
    for (var program : ClientProgram.jvms(SidecarProgram.class)) {
      story.fact("  " + program.name(), program.socket());
      sidecars.add(cgroup.start(program.command()), threads);
    }
    sidecars.start(SIDECARS);
  }

  private void refused() throws InterruptedException {
    chapter("Without the redirector");
    var all = "refused " + SIDECARS;
    story.await(() -> sidecars.state().equals(all));
    story.step(SIDECARS + " sidecars", vip.toString(), all, sidecars.state());
  }

  private void follow(RedirectTable table) throws IOException, InterruptedException {
    chapter("A controller finds three servers in Consul");
    servers.subList(0, 3).forEach(this::join);
    var source = new ConsulWatch(ConsulOptions.of(List.of(consul.uri())));
    try (var _ = Controller.start(table, source, options(), events::add)) {
      even(SIDECARS, used, () -> true);
      var rest =
          List.<Chapter>of(
              () -> leave(servers.get(1)),
              () -> joinLate(servers.get(3)),
              this::loseConsul,
              () -> compare(table));
      for (var chapter : rest) {
        if (story.failures().isEmpty()) {
          chapter.tell();
        }
      }
    }
  }

  private void compare(RedirectTable table) throws InterruptedException {
    chapter("Even load at the end, as the kernel counts it");
    story.await(() -> counted(table).equals(held()));
    story.step("connections", vip.toString(), held(), counted(table));
  }

  private ControllerOptions options() {
    return new ControllerOptions(
        List.of(Service.of(vip)),
        Optional.empty(),
        new Patience(AT_ONCE, AT_ONCE, AT_ONCE, Patience.DEFAULT.quorum()),
        Optional.empty(),
        Optional.of(new Leaving(AT_ONCE, SIDECARS / 2)),
        Optional.of(new Evening(AT_ONCE, Evening.DEFAULT.slack(), 1)));
  }

  private void join(StreamServer server) {
    consul.join(node(server), server.server());
    used.add(server);
  }

  private void leave(StreamServer server) throws InterruptedException {
    chapter("Server " + server.name() + " leaves: its connections move, and no others");
    var shown = List.copyOf(used);
    int moved = server.held();
    int before = sidecars.lost();
    consul.leave(node(server));
    used.remove(server);
    even(
        SIDECARS,
        shown,
        () -> told(ControllerEvent.Drained.class).isPresent() && sidecars.lost() >= before + moved);
    closed("those of server " + server.name(), moved, before);
  }

  private void joinLate(StreamServer server) throws InterruptedException {
    chapter("Server " + server.name() + " joins: as many move as it takes, the oldest first");
    int before = sidecars.lost();
    join(server);
    even(
        SIDECARS,
        used,
        () -> moved().filter(moved -> sidecars.lost() >= before + moved).isPresent());
    closed("those too many elsewhere", moved().orElse(0L), before);
  }

  /** How many connections were closed to even them out, once that is done. */
  private Optional<Long> moved() {
    return told(ControllerEvent.Rebalanced.class).map(event -> event.report().closed());
  }

  private void loseConsul() throws IOException, InterruptedException {
    chapter("Consul goes away: nothing changes");
    int before = sidecars.lost();
    consul.close();
    story.await(() -> trouble().isPresent());
    story.step("the controller says so, and keeps the servers", trouble().isPresent());
    trouble().ifPresent(story::note);
    story.note(MORE_SIDECARS + " sidecars more are started");
    sidecars.start(MORE_SIDECARS);
    even(SIDECARS + MORE_SIDECARS, used, () -> true);
    closed("since Consul is away", 0, before);
  }

  private Optional<String> trouble() {
    return told(ControllerEvent.SourceTrouble.class).map(ControllerEvent.SourceTrouble::reason);
  }

  private void chapter(String title) {
    story.chapter(title);
    heard = events.size();
  }

  /** The first event of a kind in this chapter. */
  private <E extends ControllerEvent> Optional<E> told(Class<E> kind) {
    return events.stream().skip(heard).filter(kind::isInstance).map(kind::cast).findFirst();
  }

  /**
   * Waits until all sidecars are served, by those in use evenly and by no other, and shows it.
   *
   * @param settled what has to be so as well
   */
  private void even(int total, List<StreamServer> shown, BooleanSupplier settled)
      throws InterruptedException {
    int share = total / used.size();
    var bars =
        shown.stream()
            .map(
                server ->
                    used.contains(server)
                        // Those that connect at the same time may be placed on the same server.
                        ? new Story.Bar(
                            "server " + server.name(), share - 1, share + 1, server::held)
                        : new Story.Bar("server " + server.name(), 0, 0, server::held))
            .toList();
    story.bars(
        bars,
        () ->
            settled.getAsBoolean()
                && servers.stream().mapToInt(StreamServer::held).sum() == total
                && sidecars.state().equals(held()));
    story.step(total + " sidecars", vip.toString(), held(), sidecars.state());
  }

  private void closed(String which, long expected, int before) {
    story.step(
        "connections closed",
        which,
        Long.toString(expected),
        Integer.toString(sidecars.lost() - before));
  }

  /** What the servers count. */
  private String held() {
    return Sidecars.state(
        servers.stream().collect(Collectors.toMap(StreamServer::name, StreamServer::held)));
  }

  /** What the table counts. */
  private String counted(RedirectTable table) {
    var names =
        servers.stream().collect(Collectors.toMap(StreamServer::server, StreamServer::name));
    return Sidecars.state(
        table.traffic(vip).orElseThrow().servers().stream()
            .collect(Collectors.toMap(server -> names.get(server.server()), ServerTraffic::open)));
  }

  private static String node(StreamServer server) {
    return "consul" + server.name();
  }
}
