package io.github.purebpf.check;

import static io.github.purebpf.insn.Reg.FP;
import static io.github.purebpf.insn.Reg.R0;
import static io.github.purebpf.insn.Reg.R1;
import static io.github.purebpf.insn.Reg.R2;
import static io.github.purebpf.insn.Reg.R6;
import static io.github.purebpf.insn.Reg.R9;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.github.purebpf.asm.BpfBuilder;
import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.insn.Cond;
import io.github.purebpf.insn.InsnDecoder;
import io.github.purebpf.insn.Mem;
import io.github.purebpf.insn.Slot;
import io.github.purebpf.uapi.ProgramType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class CheckerLimitsTest {
  @Provide
  Arbitrary<List<Slot>> slots() {
    var sane = Arbitraries.integers().between(0, 11);
    return Combinators.combine(
            Arbitraries.integers().between(0, 255),
            sane,
            sane,
            Arbitraries.integers().between(-6, 6),
            Arbitraries.oneOf(Arbitraries.integers().between(-5, 250), Arbitraries.integers()))
        .as(Slot::new)
        .list()
        .ofMaxSize(12);
  }

  @Property
  void anyBytesAreCheckedWithoutAnException(@ForAll("slots") List<Slot> slots) {
    var code = BpfCode.of(InsnDecoder.decode(slots));
    assertNotNull(Checker.check(code, CheckOptions.ofAnyType()));
    for (var type : List.of(ProgramType.XDP, ProgramType.SCHED_CLS, ProgramType.TRACING)) {
      assertNotNull(Checker.check(code, CheckOptions.of(type)));
    }
  }

  @Test
  void pathsBeyondCountingEnd() {
    var code =
        BpfCode.build(
            b -> {
              b.mov(R6, R1);
              for (int i = 0; i < 300; i++) {
                int bit = i;
                b.ldxw(R0, R6.at(0)).stdw(FP.at(-8 * (1 + i % 60)), bit);
                b.ifThen(R0, Cond.EQ, bit, t -> t.stdw(slot(bit), -bit));
              }
              b.returning(0);
            });
    assertEquals(List.of(), Checker.check(code, CheckOptions.of(ProgramType.SOCKET_FILTER)));
  }

  private static Mem slot(int number) {
    return FP.at(-8 * (1 + number % 60));
  }

  @Test
  void aLongLoopIsLeft() {
    var code = BpfCode.build(b -> counting(b).mov(R0, R9).exit());
    var finding = Checker.check(code, CheckOptions.ofAnyType()).getFirst();
    assertEquals(Rule.UNINITIALISED_REGISTER, finding.rule());
    assertEquals(5, finding.slot());
  }

  private static BpfBuilder counting(BpfBuilder b) {
    var again = b.newLabel();
    return b.mov(R6, 0).mov(R2, 0).labelBinding(again).add(R2, R6).add(R6, 1).jlt(R6, 9999, again);
  }

  @Test
  void aHugeProgramIsChecked() {
    var slots =
        IntStream.range(0, 200_000)
            .mapToObj(i -> new Slot(0xb7, i % 10, 0, 0, i))
            .collect(Collectors.toCollection(ArrayList::new));
    slots.add(new Slot(0x95, 0, 0, 0, 0));
    var code = BpfCode.of(InsnDecoder.decode(slots));
    assertEquals(List.of(), Checker.check(code, CheckOptions.ofAnyType()));
  }

  @Test
  void everyRuleIsFoundByItsName() {
    for (var rule : Rule.values()) {
      assertEquals(Optional.of(rule), Rule.byId(rule.toString()));
    }
    assertEquals("jump-into-lddw", Rule.JUMP_INTO_LDDW.id());
    assertEquals(Optional.empty(), Rule.byId("FALL_THROUGH"));
  }
}
