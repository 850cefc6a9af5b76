package io.github.purebpf.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** From nothing to the first connect that is redirected: the command beside other loaders. */
final class Starts implements Contest {
  /** The virtual address, and where connects to it go; the port is the same. */
  static final String VIRTUAL = "127.77.0.1";

  static final String SERVER = "127.77.0.2";

  /** The key of a JVM that does nothing. */
  static final String HELLO = "hello";

  static final String BPFTOOL = "bpftool";

  /** How often in a run; there is nothing to be gained by more in a row. */
  static final int STARTS = 4;

  private static final String LIBBPF = "libbpf";
  private static final String CILIUM = "cilium/ebpf";

  private static final List<Case> CASES =
      List.of(
          new Case(
              "cold-start",
              Case.Group.STARTS,
              "from exec to the first connect that is redirected",
              "start",
              Case.Timing.TOGETHER,
              STARTS,
              Map.of(HELLO, 3.0)));

  @Override
  public List<Case> cases() {
    return CASES;
  }

  @Override
  public List<Peer> prepare(Workshop workshop) throws IOException, InterruptedException {
    var peers = new ArrayList<Peer>();
    if (Command.find("cc").isEmpty()) {
      return List.of(Workshop.missing(Peer.OWN, "purebpf", "gcc libc6-dev"));
    }
    var problem = workshop.compile(workshop.cc("first", "c/first.c"), Map.of());
    if (problem.isPresent()) {
      return List.of(new Peer.Missing(Peer.OWN, "purebpf", problem.get()));
    }
    peers.add(CommandLauncher.in(workshop).prepare());
    peers.add(hello(workshop));
    peers.add(libbpf(workshop));
    peers.add(cilium(workshop));
    peers.add(bpftool());
    return peers;
  }

  private static Peer hello(Workshop workshop) throws IOException, InterruptedException {
    String title = "java, hello world";
    var java = Path.of(System.getProperty("java.home"), "bin");
    var problem =
        workshop.compile(
            List.of(
                java.resolve("javac").toString(),
                "-d",
                workshop.folder().toString(),
                workshop.sources().resolve("java/Hello.java").toString()),
            Map.of());
    return problem.isPresent()
        ? new Peer.Missing(HELLO, title, problem.get())
        : new Peer.Ready(
            HELLO,
            title,
            "Java " + Runtime.version() + " with its default options",
            List.of(java.resolve("java").toString(), "-cp", workshop.folder().toString(), "Hello"),
            List.of());
  }

  private static Peer libbpf(Workshop workshop) throws IOException, InterruptedException {
    if (!Files.exists(Path.of("/usr/include/bpf/bpf.h"))) {
      return Workshop.missing(LIBBPF, LIBBPF, "gcc libc6-dev libbpf-dev");
    }
    var problem =
        workshop.compile(
            workshop.cc("loader", "libbpf/loader.c", "-lbpf", "-lelf", "-lz"), Map.of());
    return problem.isPresent()
        ? new Peer.Missing(LIBBPF, LIBBPF, problem.get())
        : new Peer.Ready(
            LIBBPF,
            LIBBPF,
            Workshop.version("libbpf-dev", "libbpf"),
            List.of(workshop.program("loader").toString()),
            List.of());
  }

  private static Peer cilium(Workshop workshop) throws IOException, InterruptedException {
    var go = Command.find("go");
    if (go.isEmpty() || !Files.isDirectory(Libraries.GO_LIBRARY)) {
      return Workshop.missing("cilium", CILIUM, "golang-go golang-github-cilium-ebpf-dev");
    }
    var program = workshop.program("go-loader");
    var problem =
        workshop.compile(
            List.of(
                go.get().toString(),
                "build",
                "-o",
                program.toString(),
                workshop.sources().resolve("go-loader/main.go").toString()),
            Libraries.goEnvironment(workshop));
    return problem.isPresent()
        ? new Peer.Missing("cilium", CILIUM, problem.get())
        : new Peer.Ready(
            "cilium",
            CILIUM,
            Workshop.version("golang-github-cilium-ebpf-dev", CILIUM),
            List.of(program.toString()),
            List.of());
  }

  private static Peer bpftool() throws IOException, InterruptedException {
    var bpftool = Command.find(BPFTOOL);
    if (bpftool.isEmpty()) {
      return Workshop.missing(BPFTOOL, "bpftool, in a shell", BPFTOOL);
    }
    return new Peer.Ready(
        BPFTOOL,
        "bpftool, in a shell",
        Workshop.version(BPFTOOL, BPFTOOL),
        List.of(bpftool.get().toString()),
        List.of());
  }

  @Override
  public Stage open(Workshop workshop, List<Peer.Ready> peers) throws IOException {
    return StartStage.open(workshop, peers);
  }
}
