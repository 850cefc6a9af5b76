package io.github.purebpf.benchmarks;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.insn.Imm64;
import io.github.purebpf.insn.Insn;
import io.github.purebpf.insn.LoadImm64;
import io.github.purebpf.insn.MapRef;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** What clang makes of the connect4 programs in {@code src/peers/bpf/redirect.c}. */
final class ClangTwin {
  /** What it needs. */
  static final String PACKAGES = "clang-22 llvm-22";

  private static final long FIRST_MAP = 0x7a00000000001L;
  private static final List<MapRef> MAPS =
      Stream.of("vips", "services", "members", "backends", "sockets", "holders", "events", "plain")
          .map(MapRef::new)
          .toList();

  /** Behind those, the address of a value of a page at most. */
  private static final long META = FIRST_MAP + MAPS.size();

  private static final int PAGE = 4096;
  private static final MapRef META_MAP = new MapRef("meta");

  private final Path clang;
  private final Path objcopy;
  private final Path source;
  private final Path folder;

  private ClangTwin(Path clang, Path objcopy, Path source, Path folder) {
    this.clang = clang;
    this.objcopy = objcopy;
    this.source = source;
    this.folder = folder;
  }

  /** The compiler, or nothing where it is missing. */
  static Optional<ClangTwin> find(Workshop workshop) {
    return Command.find("clang-22")
        .flatMap(
            clang ->
                Command.find("llvm-objcopy-22")
                    .map(
                        objcopy ->
                            new ClangTwin(
                                clang,
                                objcopy,
                                workshop.sources().resolve("bpf/redirect.c"),
                                workshop.folder())));
  }

  /**
   * The program in a section; of all versions of the instruction set, 4 gives the shortest code.
   */
  BpfCode compile(String section) throws IOException, InterruptedException {
    var object = folder.resolve("redirect.o").toString();
    var code = folder.resolve("section");
    run(
        List.of(
            clang.toString(),
            "-O2",
            "-target",
            "bpf",
            "-mcpu=v4",
            "-Wno-parentheses",
            "-c",
            source.toString(),
            "-o",
            object));
    run(List.of(objcopy.toString(), "--dump-section", section + "=" + code, object));
    return bound(BpfCode.decode(Files.readAllBytes(code), ByteOrder.nativeOrder()));
  }

  private static void run(List<String> command) throws IOException, InterruptedException {
    var result = Command.run(command, Map.of());
    if (!result.succeeded()) {
      throw new IOException(String.join(" ", command) + ": " + result.output());
    }
  }

  /** The linker's work. */
  private static BpfCode bound(BpfCode code) {
    return BpfCode.of(code.insns().stream().map(ClangTwin::bound).toList());
  }

  private static Insn bound(Insn insn) {
    if (insn instanceof LoadImm64(var dst, Imm64.Const(long number)) && number >= FIRST_MAP) {
      if (number < META) {
        return new LoadImm64(dst, new Imm64.NamedMap(MAPS.get((int) (number - FIRST_MAP))));
      }
      if (number < META + PAGE) {
        return new LoadImm64(dst, new Imm64.NamedMapValue(META_MAP, (int) (number - META)));
      }
    }
    return insn;
  }
}
