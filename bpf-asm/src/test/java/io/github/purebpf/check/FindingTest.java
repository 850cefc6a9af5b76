package io.github.purebpf.check;

import static io.github.purebpf.insn.Reg.R0;
import static io.github.purebpf.insn.Reg.R1;
import static io.github.purebpf.insn.Reg.R9;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.check.Finding.Severity;
import io.github.purebpf.insn.SourceLine;
import io.github.purebpf.uapi.ProgramType;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FindingTest {
  @Test
  void namesTheJavaLineOfTheInstruction() {
    var line = new SourceLine[1];
    var code =
        BpfCode.build(
            b -> {
              b.call(5);
              line[0] = here();
              b.mov(R0, R1);
              b.exit();
            });
    var finding = Checker.check(code, CheckOptions.ofAnyType()).getFirst();
    assertEquals(Optional.of(new SourceLine(line[0].file(), line[0].line() + 1)), finding.line());
    assertEquals(
        finding.line().get()
            + ": error at 1: the call at slot 0 destroyed the value of r1; keep the value in r6 to"
            + " r9 or on the stack [uninitialised-register]",
        finding.toString());
  }

  @Test
  void namesTheLineThatAFrontEndGives() {
    var line = new SourceLine("prog.bpfasm", 7);
    var code = BpfCode.build(b -> b.sourceLine(line).exit());
    assertEquals(
        Optional.of(line), Checker.check(code, CheckOptions.ofAnyType()).getFirst().line());
  }

  @Test
  void hasNoLineForDecodedCode() {
    var code = BpfCode.of(BpfCode.build(b -> b.exit()).insns());
    var finding = Checker.check(code, CheckOptions.ofAnyType()).getFirst();
    assertEquals(Optional.empty(), finding.line());
    assertTrue(finding.toString().startsWith("error at 0: "));
  }

  @Test
  void comesInTheOrderOfSlots() {
    var code = BpfCode.build(b -> b.add(R1, R1).sub(R0, 1).mov(R0, R1).exit());
    var slots = Checker.check(code, CheckOptions.ofAnyType()).stream().map(Finding::slot).toList();
    assertEquals(List.of(0, 1), slots);
  }

  @Test
  void ofOneRuleAndSlotIsToldOnceAndAsTheWorst() {
    // The read is reached by a path that the verifier follows, and by one that it might not.
    var code =
        BpfCode.build(
            b -> {
              var read = b.newLabel();
              b.ldxw(R0, R1.at(0)).jeq(R0, 3, read);
              b.mul(R0, 7).jeq(R0, 21, read).returning(0);
              b.labelBinding(read).mov(R0, R9).exit();
            });
    var findings = Checker.check(code, CheckOptions.of(ProgramType.SOCKET_FILTER));
    assertEquals(1, findings.size());
    assertEquals(Severity.ERROR, findings.getFirst().severity());
  }

  private static SourceLine here() {
    return StackWalker.getInstance()
        .walk(frames -> frames.skip(1).findFirst())
        .map(frame -> new SourceLine(frame.getFileName(), frame.getLineNumber()))
        .orElseThrow();
  }
}
