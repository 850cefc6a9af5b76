package io.github.purebpf.benchmarks;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/** What it takes that somebody can change where connects go: the command beside HAProxy. */
final class Controllers implements Contest {
  static final String MEMORY = "controller-memory";
  static final String SHARE = "controller-share";
  static final String THREADS = "controller-threads";
  static final String REST = "controller-rest";
  static final String SET = "controller-set";
  static final String BUSY = "controller-busy";

  /** At most so many updates in a second, where what they take is measured. */
  static final int RATE = 1_000;

  /** 64 MB. */
  private static final double MOST_MEMORY = 64e6;

  /** Below what tools show as 0.0 %. */
  private static final double MOST_AT_REST = 500e3;

  static final String HAPROXY = "haproxy-api";

  private static final List<Case> CASES =
      List.of(
          new Case(
              MEMORY,
              Case.Group.MEMORY,
              "resident memory at rest (RSS)",
              "process",
              Case.Timing.TOGETHER,
              1,
              Map.of(),
              OptionalDouble.of(MOST_MEMORY)),
          new Case(
              SHARE,
              Case.Group.MEMORY,
              "its share of it at rest (PSS)",
              "process",
              Case.Timing.TOGETHER,
              1,
              Map.of()),
          new Case(
              THREADS,
              Case.Group.THREADS,
              "threads at rest",
              "process",
              Case.Timing.TOGETHER,
              1,
              Map.of()),
          new Case(
              REST,
              Case.Group.CONTROLLERS,
              "CPU time at rest",
              "second",
              Case.Timing.TOGETHER,
              1,
              Map.of(),
              OptionalDouble.of(MOST_AT_REST)),
          new Case(
              SET,
              Case.Group.CONTROLLERS,
              "another server, until connects go there",
              "update",
              Case.Timing.EACH,
              2_000,
              Map.of(HAPROXY, 1.0)),
          new Case(
              BUSY,
              Case.Group.CONTROLLERS,
              "CPU time of 1,000 updates in a second, with that of whoever asks for them",
              "update",
              Case.Timing.TOGETHER,
              1_000,
              Map.of()));

  @Override
  public List<Case> cases() {
    return CASES;
  }

  @Override
  public List<Peer> prepare(Workshop workshop) throws IOException, InterruptedException {
    if (Command.find("cc").isEmpty()) {
      return List.of(Workshop.missing(Peer.OWN, "purebpf", "gcc libc6-dev"));
    }
    var problem = workshop.compile(workshop.cc("first", "c/first.c"), Map.of());
    if (problem.isPresent()) {
      return List.of(new Peer.Missing(Peer.OWN, "purebpf", problem.get()));
    }
    var peers = new ArrayList<Peer>();
    peers.add(CommandLauncher.in(workshop).prepare());
    String title = "HAProxy, its runtime API";
    var haproxy = Command.find("haproxy");
    peers.add(
        haproxy.isEmpty()
            ? Workshop.missing(HAPROXY, title, "haproxy")
            : new Peer.Ready(
                HAPROXY,
                title,
                Workshop.version("haproxy", "HAProxy"),
                List.of(haproxy.get().toString()),
                List.of()));
    return peers;
  }

  @Override
  public Stage open(Workshop workshop, List<Peer.Ready> peers) throws IOException {
    return ControllerStage.open(workshop, peers);
  }
}
