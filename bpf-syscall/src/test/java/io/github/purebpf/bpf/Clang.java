package io.github.purebpf.bpf;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.insn.Imm64;
import io.github.purebpf.insn.Insn;
import io.github.purebpf.insn.LoadImm64;
import io.github.purebpf.insn.MapRef;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Compiles the C sources among the resources of these tests. */
final class Clang {
  /** The versions of the instruction set that clang can be told to keep to. */
  static final List<String> CPUS = List.of("v1", "v2", "v3", "v4");

  private static final Path SOURCES = Path.of("src/test/resources/io/github/purebpf/bpf/c");
  private static final String COMPILER = "clang-22";
  private static final String OBJCOPY = "llvm-objcopy-22";
  private static final String REQUIRE = "PUREBPF_REQUIRE_KERNEL";

  private Clang() {}

  /**
   * What is missing; empty if nothing is.
   *
   * @throws IllegalStateException if something is and {@code PUREBPF_REQUIRE_KERNEL=1} forbids that
   */
  static Optional<String> missing() {
    var missing =
        Stream.of(COMPILER, OBJCOPY)
            .filter(tool -> !isInstalled(tool))
            .findFirst()
            .map(tool -> tool + " is not installed, so that its programs are not run");
    missing.ifPresent(
        reason -> {
          if ("1".equals(System.getenv(REQUIRE))) {
            throw new IllegalStateException(reason + "; " + REQUIRE + "=1 forbids to skip");
          }
          System.err.println(reason);
        });
    return missing;
  }

  private static boolean isInstalled(String tool) {
    return Stream.of(System.getenv("PATH").split(":", -1))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, tool)));
  }

  /** The program of a source, of {@code -O2} and for a version of the instruction set. */
  static BpfCode program(String name, String cpu) {
    try {
      var folder = Files.createTempDirectory("clang");
      var object = folder.resolve(name + ".o");
      var section = folder.resolve(name + ".bin");
      try {
        run(
            COMPILER,
            "-target",
            "bpf",
            "-mcpu=" + cpu,
            "-O2",
            "-Wall",
            "-Werror",
            "-I/usr/include/" + architecture() + "-linux-gnu",
            "-c",
            SOURCES.resolve(name + ".c").toString(),
            "-o",
            object.toString());
        run(OBJCOPY, "--dump-section", "program=" + section, object.toString());
        return BpfCode.decode(Files.readAllBytes(section), ByteOrder.nativeOrder());
      } finally {
        Files.deleteIfExists(section);
        Files.deleteIfExists(object);
        Files.delete(folder);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String architecture() {
    return System.getProperty("os.arch").replace("amd64", "x86_64");
  }

  /** A program with its one map, as a linker would put it in: clang leaves a constant of 0. */
  static BpfCode bound(BpfCode code, MapRef map) {
    return BpfCode.of(
        code.insns().stream()
            .<Insn>map(
                insn ->
                    insn instanceof LoadImm64(var dst, Imm64.Const(long value)) && value == 0
                        ? new LoadImm64(dst, new Imm64.NamedMap(map))
                        : insn)
            .toList());
  }

  private static void run(String... command) throws IOException {
    var process = new ProcessBuilder(command).redirectErrorStream(true).start();
    var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (process.waitFor() != 0) {
        throw new AssertionError(List.of(command) + ": " + output);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }
}
