package io.github.purebpf.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.purebpf.asm.BpfFunction;
import io.github.purebpf.insn.HelperCall;
import io.github.purebpf.insn.Kfunc;
import io.github.purebpf.insn.KfuncCall;
import io.github.purebpf.insn.MapRef;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What clang 22 prints with -S, assembled by us, against what it assembles itself. */
class ClangOracleTest {
  private static final List<String> PROGRAMS =
      List.of("arithmetic", "branches", "loops", "packet", "signs", "calls", "atomics");

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "bpfel, v1, -g0",
    "bpfel, v3, -g0",
    "bpfel, v4, -g0",
    "bpfel, v4, -g",
    "bpfeb, v2, -g",
    "bpfeb, v4, -g0",
  })
  void assemblesWhatClangPrints(String target, String cpu, String debug) throws Exception {
    var programs = new ArrayList<>(PROGRAMS);
    if (cpu.compareTo("v3") < 0) {
      programs.remove("atomics"); // older instruction sets have none with a result
    }
    compile(programs, target, cpu, debug, "-S");
    compile(programs, target, cpu, debug, "-c");
    var order = target.equals("bpfel") ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
    var objcopy = Oracle.find("llvm-objcopy-22");
    for (var program : programs) {
      objcopy.run(folder, "", "-O", "binary", "-j", ".text", program + ".o", program + ".bin");
      var theirs = Files.readAllBytes(folder.resolve(program + ".bin"));
      var code = AsmText.parse(assembly(program), program + ".s", Dialect.LLVM);
      assertEquals(hex(theirs), hex(code.encode(order)), program);
    }
  }

  @Test
  void functionsHaveTheNamesOfTheirLabels() throws Exception {
    compile(List.of("calls"), "bpfel", "v3", "-g0", "-S");
    var code = AsmText.parse(assembly("calls"), "calls.s", Dialect.LLVM);
    assertEquals(
        List.of("main", "twice", "once"),
        code.functions().stream().map(BpfFunction::name).toList());
  }

  /** What a loader relocates: the program comes first, .text behind it, names stay names. */
  @Test
  void assemblesAProgramWithMapsAndCalls() throws Exception {
    compile(List.of("tracing"), "bpfel", "v3", "-g0", "-S");
    var code = AsmText.parse(assembly("tracing"), "tracing.s", Dialect.LLVM);
    assertEquals(Set.of(new MapRef("services")), code.maps());
    assertEquals(List.of("main", "add"), code.functions().stream().map(BpfFunction::name).toList());
    assertEquals(
        List.of(5, 1, 181),
        code.insns().stream()
            .filter(HelperCall.class::isInstance)
            .map(insn -> ((HelperCall) insn).id())
            .toList());
    assertEquals(
        List.of(new Kfunc.Named("bpf_rcu_read_lock"), new Kfunc.Named("bpf_rcu_read_unlock")),
        code.insns().stream()
            .filter(KfuncCall.class::isInstance)
            .map(insn -> ((KfuncCall) insn).target())
            .toList());
  }

  private void compile(List<String> programs, String... options)
      throws IOException, InterruptedException {
    var arguments = new ArrayList<>(List.of("-O2", "-target", options[0], "-mcpu=" + options[1]));
    arguments.addAll(Arrays.asList(options).subList(2, options.length));
    for (var program : programs) {
      var source = program + ".c";
      Files.writeString(folder.resolve(source), Forms.resource("c/" + source));
      arguments.add(source);
    }
    var _ = Oracle.find("clang-22").run(folder, "", arguments.toArray(String[]::new));
  }

  private String assembly(String program) throws IOException {
    return Files.readString(folder.resolve(program + ".s"));
  }

  /** A line for each slot, so that a difference shows where it is. */
  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes).replaceAll("(.{16})", "$1\n");
  }
}
