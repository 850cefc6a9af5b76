package io.github.purebpf.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.asm.BpfFunction;
import io.github.purebpf.insn.Alu;
import io.github.purebpf.insn.AluOp;
import io.github.purebpf.insn.Branch;
import io.github.purebpf.insn.Cond;
import io.github.purebpf.insn.Exit;
import io.github.purebpf.insn.HelperCall;
import io.github.purebpf.insn.Imm;
import io.github.purebpf.insn.Imm64;
import io.github.purebpf.insn.Insn;
import io.github.purebpf.insn.Jump;
import io.github.purebpf.insn.Kfunc;
import io.github.purebpf.insn.KfuncCall;
import io.github.purebpf.insn.Load;
import io.github.purebpf.insn.LoadImm64;
import io.github.purebpf.insn.LocalCall;
import io.github.purebpf.insn.LongJump;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.insn.MemSize;
import io.github.purebpf.insn.Reg;
import io.github.purebpf.insn.SourceLine;
import io.github.purebpf.insn.Width;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class AsmTextTest {
  @ParameterizedTest
  @EnumSource
  void aProgramWithLabelsFunctionsMapsAndHelpers(Dialect dialect) {
    var code =
        AsmText.parse(
            """
              r6 = r1
              *(u64 *)(r10 -8) = 0
            again: r2 = r10
              r2 += -8
              r1 = services ll            // a map, as there is no such label
              call bpf_map_lookup_elem
              if r0 == 0 goto miss
              r1 = r0
              call add                    /* a function, as
                                             there is a label */
              r2 = each ll
              call bpf_rcu_read_lock
              goto again
            miss:
              exit
            add:
              r0 = *(u64 *)(r1 +0)
              if r0 s> 5 goto done
              r0 += 1
            done: exit
            each: r0 = 0
              exit
            """,
            "program",
            dialect);
    assertEquals(
        List.of(
            new BpfFunction("main", 0), new BpfFunction("add", 15), new BpfFunction("each", 19)),
        code.functions());
    assertEquals(List.of(new MapRef("services")), List.copyOf(code.maps()));
    assertEquals(new HelperCall(1), code.insns().get(5));
    assertEquals(new Branch(Width.W64, Cond.EQ, Reg.R0, new Imm(0), 6), code.insns().get(6));
    assertEquals(new LocalCall(5), code.insns().get(8));
    assertEquals(new LoadImm64(Reg.R2, new Imm64.Function(8)), code.insns().get(9));
    assertEquals(new KfuncCall(new Kfunc.Named("bpf_rcu_read_lock")), code.insns().get(10));
    assertEquals(new Jump(-12), code.insns().get(11));
    assertEquals(code, AsmText.parse(AsmText.print(code, dialect), "again", dialect));
  }

  @Test
  void isPrintedWithLabels() {
    var text =
        """
        \tr6 = services ll
        L2:
        \tcall f5
        \tif r0 != 0 goto L2
        \texit
        f5:
        \tr0 = 0
        \texit
        """;
    assertEquals(text, AsmText.print(AsmText.parse(text, "text", Dialect.LLVM), Dialect.LLVM));
    assertEquals(
        text.replace("services ll", "map[services]").replace("!= 0 ", "!= 0x0 "),
        AsmText.print(AsmText.parse(text, "text", Dialect.KERNEL), Dialect.KERNEL));
  }

  @Test
  void instructionsCarryTheLinesOfTheText() {
    var code = AsmText.parse("\n; nothing\nr0 = 1 ll\n\nf: exit\n", "dir/x.bpf", Dialect.KERNEL);
    var third = new SourceLine("dir/x.bpf", 3, 1, "r0 = 1 ll");
    assertEquals(Optional.of(third), code.sourceLine(0));
    assertEquals(Optional.of(third), code.sourceLine(1));
    assertEquals(Optional.of(new SourceLine("dir/x.bpf", 5, 4, "f: exit")), code.sourceLine(2));
  }

  @Test
  void aSemicolonSeparatesOnlyForLlvm() {
    assertEquals(2, AsmText.parse("r0 = 0; exit", "two", Dialect.LLVM).slots());
    assertEquals(1, AsmText.parse("r0 = 0; exit", "one", Dialect.KERNEL).slots());
  }

  @Test
  void numbersMayBeWrittenInManyWays() {
    var texts =
        List.of(
            "r1 = 97",
            "r1 = 0x61",
            "r1 = 'a'",
            "r1 = 1+2*3 + 90",
            "r1 = 0b1100001",
            "r1 = 100 - 3",
            "r1 = +97",
            "r1 = - -97",
            "r1 = 0141");
    for (var text : texts) {
      assertEquals(List.of(mov(97)), AsmText.parse(text, "n", Dialect.LLVM).insns(), text);
    }
  }

  @Test
  void aNarrowConstantMayBeUnsigned() {
    assertEquals(
        List.of(new Alu(Width.W32, AluOp.MOV, Reg.R1, new Imm(-1))),
        AsmText.parse("w1 = 0xffffffff", "n", Dialect.LLVM).insns());
    assertEquals(
        List.of(new Branch(Width.W32, Cond.EQ, Reg.R1, new Imm(-1), 0)),
        AsmText.parse("if w1 == 4294967295 goto +0", "n", Dialect.LLVM).insns());
    // The kernel prints the bits of a sign-extended constant.
    assertEquals(
        List.of(new Branch(Width.W64, Cond.SLT, Reg.R1, new Imm(-1), 0)),
        AsmText.parse("if r1 s< 0xffffffff goto pc+0", "n", Dialect.KERNEL).insns());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "r1 = w2", // clang -S
        "w1 = w2",
        "W1=W2",
        "\tw1 = w2\t\t# kill: def $w0 killed $w0",
        "LBB0_1: w1 = w2",
        "w1 = w2 // comment",
        "/* a */ w1 /* b */ = /* c\n */ w2"
      })
  void zeroExtensionAsClangPrintsIt(String text) {
    assertEquals(
        List.of(new Alu(Width.W32, AluOp.MOV, Reg.R1, Reg.R2)),
        AsmText.parse(text, "alias", Dialect.LLVM).insns());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "r1 = *(u32 *)(r2 + 8)",
        "w1 = *(u32 *)(r2 + 8)",
        "r1 = *(u32*)(r2+8)",
        "r1 = *(u32 *)(r2 +8)",
        "r1 = *(u32 *)(r2 + 16 - 8)",
        "R1 = *(u32 *)(R2 - -8)"
      })
  void memoryOperandsInAllSpellings(String text) {
    assertEquals(
        List.of(new Load(MemSize.W, false, Reg.R1, Reg.R2.at(8))),
        AsmText.parse(text, "load", Dialect.LLVM).insns());
  }

  @Test
  void anOffsetOfZeroMayBeLeftOut() {
    assertEquals(
        List.of(new Load(MemSize.DW, false, Reg.R1, Reg.R2.at(0))),
        AsmText.parse("r1 = *(u64 *)(r2)", "load", Dialect.LLVM).insns());
  }

  @Test
  void numberedLabelsAreTheNearestOfTheirNumber() {
    var text = "1: goto 1f\n1: goto 1b\ngoto 1b\n2: goto 2b\ngoto 1f\n1: exit";
    assertEquals(
        List.of(new Jump(0), new Jump(-1), new Jump(-2), new Jump(-1), new Jump(0), new Exit()),
        AsmText.parse(text, "numbered", Dialect.LLVM).insns());
  }

  @Test
  void farLabelsAreReached() {
    var text = "if r1 == 0 goto far\n" + "r0 = 0\n".repeat(40_000) + "far: exit\n";
    var code = AsmText.parse(text, "far", Dialect.KERNEL);
    assertEquals(
        List.of(new Branch(Width.W64, Cond.NE, Reg.R1, new Imm(0), 1), new LongJump(40_000)),
        code.insns().subList(0, 2));
  }

  @Test
  void aNumericOffsetIsRefusedWhereAnotherJumpGrows() {
    var text = "goto pc+1\nif r1 == 0 goto far\n" + "r0 = 0\n".repeat(40_000) + "far: exit\n";
    var e = assertThrows(TextException.class, () -> AsmText.parse(text, "x", Dialect.KERNEL));
    assertEquals(1, e.first().line());
    assertTrue(e.first().problem().contains("write a label"));
  }

  @Test
  void gotolWithALabelStaysGotol() {
    assertEquals(
        List.of(new LongJump(0), new Exit()),
        AsmText.parse("gotol end\nend: exit", "gotol", Dialect.LLVM).insns());
  }

  @Test
  void theEntryMayBeCalled() {
    var code =
        AsmText.parse("f: r0 = 0\nif r1 == 0 goto f\ncall f\nr2 = f ll\nexit", "r", Dialect.LLVM);
    assertEquals(new LocalCall(-3), code.insns().get(2));
    assertEquals(new LoadImm64(Reg.R2, new Imm64.Function(-4)), code.insns().get(3));
    assertEquals(List.of(new BpfFunction("main", 0)), code.functions());
  }

  @Test
  void namesOfHelpersMayCarryTheirNumber() {
    for (var text : List.of("call bpf_ktime_get_ns#5", "call bpf_ktime_get_ns", "call 5")) {
      assertEquals(List.of(new HelperCall(5)), AsmText.parse(text, "call", Dialect.KERNEL).insns());
    }
    // A kfunc's number holds for one kernel only.
    assertEquals(
        List.of(new KfuncCall(new Kfunc.Named("bpf_rcu_read_lock"))),
        AsmText.parse("call bpf_rcu_read_lock#65481", "call", Dialect.KERNEL).insns());
  }

  @Test
  void aLabelHidesTheHelperOfItsName() {
    var code = AsmText.parse("call bpf_loop\nexit\nbpf_loop: exit", "hide", Dialect.LLVM);
    assertEquals(new LocalCall(1), code.insns().getFirst());
  }

  @Test
  void theProgramsSectionComesBeforeText() {
    var code =
        AsmText.parse(
            """
            \t.text
            sub:
            \tr0 = 7
            \texit
            \t.section "xdp","ax",@progbits
            \t.globl prog
            prog:
            \tcall sub
            \tr1 = hits ll
            \texit
            \t.section .maps,"aw",@progbits
            hits:
            \t.zero 16
            """,
            "sections",
            Dialect.LLVM);
    assertEquals(
        List.of(
            new LocalCall(3),
            new LoadImm64(Reg.R1, new Imm64.NamedMap(new MapRef("hits"))),
            new Exit(),
            new Alu(Width.W64, AluOp.MOV, Reg.R0, new Imm(7)),
            new Exit()),
        code.insns());
  }

  @Test
  void printsSingleInstructionsWithOffsets() {
    Insn insn = new Jump(-3);
    assertEquals("goto pc-3", AsmText.print(insn, Dialect.KERNEL));
    assertEquals("goto -3", AsmText.print(insn, Dialect.LLVM));
    assertEquals("goto pc-3", KernelText.print(insn));
  }

  @Test
  void theLogsConstantHasNoSuffix() {
    var insn = new LoadImm64(Reg.R1, new Imm64.Const(5));
    assertEquals("r1 = 0x5", KernelText.print(insn));
    assertEquals("r1 = 0x5 ll", AsmText.print(insn, Dialect.KERNEL));
    assertEquals(
        BpfCode.of(List.of(insn)), AsmText.parse("0: (18) r1 = 0x5", "log", Dialect.KERNEL));
    assertEquals(List.of(mov(5)), AsmText.parse("r1 = 0x5", "text", Dialect.KERNEL).insns());
  }

  private static Insn mov(int value) {
    return new Alu(Width.W64, AluOp.MOV, Reg.R1, new Imm(value));
  }
}
