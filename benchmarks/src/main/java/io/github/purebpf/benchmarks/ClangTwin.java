package io.github.purebpf.redirect.dataplane;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.bpf.ProgramSpec;
import io.github.purebpf.insn.Imm64;
import io.github.purebpf.insn.Insn;
import io.github.purebpf.insn.LoadImm64;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.redirect.Tool;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** What clang makes of the connect4 program in C. */
final class ClangTwin {
  private static final String SOURCE = "src/test/resources/io/github/purebpf/redirect/redirect.c";
  private static final long FIRST_MAP = 0x7a00000000001L;
  private static final List<MapRef> MAPS =
      List.of(
          Maps.VIPS,
          Maps.SERVICES,
          Maps.MEMBERS,
          Maps.BACKENDS,
          Maps.SOCKETS,
          Maps.HOLDERS,
          Maps.EVENTS);

  /** Behind those, the address of a value. */
  private static final long META = FIRST_MAP + MAPS.size();

  private ClangTwin() {}

  /** Compiles it; of all versions of the instruction set, 4 gives the shortest code. */
  static BpfCode compile(Path folder) throws IOException, InterruptedException {
    var object = folder.resolve("redirect.o").toString();
    Tool.require("clang-22")
        .run("-O2", "-target", "bpf", "-mcpu=v4", "-Wno-parentheses", "-c", SOURCE, "-o", object);
    var file = folder.resolve("section");
    Tool.require("llvm-objcopy-22").run("--dump-section", "cgroup/connect4=" + file, object);
    return bound(BpfCode.decode(Files.readAllBytes(file), ByteOrder.nativeOrder()));
  }

  static ProgramSpec spec(BpfCode code) {
    var ours = Hook.CONNECT4.spec(new ProgramOptions(CgroupFilter.ALL, true, true));
    return new ProgramSpec("rd_clang4", ours.type(), ours.attachType(), code, "GPL", 0);
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
      if (number < META + MetaEntry.STRUCT.size()) {
        return new LoadImm64(dst, new Imm64.NamedMapValue(Maps.META, (int) (number - META)));
      }
    }
    return insn;
  }
}
