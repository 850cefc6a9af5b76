package io.github.purebpf.sourceline;

import static io.github.purebpf.insn.Reg.R0;
import static io.github.purebpf.insn.Reg.R10;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.insn.AsmException;
import io.github.purebpf.insn.SourceLine;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** In a package of its own, because lines of the assembler's packages are passed over. */
class SourceLineTest {
  @Test
  void everyInstructionKnowsTheLineThatAppendedIt() {
    int[] line = new int[1];
    var code =
        BpfCode.build(
            b -> {
              line[0] = here();
              b.lddw(R0, 1L).mov(R0, 2).exit();
            });
    // The format puts the calls of a chain on one line or on one each; both are counted.
    var first = code.sourceLine(0).orElseThrow();
    assertEquals("SourceLineTest.java", first.file());
    assertEquals(line[0] + 1, first.line());
    assertEquals(Optional.of(first), code.sourceLine(1));
    assertThrows(IndexOutOfBoundsException.class, () -> code.sourceLine(code.slots()));
  }

  @Test
  void aFrontEndGivesItsOwnLines() {
    var line = new SourceLine("prog.s", 3);
    var code = BpfCode.build(b -> b.sourceLine(line).returning(0));
    assertEquals(Optional.of(line), code.sourceLine(0));
  }

  @Test
  void anErrorNamesTheLine() {
    int line = here() + 1;
    var thrown = assertThrows(AsmException.class, () -> BpfCode.build(b -> b.add(R10, 8)));
    assertEquals(
        "SourceLineTest.java:" + line + ": += cannot write r10: the frame pointer is read-only",
        thrown.getMessage());
  }

  private static int here() {
    return StackWalker.getInstance()
        .walk(frames -> frames.skip(1).findFirst().orElseThrow().getLineNumber());
  }
}
