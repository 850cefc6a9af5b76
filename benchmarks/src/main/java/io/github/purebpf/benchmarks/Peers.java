package io.github.purebpf.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Compiles the peers that this machine has the tools for. The first is purebpf; its key is {@link
 * #OWN}.
 */
final class Peers {
  /** purebpf. */
  static final String OWN = "purebpf";

  /** Those that know the cases of rings. */
  static final Set<String> READ_RINGS = Set.of(OWN, "raw", "libbpf", "cilium");

  private static final Path GO_LIBRARY = Path.of("/usr/share/gocode/src/github.com/cilium/ebpf");
  private static final Path LIBBPF_HEADER = Path.of("/usr/include/bpf/bpf.h");
  private static final String RAW = "C, raw system calls";
  private static final String LIBBPF = "libbpf";
  private static final String CILIUM = "cilium/ebpf";
  private static final String CILIUM_UNSAFE = "cilium/ebpf, unsafe.Pointer";
  private static final String LLVM_MC = "llvm-mc, a process each";

  private final Path sources;
  private final Path folder;

  private Peers(Path sources, Path folder) {
    this.sources = sources;
    this.folder = folder;
  }

  /**
   * All, in the order of the columns.
   *
   * @param sources {@code src/peers}
   * @param folder for what is compiled
   */
  static List<Peer> prepare(Path sources, Path folder) throws IOException, InterruptedException {
    return new Peers(sources, Files.createDirectories(folder)).all();
  }

  private List<Peer> all() throws IOException, InterruptedException {
    var peers = new ArrayList<Peer>();
    peers.add(own());
    peers.add(raw());
    peers.add(libbpf());
    peers.addAll(cilium());
    peers.add(llvmMc());
    return peers;
  }

  private static Peer own() {
    // On a module path if this came by a launcher, on the class path if Maven runs it.
    String path = System.getProperty("jdk.module.path", System.getProperty("java.class.path"));
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    return new Peer.Ready(
        OWN,
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

  private Peer raw() throws IOException, InterruptedException {
    if (Command.find("cc").isEmpty()) {
      return missing("raw", RAW, "gcc libc6-dev");
    }
    return compiled(
        "raw", RAW, version("gcc", "cc -O2"), cc("raw", "c/raw.c"), List.of(), Map.of());
  }

  private Peer libbpf() throws IOException, InterruptedException {
    if (Command.find("cc").isEmpty() || !Files.exists(LIBBPF_HEADER)) {
      return missing("libbpf", LIBBPF, "gcc libc6-dev libbpf-dev");
    }
    var command = new ArrayList<>(cc("libbpf", "libbpf/libbpf.c"));
    command.addAll(List.of("-lbpf", "-lelf", "-lz"));
    return compiled(
        "libbpf", LIBBPF, version("libbpf-dev", "libbpf"), command, List.of(), Map.of());
  }

  private List<Peer> cilium() throws IOException, InterruptedException {
    var go = Command.find("go");
    if (go.isEmpty() || !Files.isDirectory(GO_LIBRARY)) {
      String packages = "golang-go golang-github-cilium-ebpf-dev";
      return List.of(
          missing("cilium", CILIUM, packages), missing("cilium-unsafe", CILIUM_UNSAFE, packages));
    }
    String version =
        version("golang-github-cilium-ebpf-dev", CILIUM) + ", " + version("golang-go", "Go");
    var command =
        List.of(
            go.get().toString(),
            "build",
            "-o",
            folder.resolve("cilium").toString(),
            sources.resolve("go/main.go").toString());
    var environment =
        Map.of(
            "GOPATH", "/usr/share/gocode",
            "GO111MODULE", "off",
            "GOFLAGS", "",
            "GOCACHE", folder.resolve("go-cache").toString());
    var peer = compiled("cilium", CILIUM, version, command, List.of(), environment);
    if (!(peer instanceof Peer.Ready ready)) {
      return List.of(peer);
    }
    return List.of(
        ready,
        new Peer.Ready(
            "cilium-unsafe", CILIUM_UNSAFE, version, ready.command(), List.of("unsafe")));
  }

  private Peer llvmMc() throws IOException, InterruptedException {
    var assembler = Command.find("llvm-mc-22", "llvm-mc");
    if (assembler.isEmpty() || Command.find("cc").isEmpty()) {
      return missing("llvm-mc", LLVM_MC, "llvm-22 gcc libc6-dev");
    }
    String version =
        Command.run(List.of(assembler.get().toString(), "--version"), Map.of())
            .output()
            .lines()
            .filter(line -> line.contains("version"))
            .findFirst()
            .orElse("llvm-mc")
            .strip();
    return compiled(
        "llvm-mc",
        LLVM_MC,
        version,
        cc("llvm-mc", "c/llvm_mc.c"),
        List.of(assembler.get().toString()),
        Map.of());
  }

  private List<String> cc(String name, String source) {
    return List.of(
        "cc", "-O2", "-o", folder.resolve(name).toString(), sources.resolve(source).toString());
  }

  private Peer compiled(
      String key,
      String title,
      String version,
      List<String> command,
      List<String> mode,
      Map<String, String> environment)
      throws IOException, InterruptedException {
    var result = Command.run(command, environment);
    if (!result.succeeded()) {
      return new Peer.Missing(
          key, title, "does not compile: " + result.output().lines().findFirst().orElse("?"));
    }
    return new Peer.Ready(key, title, version, List.of(folder.resolve(key).toString()), mode);
  }

  private static Peer missing(String key, String title, String packages) {
    return new Peer.Missing(key, title, "not installed: apt-get install " + packages);
  }

  /** The version of a Debian package, where there is such a thing. */
  private static String version(String packageName, String what)
      throws IOException, InterruptedException {
    if (Command.find("dpkg-query").isEmpty()) {
      return what;
    }
    var result =
        Command.run(List.of("dpkg-query", "-W", "-f", "${Version}", packageName), Map.of());
    return result.succeeded() ? what + " " + result.output() : what;
  }
}
