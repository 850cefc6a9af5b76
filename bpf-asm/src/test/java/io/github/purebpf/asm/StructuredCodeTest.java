package io.github.purebpf.asm;

import static io.github.purebpf.insn.Reg.FP;
import static io.github.purebpf.insn.Reg.R0;
import static io.github.purebpf.insn.Reg.R1;
import static io.github.purebpf.insn.Reg.R2;
import static io.github.purebpf.insn.Reg.R3;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.purebpf.insn.AsmException;
import io.github.purebpf.insn.Cond;
import io.github.purebpf.insn.Imm;
import io.github.purebpf.insn.MemSize;
import io.github.purebpf.insn.Width;
import io.github.purebpf.layout.Struct;
import io.github.purebpf.uapi.BpfSockAddr;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class StructuredCodeTest {
  record Key(int address, short port, short protocol) {}

  @Test
  void ifThenIsABranchOnTheInverse() {
    same(
        b -> b.ifThen(R1, Cond.SGT, 5, then -> then.mov(R0, 1)).exit(),
        b -> {
          var end = b.newLabel();
          b.jsle(R1, 5, end).mov(R0, 1).labelBinding(end).exit();
        });
  }

  @Test
  void ifThenWithSetJumpsAround() {
    same(
        b -> b.ifThen(R1, Cond.SET, R2, then -> then.mov(R0, 1)).exit(),
        b -> {
          var then = b.newLabel();
          var end = b.newLabel();
          b.jset(R1, R2, then).ja(end).labelBinding(then).mov(R0, 1).labelBinding(end).exit();
        });
  }

  @Test
  void ifThenElseJoins() {
    same(
        b ->
            b.ifThenElse(Width.W32, R1, Cond.EQ, new Imm(0), t -> t.mov(R0, 1), e -> e.mov(R0, 2))
                .exit(),
        b -> {
          var otherwise = b.newLabel();
          var end = b.newLabel();
          b.jne32(R1, 0, otherwise)
              .mov(R0, 1)
              .ja(end)
              .labelBinding(otherwise)
              .mov(R0, 2)
              .labelBinding(end)
              .exit();
        });
  }

  @Test
  void aBlockThatEndsHasNoJumpBehindIt() {
    same(
        b ->
            b.ifThenElse(
                Width.W64, R1, Cond.EQ, new Imm(0), t -> t.returning(1), e -> e.returning(0)),
        b -> {
          var otherwise = b.newLabel();
          b.jne(R1, 0, otherwise).mov(R0, 1).exit().labelBinding(otherwise).mov(R0, 0).exit();
        });
  }

  @Test
  void stackIsTakenDownwardsAndAligned() {
    same(
        b -> {
          var a = b.stackSlot(MemSize.W);
          var c = b.stackSlot(MemSize.B);
          var d = b.stackSlot(MemSize.DW);
          var key = b.stackStruct(Struct.of(Key.class));
          var port = Struct.of(Key.class).field("port");
          b.store(a, R1).store(c, 1).store(d, R2).store(key.get(port), R3).addressOf(R2, key);
        },
        b ->
            b.stxw(FP.at(-4), R1)
                .stb(FP.at(-5), 1)
                .stxdw(FP.at(-16), R2)
                .stxh(FP.at(-20), R3)
                .mov(R2, FP)
                .add(R2, -24));
  }

  @Test
  void theStackEnds() {
    BpfCode.build(
        b -> {
          for (int i = 0; i < 64; i++) {
            b.stackSlot(MemSize.DW);
          }
          assertThrows(AsmException.class, () -> b.stackSlot(MemSize.B));
        });
  }

  @Test
  void aContextFieldIsReadAndWrittenOnlyInItsSizes() {
    BpfCode.build(
        b -> {
          var ctx = b.keepContext(R1, BpfSockAddr.class);
          var readOnly =
              assertThrows(AsmException.class, () -> b.store(ctx.get(BpfSockAddr.PROTOCOL), R2));
          assertEquals(
              "field protocol cannot be written in 4 bytes: it cannot be written at all",
              readOnly.problem());
          var narrow =
              assertThrows(AsmException.class, () -> b.ldxh(R2, R1.at(BpfSockAddr.PROTOCOL)));
          assertEquals(
              "field protocol cannot be read in 2 bytes: it can be read in 4 bytes",
              narrow.problem());
        });
  }

  private static void same(Consumer<BpfBuilder> structured, Consumer<BpfBuilder> raw) {
    assertEquals(BpfCode.build(raw).insns(), BpfCode.build(structured).insns());
  }
}
