package io.github.purebpf.asm;

import static io.github.purebpf.insn.Reg.R0;
import static io.github.purebpf.insn.Reg.R1;
import static io.github.purebpf.insn.Reg.R2;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.insn.AsmException;
import io.github.purebpf.insn.Branch;
import io.github.purebpf.insn.Cond;
import io.github.purebpf.insn.Exit;
import io.github.purebpf.insn.Imm;
import io.github.purebpf.insn.Insn;
import io.github.purebpf.insn.Jump;
import io.github.purebpf.insn.LocalCall;
import io.github.purebpf.insn.LongJump;
import io.github.purebpf.insn.MayGoto;
import io.github.purebpf.insn.SourceLine;
import io.github.purebpf.insn.Width;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class JumpsTest {
  /** A jump from one block to another, of the given kind; each block is padded with moves. */
  record Edge(int kind, int to, int padding) {}

  /**
   * Block i sets r1 to i and jumps. Wherever the program lands after a taken jump, the instruction
   * there must be the one that sets r1 to the target's number.
   */
  @Property(tries = 60)
  void jumpsLandWhereTheLabelWasBound(@ForAll("edges") List<Edge> edges) {
    var code =
        BpfCode.build(
            b -> {
              b.sourceLine(new SourceLine("padding", 1)); // spares a stack walk for each
              var labels = new ArrayList<Label>();
              edges.forEach(_ -> labels.add(b.newLabel()));
              for (int i = 0; i < edges.size(); i++) {
                var edge = edges.get(i);
                b.labelBinding(labels.get(i)).mov(R1, i);
                var target = labels.get(edge.to() % edges.size());
                switch (edge.kind()) {
                  case 0 -> b.ja(target);
                  case 1 -> b.jset(R1, R2, target);
                  case 2 -> b.mayGoto(target);
                  default -> b.jslt32(R1, 7, target);
                }
                for (int p = 0; p < edge.padding(); p++) {
                  b.mov(R0, p);
                }
              }
              b.exit();
            });
    var slots = new HashMap<Integer, Insn>();
    var blocks = new HashMap<Integer, Integer>();
    int slot = 0;
    for (var insn : code.insns()) {
      slots.put(slot, insn);
      if (insn instanceof io.github.purebpf.insn.Alu(var _, var _, var dst, Imm(int block))
          && dst == R1) {
        blocks.put(block, slot);
      }
      slot += insn.slots();
    }
    for (int i = 0; i < edges.size(); i++) {
      int target = edges.get(i).to() % edges.size();
      assertEquals(blocks.get(target), landing(slots, blocks.get(i) + 1), "jump of block " + i);
    }
  }

  /** Where control goes from a jump whose condition holds. */
  private static int landing(Map<Integer, Insn> slots, int at) {
    return switch (slots.get(at)) {
      case Jump(int offset) -> at + 1 + offset;
      case LongJump(int offset) -> at + 1 + offset;
      case Branch(var _, var cond, var _, var _, int offset) -> {
        // An inverted branch over a gotol is not taken when the wished condition holds.
        boolean inverted = cond == Cond.SGE;
        yield follow(slots, inverted ? at + 1 : at + 1 + offset);
      }
      case MayGoto(var _, int offset) -> follow(slots, at + 1 + offset);
      default -> throw new AssertionError("no jump at " + at);
    };
  }

  private static int follow(Map<Integer, Insn> slots, int at) {
    return slots.get(at) instanceof LongJump(int offset) ? at + 1 + offset : at;
  }

  @Provide
  Arbitrary<List<Edge>> edges() {
    return Combinators.combine(
            Arbitraries.integers().between(0, 3),
            Arbitraries.integers().between(0, 1000),
            Arbitraries.frequencyOf(
                net.jqwik.api.Tuple.of(6, Arbitraries.integers().between(0, 5)),
                net.jqwik.api.Tuple.of(2, Arbitraries.integers().between(10_000, 33_000))))
        .as(Edge::new)
        .list()
        .ofMinSize(2)
        .ofMaxSize(8);
  }

  @Test
  void aBranchReaches32767SlotsAndGrowsAtOneMore() {
    assertEquals(new Branch(Width.W64, Cond.EQ, R0, new Imm(0), 32767), branchOver(32767).get(0));
    var far = branchOver(32768);
    assertEquals(new Branch(Width.W64, Cond.NE, R0, new Imm(0), 1), far.get(0));
    assertEquals(new LongJump(32768), far.get(1));
  }

  @Test
  void aJumpBackReaches32768SlotsAndGrowsAtOneMore() {
    assertEquals(new Jump(-32768), last(jumpBackOver(32767)));
    assertEquals(new LongJump(-32769), last(jumpBackOver(32768)));
  }

  private static List<Insn> branchOver(int slots) {
    return BpfCode.build(
            b -> {
              var end = b.newLabel();
              b.jeq(R0, 0, end);
              for (int i = 0; i < slots; i++) {
                b.mov(R0, i);
              }
              b.labelBinding(end).exit();
            })
        .insns();
  }

  private static List<Insn> jumpBackOver(int slots) {
    return BpfCode.build(
            b -> {
              var start = b.newLabel();
              b.labelBinding(start);
              for (int i = 0; i < slots; i++) {
                b.mov(R0, i);
              }
              b.ja(start);
            })
        .insns();
  }

  private static Insn last(List<Insn> insns) {
    return insns.get(insns.size() - 1);
  }

  @Test
  void aLabelIsBoundOnceAndInItsOwnFunction() {
    assertProblem("label L0 is never bound", () -> BpfCode.build(b -> b.ja(b.newLabel())));
    assertProblem(
        "label again is bound already",
        () ->
            BpfCode.build(
                b -> {
                  var label = b.newLabel("again");
                  b.labelBinding(label).labelBinding(label);
                }));
    assertProblem(
        "label L0 is in another function",
        () ->
            BpfCode.build(
                b -> {
                  var label = b.newLabel();
                  b.function(b.newFunction("f"), f -> f.labelBinding(label).exit());
                  b.ja(label);
                }));
  }

  @Test
  void functionsStandBehindTheEntryInTheOrderOfTheirBodies() {
    var code =
        BpfCode.build(
            b -> {
              var twice = b.newFunction("twice");
              b.mov(R1, 21).call(twice);
              b.function(twice, f -> f.mov(R0, R1).add(R0, R1).exit());
              b.exit();
            });
    assertEquals(
        List.of(new BpfFunction("main", 0), new BpfFunction("twice", 3)), code.functions());
    assertEquals(new LocalCall(1), code.insns().get(1));
    assertEquals(code.functions().get(0), BpfCode.of(code.insns()).functions().get(0));
    assertEquals(3, BpfCode.of(code.insns()).functions().get(1).start());
  }

  @Test
  void aFunctionNeedsOneBodyAndANameOfItsOwn() {
    assertProblem("function f has no body", () -> BpfCode.build(b -> b.call(b.newFunction("f"))));
    assertProblem(
        "there is a function main already", () -> BpfCode.build(b -> b.newFunction("main")));
    assertProblem(
        "function f has a body already",
        () ->
            BpfCode.build(
                b -> {
                  var f = b.newFunction("f");
                  b.function(f, body -> body.exit()).function(f, body -> body.exit());
                }));
    assertProblem(
        "function name \"a b\" is no C identifier", () -> BpfCode.build(b -> b.newFunction("a b")));
  }

  private static void assertProblem(
      String problem, org.junit.jupiter.api.function.Executable build) {
    var thrown = assertThrows(AsmException.class, build);
    assertTrue(thrown.problem().equals(problem), thrown.problem());
  }

  @Test
  void gotolKeepsItsFormWhereAShortJumpWouldDo() {
    var code =
        BpfCode.build(
            b -> {
              var end = b.newLabel();
              b.gotol(end);
              assertFalse(b.reachable());
              b.labelBinding(end).exit();
            });
    assertEquals(List.of(new LongJump(0), new Exit()), code.insns());
  }
}
