package io.github.purebpf.asm;

import static io.github.purebpf.insn.Reg.R1;
import static io.github.purebpf.insn.Reg.R2;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.purebpf.insn.Imm64;
import io.github.purebpf.insn.Insn;
import io.github.purebpf.insn.InsnDecoder;
import io.github.purebpf.insn.InsnEncoder;
import io.github.purebpf.insn.Kfunc;
import io.github.purebpf.insn.KfuncCall;
import io.github.purebpf.insn.LoadImm64;
import io.github.purebpf.insn.LocalCall;
import io.github.purebpf.insn.MayGoto;
import io.github.purebpf.insn.MemSize;
import io.github.purebpf.insn.PacketLoad;
import io.github.purebpf.testkit.GoldenForm;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every form, built through the DSL, against the bytes of another assembler. */
class FormsTest {
  private static final Map<String, GoldenForm> GOLDEN =
      GoldenForm.all().stream().collect(Collectors.toMap(GoldenForm::text, Function.identity()));

  @Test
  void theTableHasEachFormOfTheGoldenFileOnce() {
    assertEquals(
        GOLDEN.keySet().stream().sorted().toList(),
        Forms.all().stream().map(Forms.Form::text).sorted().toList());
  }

  static List<Forms.Form> forms() {
    return Forms.all();
  }

  @ParameterizedTest
  @MethodSource("forms")
  void encodesAsLlvmDoes(Forms.Form form) {
    var golden = GOLDEN.get(form.text());
    assertEquals(golden.little(), hex(form.insn(), ByteOrder.LITTLE_ENDIAN));
    assertEquals(golden.big(), hex(form.insn(), ByteOrder.BIG_ENDIAN));
  }

  @ParameterizedTest
  @MethodSource("forms")
  void decodesToTheSameInstruction(Forms.Form form) {
    var bytes = GOLDEN.get(form.text()).bytes(ByteOrder.BIG_ENDIAN);
    assertEquals(List.of(form.insn()), InsnDecoder.decode(bytes, ByteOrder.BIG_ENDIAN));
  }

  /** Forms that LLVM's text cannot write; the bytes follow from the kernel's definitions. */
  static Stream<Arguments> beyondLlvm() {
    return Stream.of(
        Arguments.of(new LocalCall(5), "8510000005000000"),
        Arguments.of(new KfuncCall(new Kfunc.ById(0x1234, 2)), "8520020034120000"),
        Arguments.of(new MayGoto(MayGoto.Kind.GOTO_OR_NOP, 1), "e510010000000000"),
        Arguments.of(new PacketLoad(MemSize.H, Optional.of(R2), 6), "4820000006000000"),
        Arguments.of(
            new LoadImm64(R1, new Imm64.MapValueFd(5, 8)), "18210000050000000000000008000000"),
        Arguments.of(new LoadImm64(R1, new Imm64.BtfId(7, 3)), "18310000070000000000000003000000"),
        Arguments.of(new LoadImm64(R1, new Imm64.Function(9)), "18410000090000000000000000000000"),
        Arguments.of(
            new LoadImm64(R1, new Imm64.MapValueIndex(1, 16)), "18610000010000000000000010000000"));
  }

  @ParameterizedTest
  @MethodSource("beyondLlvm")
  void encodesWhatLlvmCannotWrite(Insn insn, String little) {
    assertEquals(little, hex(insn, ByteOrder.LITTLE_ENDIAN));
    assertEquals(
        List.of(insn),
        InsnDecoder.decode(HexFormat.of().parseHex(little), ByteOrder.LITTLE_ENDIAN));
  }

  private static String hex(Insn insn, ByteOrder order) {
    return HexFormat.of().formatHex(InsnEncoder.encode(List.of(insn), order));
  }
}
