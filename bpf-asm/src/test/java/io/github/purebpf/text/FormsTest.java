package io.github.purebpf.text;

import static java.nio.ByteOrder.BIG_ENDIAN;
import static java.nio.ByteOrder.LITTLE_ENDIAN;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.insn.Insn;
import io.github.purebpf.insn.RawInsn;
import io.github.purebpf.text.Forms.Form;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class FormsTest {
  static List<Form> forms() {
    return Forms.all();
  }

  @ParameterizedTest
  @MethodSource("forms")
  void isPrintedInBothDialects(Form form) {
    assertEquals(form.kernel(), AsmText.print(only(form), Dialect.KERNEL));
    assertEquals(form.llvm(), AsmText.print(only(form), Dialect.LLVM));
  }

  @ParameterizedTest
  @MethodSource("forms")
  void isReadFromBothTextsInBothDialects(Form form) {
    assertArrayEquals(form.bytes(), assemble(form.kernel(), Dialect.KERNEL));
    assertArrayEquals(form.bytes(), assemble(form.llvm(), Dialect.KERNEL));
    assertArrayEquals(form.bytes(), assemble(form.llvm(), Dialect.LLVM));
    // What stands behind # is a comment there, and sign-extended numbers have their sign.
    var onlyKernel = form.kernel().matches("call (unknown|kernel-function)#.*|.*0xffffffff goto.*");
    if (!onlyKernel) {
      assertArrayEquals(form.bytes(), assemble(form.kernel(), Dialect.LLVM));
    }
  }

  @ParameterizedTest
  @MethodSource("forms")
  void isReadWithoutBlanksAndWithMore(Form form) {
    for (var dialect : Dialect.values()) {
      var text = form.text(dialect);
      assertArrayEquals(form.bytes(), assemble(" \t" + text + "\t \r\n", dialect));
      var wide = text.replaceAll("([()\\[\\],]|\\*(?!=))", " $1  ");
      assertArrayEquals(form.bytes(), assemble(wide, dialect), wide);
      var narrow = text.replaceAll(" (?=\\W)|(?<=[^\\w\\])]) ", "");
      assertArrayEquals(form.bytes(), assemble(narrow, dialect), narrow);
    }
  }

  @ParameterizedTest
  @MethodSource("forms")
  void registersAreReadInCapitals(Form form) {
    for (var dialect : Dialect.values()) {
      var text = form.text(dialect).replaceAll("\\br(\\d)", "R$1").replaceAll("\\bw(\\d)", "W$1");
      assertArrayEquals(form.bytes(), assemble(text, dialect), text);
    }
  }

  @ParameterizedTest
  @EnumSource
  void noTwoFormsShareAText(Dialect dialect) {
    var texts = new HashSet<String>();
    var twice = forms().stream().map(form -> form.text(dialect)).filter(t -> !texts.add(t));
    assertEquals(List.of(), twice.toList());
  }

  @Test
  void theTableHasEveryShapeOfInstruction() {
    var shapes = new HashSet<Class<?>>();
    forms().forEach(form -> shapes.add(only(form).getClass()));
    assertEquals(List.of(Insn.class.getPermittedSubclasses()).size(), shapes.size());
  }

  @Test
  void theTableHasEveryOpcodeThatIsOne() {
    var opcodes = new HashSet<Integer>();
    forms().stream()
        .filter(form -> !(only(form) instanceof RawInsn))
        .forEach(form -> opcodes.add(form.bytes()[0] & 0xff));
    // The 128 of Linux 6.18, gotox of 6.19, and callx.
    assertEquals(130, opcodes.size());
  }

  @Test
  void aListingIsReadBack() {
    for (var form : forms()) {
      var code = BpfCode.decode(form.bytes(), LITTLE_ENDIAN);
      var listing = KernelText.listing(code);
      assertEquals(code, AsmText.parse(listing, "listing", Dialect.KERNEL), listing);
    }
  }

  @Test
  void textIsTheSameInBothByteOrders() {
    for (var form : forms()) {
      var insn = only(form);
      var big = BpfCode.of(List.of(insn)).encode(BIG_ENDIAN);
      assertEquals(List.of(insn), BpfCode.decode(big, BIG_ENDIAN).insns(), form.llvm());
    }
  }

  @Test
  void allFormsTogetherAreReadBack() {
    var all = Stream.of(Dialect.values());
    all.forEach(
        dialect -> {
          var text = new StringBuilder();
          var hex = new StringBuilder();
          for (var form : forms()) {
            text.append(form.text(dialect)).append('\n');
            hex.append(form.hex());
          }
          var bytes = java.util.HexFormat.of().parseHex(hex.toString().toLowerCase(Locale.ROOT));
          assertArrayEquals(bytes, assemble(text.toString(), dialect));
          var printed = AsmText.print(BpfCode.decode(bytes, LITTLE_ENDIAN), dialect);
          assertTrue(printed.contains("goto L"), "some jumps go to labels");
          assertArrayEquals(bytes, assemble(printed, dialect));
        });
  }

  private static Insn only(Form form) {
    var insns = BpfCode.decode(form.bytes(), LITTLE_ENDIAN).insns();
    assertEquals(1, insns.size(), form.hex());
    return insns.getFirst();
  }

  private static byte[] assemble(String text, Dialect dialect) {
    return AsmText.parse(text, "form", dialect).encode(LITTLE_ENDIAN);
  }
}
