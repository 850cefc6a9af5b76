package io.github.purebpf.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** purebpf beside other libraries: maps, programs, rings and loading. */
final class Libraries implements Contest {
  /** Those that know the cases of rings. */
  static final Set<String> READ_RINGS = Set.of(Peer.OWN, "raw", "libbpf", "cilium");

  private static final int ENTRIES = 1 << 16;
  private static final Map<String, Double> ONE_ELEMENT = Map.of("raw", 1.05, "cilium", 0.8);
  private static final Map<String, Double> BATCH = Map.of("raw", 1.2);

  /** At least 0.9 times as many records in the same time. */
  private static final Map<String, Double> RING = Map.of("libbpf", 1 / 0.9);

  /** Of which single calls are timed, too. */
  private static final Set<String> SINGLY = Set.of("hash-put", "hash-get");

  private static final List<Case> CASES =
      List.of(
          map("hash-put", "hash: put", 100_000, ONE_ELEMENT),
          map("hash-get", "hash: get", 100_000, ONE_ELEMENT),
          map("hash-delete", "hash: delete", ENTRIES, Map.of()),
          map("hash-iterate", "hash: iterate", ENTRIES, Map.of()),
          map("hash-batch-put", "hash: put of a batch", 4 * ENTRIES, BATCH),
          map("hash-batch-get", "hash: get of a batch", 4 * ENTRIES, BATCH),
          map("array-put", "array: put", 100_000, ONE_ELEMENT),
          map("array-get", "array: get", 100_000, ONE_ELEMENT),
          map("array-iterate", "array: iterate", ENTRIES, Map.of()),
          map("array-batch-put", "array: put of a batch", 4 * ENTRIES, BATCH),
          map("array-batch-get", "array: get of a batch", 4 * ENTRIES, BATCH),
          map("percpu-put", "per-CPU array: put", 100_000, ONE_ELEMENT),
          map("percpu-get", "per-CPU array: get", 100_000, ONE_ELEMENT),
          map("percpu-iterate", "per-CPU array: iterate", ENTRIES, Map.of()),
          map("percpu-batch-put", "per-CPU array: put of a batch", 4 * ENTRIES, BATCH),
          map("percpu-batch-get", "per-CPU array: get of a batch", 4 * ENTRIES, BATCH),
          code("build-connect4", "build and encode connect4", 100_000, Map.of("cilium", 0.7)),
          code(
              "build-connect4-lines",
              "build and encode connect4 with source lines",
              20_000,
              Map.of("cilium", 1.2)),
          code("build-4096", "build and encode 4,096 instructions", 400, Map.of("cilium", 0.7)),
          code("decode-connect4", "decode connect4", 100_000, Map.of()),
          code("decode-4096", "decode 4,096 instructions", 400, Map.of()),
          code("print-connect4", "print connect4", 20_000, Map.of()),
          code("print-4096", "print 4,096 instructions", 60, Map.of()),
          code("parse-connect4", "parse connect4", 20_000, Map.of("llvm-mc", 0.5)),
          code("parse-4096", "parse 4,096 instructions", 60, Map.of("llvm-mc", 0.5)),
          ring("drain-16", "drain a full ring, records of 16 bytes", 400 * Programs.FILLED),
          ring("drain-256", "drain a full ring, records of 256 bytes", 400 * Programs.FILLED),
          ring("live-16-1", "one producer, records of 16 bytes", 1_000_000),
          ring("live-16-2", "two producers, records of 16 bytes", 1_000_000),
          ring("live-256-1", "one producer, records of 256 bytes", 1_000_000),
          ring("live-256-2", "two producers, records of 256 bytes", 1_000_000),
          new Case(
              "load-attach",
              Case.Group.LOADING,
              "load connect4, attach it to a cgroup, and undo both",
              "program",
              Case.Timing.TOGETHER,
              100,
              Map.of()));

  static final Path GO_LIBRARY = Path.of("/usr/share/gocode/src/github.com/cilium/ebpf");
  private static final Path LIBBPF_HEADER = Path.of("/usr/include/bpf/bpf.h");
  private static final String RAW = "C, raw system calls";
  private static final String LIBBPF = "libbpf";
  private static final String CILIUM = "cilium/ebpf";
  private static final String CILIUM_UNSAFE = "cilium/ebpf, unsafe.Pointer";
  private static final String LLVM_MC = "llvm-mc, a process each";

  @Override
  public List<Case> cases() {
    return CASES;
  }

  private static Case map(String id, String title, int operations, Map<String, Double> goals) {
    var timing = SINGLY.contains(id) ? Case.Timing.BOTH : Case.Timing.TOGETHER;
    return new Case(id, Case.Group.MAPS, title, "element", timing, operations, goals);
  }

  private static Case code(String id, String title, int operations, Map<String, Double> goals) {
    return new Case(id, Case.Group.CODE, title, "program", Case.Timing.TOGETHER, operations, goals);
  }

  private static Case ring(String id, String title, int operations) {
    return new Case(id, Case.Group.RINGS, title, "record", Case.Timing.TOGETHER, operations, RING);
  }

  @Override
  public List<Peer> prepare(Workshop workshop) throws IOException, InterruptedException {
    var peers = new ArrayList<Peer>();
    peers.add(own());
    peers.add(raw(workshop));
    peers.add(libbpf(workshop));
    peers.addAll(cilium(workshop));
    peers.add(llvmMc(workshop));
    return peers;
  }

  @Override
  public Stage open(Workshop workshop, List<Peer.Ready> peers) throws IOException {
    return LibraryStage.open(workshop.folder().resolve("files"), peers);
  }

  private static Peer own() {
    // On a module path if this came by a launcher, on the class path if Maven runs it.
    String path = System.getProperty("jdk.module.path", System.getProperty("java.class.path"));
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    return new Peer.Ready(
        Peer.OWN,
        "purebpf",
        "Java " + Runtime.version() + " with its default options",
        List.of(
            java,
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            path,
            "io.github.purebpf.benchmarks.OwnPeer"),
        List.of());
  }

  private static Peer raw(Workshop workshop) throws IOException, InterruptedException {
    if (Command.find("cc").isEmpty()) {
      return Workshop.missing("raw", RAW, "gcc libc6-dev");
    }
    return workshop.compiled(
        "raw",
        RAW,
        Workshop.version("gcc", "cc -O2"),
        workshop.cc("raw", "c/raw.c"),
        List.of(),
        Map.of());
  }

  private static Peer libbpf(Workshop workshop) throws IOException, InterruptedException {
    if (Command.find("cc").isEmpty() || !Files.exists(LIBBPF_HEADER)) {
      return Workshop.missing("libbpf", LIBBPF, "gcc libc6-dev libbpf-dev");
    }
    var command = workshop.cc("libbpf", "libbpf/libbpf.c", "-lbpf", "-lelf", "-lz");
    return workshop.compiled(
        "libbpf", LIBBPF, Workshop.version("libbpf-dev", "libbpf"), command, List.of(), Map.of());
  }

  private static List<Peer> cilium(Workshop workshop) throws IOException, InterruptedException {
    var go = Command.find("go");
    if (go.isEmpty() || !Files.isDirectory(GO_LIBRARY)) {
      String packages = "golang-go golang-github-cilium-ebpf-dev";
      return List.of(
          Workshop.missing("cilium", CILIUM, packages),
          Workshop.missing("cilium-unsafe", CILIUM_UNSAFE, packages));
    }
    String version =
        Workshop.version("golang-github-cilium-ebpf-dev", CILIUM)
            + ", "
            + Workshop.version("golang-go", "Go");
    var command =
        List.of(
            go.get().toString(),
            "build",
            "-o",
            workshop.program("cilium").toString(),
            workshop.sources().resolve("go/main.go").toString());
    var peer =
        workshop.compiled("cilium", CILIUM, version, command, List.of(), goEnvironment(workshop));
    if (!(peer instanceof Peer.Ready ready)) {
      return List.of(peer);
    }
    return List.of(
        ready,
        new Peer.Ready(
            "cilium-unsafe", CILIUM_UNSAFE, version, ready.command(), List.of("unsafe")));
  }

  /** What lets go build with the packages of the system. */
  static Map<String, String> goEnvironment(Workshop workshop) {
    return Map.of(
        "GOPATH", "/usr/share/gocode",
        "GO111MODULE", "off",
        "GOFLAGS", "",
        "GOCACHE", workshop.folder().resolve("go-cache").toString());
  }

  private static Peer llvmMc(Workshop workshop) throws IOException, InterruptedException {
    var assembler = Command.find("llvm-mc-22", "llvm-mc");
    if (assembler.isEmpty() || Command.find("cc").isEmpty()) {
      return Workshop.missing("llvm-mc", LLVM_MC, "llvm-22 gcc libc6-dev");
    }
    String version =
        Command.run(List.of(assembler.get().toString(), "--version"), Map.of())
            .output()
            .lines()
            .filter(line -> line.contains("version"))
            .findFirst()
            .orElse("llvm-mc")
            .strip();
    return workshop.compiled(
        "llvm-mc",
        LLVM_MC,
        version,
        workshop.cc("llvm-mc", "c/llvm_mc.c"),
        List.of(assembler.get().toString()),
        Map.of());
  }
}
