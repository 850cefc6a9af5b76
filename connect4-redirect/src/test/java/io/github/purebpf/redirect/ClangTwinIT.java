package io.github.purebpf.redirect;

import static io.github.purebpf.redirect.TestBed.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.bpf.ProgramSpec;
import io.github.purebpf.insn.Imm64;
import io.github.purebpf.insn.Insn;
import io.github.purebpf.insn.LoadImm64;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The programs beside what clang makes of the same in C. */
@RequiresKernel
@NoLeakedFds
class ClangTwinIT {
  private static final String SOURCE = "src/test/resources/io/github/purebpf/redirect/redirect.c";
  private static final MapRef TABLE = new MapRef("redirects");

  @TempDir private Path folder;
  private BpfCode connect4;
  private BpfCode connect6;

  @BeforeEach
  void compile() throws IOException, InterruptedException {
    var object = folder.resolve("redirect.o").toString();
    // Of all versions of the instruction set, 4 gives the shortest code.
    Tool.require("clang-22")
        .run("-O2", "-g", "-target", "bpf", "-mcpu=v4", "-c", SOURCE, "-o", object);
    connect4 = section(object, "cgroup/connect4");
    connect6 = section(object, "cgroup/connect6");
  }

  private BpfCode section(String object, String name) throws IOException, InterruptedException {
    var file = folder.resolve("section");
    Tool.require("llvm-objcopy-22").run("--dump-section", name + "=" + file, object);
    return BpfCode.decode(Files.readAllBytes(file), ByteOrder.nativeOrder());
  }

  @Test
  void oursAreNotLonger() {
    int ours4 = RedirectPrograms.connect4(TABLE).slots();
    int ours6 = RedirectPrograms.connect6(TABLE).slots();
    assertTrue(ours4 <= connect4.slots(), () -> ours4 + " slots, clang: " + connect4.slots());
    assertTrue(ours6 <= connect6.slots(), () -> ours6 + " slots, clang: " + connect6.slots());
  }

  @Test
  void theirsDoTheSameOnTheSameTable() throws IOException {
    try (var bed = new TestBed();
        var table = RedirectTable.create();
        var program4 = table.load("twin4", ProgramSpec::connect4, map -> bound(connect4, map));
        var program6 = table.load("twin6", ProgramSpec::connect6, map -> bound(connect6, map));
        var _ = program4.attachToCgroup(bed.cgroup.path());
        var _ = program6.attachToCgroup(bed.cgroup.path())) {
      table.put(bed.vip, bed.a.server());
      var to = bed.vip.toString().replace(':', ' ');
      var client = bed.jvm();
      assertEquals("served A", get(client.ask("socket " + to)));
      assertEquals("served A", get(client.ask("inet-channel " + to)));
    }
  }

  /** The linker's work: the one 64-bit constant is the map. */
  private static BpfCode bound(BpfCode code, MapRef map) {
    return BpfCode.of(
        code.insns().stream()
            .<Insn>map(
                insn ->
                    insn instanceof LoadImm64(var dst, Imm64.Const(long _))
                        ? new LoadImm64(dst, new Imm64.NamedMap(map))
                        : insn)
            .toList());
  }
}
