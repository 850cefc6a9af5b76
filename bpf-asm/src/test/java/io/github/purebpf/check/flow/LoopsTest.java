package io.github.purebpf.check.flow;

import static io.github.purebpf.insn.Reg.R0;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.purebpf.asm.BpfBuilder;
import io.github.purebpf.asm.BpfCode;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class LoopsTest {
  private static List<List<Integer>> endless(Consumer<? super BpfBuilder> body) {
    return Loops.endless(new Program(BpfCode.build(body)));
  }

  @Test
  void aProgramWithoutAJumpBackHasNone() {
    assertEquals(List.of(), endless(b -> b.mov(R0, 0).exit()));
  }

  @Test
  void aLoopWithAWayOutIsNotEndless() {
    assertEquals(
        List.of(),
        endless(
            b -> {
              var again = b.newLabel();
              b.labelBinding(again).add(R0, 1).jlt(R0, 9, again).exit();
            }));
  }

  @Test
  void anInnerLoopThatIsLeftToAnOuterOneIsPartOfThat() {
    assertEquals(
        List.of(List.of(0, 1, 2, 3)),
        endless(
            b -> {
              var outer = b.newLabel();
              var inner = b.newLabel();
              b.labelBinding(outer).mov(R0, 0);
              b.labelBinding(inner).add(R0, 1).jlt(R0, 9, inner).ja(outer);
            }));
  }

  @Test
  void eachEndlessLoopIsFound() {
    assertEquals(
        List.of(List.of(1), List.of(2)),
        endless(
            b -> {
              var first = b.newLabel();
              var second = b.newLabel();
              b.jeq(R0, 0, second).labelBinding(first).ja(first).labelBinding(second).ja(second);
            }));
  }

  @Test
  void aLongProgramDoesNotExhaustTheStackOfTheJvm() {
    var code =
        BpfCode.build(
            b -> {
              for (int i = 0; i < 100_000; i++) {
                b.mov(R0, 0);
              }
              b.exit();
            });
    assertEquals(List.of(), Loops.endless(new Program(code)));
  }
}
