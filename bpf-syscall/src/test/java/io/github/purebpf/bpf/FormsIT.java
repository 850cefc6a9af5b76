package io.github.purebpf.bpf;

import static io.github.purebpf.insn.Reg.FP;
import static io.github.purebpf.insn.Reg.R0;
import static io.github.purebpf.insn.Reg.R1;
import static io.github.purebpf.insn.Reg.R2;
import static io.github.purebpf.insn.Reg.R3;
import static io.github.purebpf.insn.Reg.R6;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.bpf.error.VerifierException;
import io.github.purebpf.insn.Branch;
import io.github.purebpf.insn.Cond;
import io.github.purebpf.insn.Imm;
import io.github.purebpf.insn.Imm64;
import io.github.purebpf.insn.Insn;
import io.github.purebpf.insn.InsnDecoder;
import io.github.purebpf.insn.LoadImm64;
import io.github.purebpf.insn.Width;
import io.github.purebpf.testkit.GoldenForm;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import io.github.purebpf.text.KernelText;
import io.github.purebpf.uapi.ProgramType;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every form of instruction on the running kernel: taken, or refused for the documented reason. */
@RequiresKernel
@NoLeakedFds
class FormsIT {
  /** What this kernel does not take in a program without further objects, and its words. */
  private static final Map<String, String> REFUSED =
      Map.of(
          "gotox r1", "unknown opcode 0d",
          "callx r1", "unknown opcode 8d",
          "r1 = addr_space_cast(r2, 0, 1)", "arena",
          "r1 = addr_space_cast(r2, 1, 0)", "arena",
          "ld_pseudo r1, 5, 5", "fd_idx without fd_array is invalid");

  static List<GoldenForm> forms() {
    return GoldenForm.all();
  }

  /** A line of the listing that the verifier writes before it begins: slot and text. */
  private static final Pattern LISTED =
      Pattern.compile("(?m)^ *(\\d+): [.0-9]{10} \\([0-9a-f]{2}\\) (.*)$");

  @ParameterizedTest
  @MethodSource("forms")
  void isTakenOrRefusedAsDocumentedAndListedAsWePrintIt(GoldenForm form) {
    try (var map = BpfMap.create(Fixtures.SERVICES_SPEC)) {
      var insn =
          bound(
              InsnDecoder.decode(form.bytes(ByteOrder.nativeOrder()), ByteOrder.nativeOrder())
                  .getFirst());
      var spec =
          new ProgramSpec(
                  "form", ProgramType.SOCKET_FILTER, Optional.empty(), program(insn), "GPL", 0)
              .withoutSourceInfo();
      var refusal = REFUSED.get(form.text());
      if (refusal != null) {
        var rejected = assertThrows(VerifierException.class, () -> BpfProgram.load(spec, map));
        assertTrue(rejected.log().contains(refusal), rejected.log());
        return;
      }
      var logging = new LoggingKernel();
      BpfProgram.load(logging.kernel(), spec, map).close();
      if (!(insn instanceof LoadImm64(var _, Imm64.NamedMap _))) { // listed with its address
        assertEquals(listed(logging.log(), PRELUDE.slots() + 1), KernelText.print(insn));
      }
    }
  }

  private static final BpfCode PRELUDE =
      BpfCode.build(
          b -> b.mov(R6, R1).mov(R0, 0).mov(R1, 1).mov(R2, 2).mov(R3, 3).stdw(FP.at(-8), 0));

  /** The form between what it needs, with a branch around it, so that it may end the program. */
  private static BpfCode program(Insn form) {
    return BpfCode.build(
        b -> {
          PRELUDE.insns().forEach(b::with);
          b.with(new Branch(Width.W64, Cond.EQ, R3, new Imm(5), form.slots()));
          b.with(form).mov(R1, 0).mov(R0, 0).exit();
        });
  }

  /** The map's number in the golden bytes is made up. */
  private static Insn bound(Insn insn) {
    return insn instanceof LoadImm64(var dst, Imm64.MapFd _)
        ? new LoadImm64(dst, new Imm64.NamedMap(Fixtures.SERVICES))
        : insn;
  }

  private static String listed(String log, int slot) {
    return LISTED
        .matcher(log)
        .results()
        .filter(line -> Integer.parseInt(line.group(1)) == slot)
        .map(line -> line.group(2))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no slot " + slot + " in " + log));
  }
}
