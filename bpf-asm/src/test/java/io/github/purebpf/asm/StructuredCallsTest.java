package io.github.purebpf.asm;

import static io.github.purebpf.insn.Reg.FP;
import static io.github.purebpf.insn.Reg.R0;
import static io.github.purebpf.insn.Reg.R1;
import static io.github.purebpf.insn.Reg.R2;
import static io.github.purebpf.insn.Reg.R3;
import static io.github.purebpf.insn.Reg.R4;
import static io.github.purebpf.insn.Reg.R6;
import static io.github.purebpf.insn.Reg.R7;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.purebpf.insn.AsmException;
import io.github.purebpf.insn.Imm64;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.insn.MemSize;
import io.github.purebpf.uapi.Helper;
import java.nio.ByteOrder;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class StructuredCallsTest {
  private static final MapRef COUNTS = new MapRef("counts");

  @Test
  void argumentsGoIntoTheirRegistersFromLeftToRight() {
    same(
        b -> {
          var key = b.stackSlot(MemSize.W);
          b.call(
              Helper.MAP_UPDATE_ELEM, Arg.map(COUNTS), Arg.addressOf(key), Arg.reg(R6), Arg.imm(0));
        },
        b ->
            b.lddw(R1, COUNTS)
                .mov(R2, FP)
                .add(R2, -4)
                .mov(R3, R6)
                .mov(R4, 0)
                .call(Helper.MAP_UPDATE_ELEM));
  }

  @Test
  void anArgumentThatIsInPlaceIsNotMoved() {
    same(b -> b.call(Helper.GET_SOCKET_COOKIE, Arg.reg(R1)), b -> b.call(Helper.GET_SOCKET_COOKIE));
  }

  @Test
  void anArgumentFromAnOverwrittenRegisterIsRefused() {
    refused(
        "the argument in r2 comes from r1, which holds an argument by then; move it to r0 or r6-r9",
        b -> b.call(Helper.MAP_LOOKUP_ELEM, Arg.map(COUNTS), Arg.reg(R1)));
    refused(
        "TAIL_CALL with 6 arguments; a call takes five",
        b ->
            b.call(
                Helper.TAIL_CALL,
                Arg.imm(1),
                Arg.imm(2),
                Arg.imm(3),
                Arg.imm(4),
                Arg.imm(5),
                Arg.imm(6)));
  }

  @Test
  void mapsAreUpdatedAndDeletedFrom() {
    same(
        b -> {
          var key = b.stackSlot(MemSize.W);
          var value = b.stackSlot(MemSize.DW);
          b.mapUpdate(COUNTS, key, value, 1).mapDelete(COUNTS, key);
        },
        b ->
            b.lddw(R1, COUNTS)
                .mov(R2, FP)
                .add(R2, -4)
                .mov(R3, FP)
                .add(R3, -16)
                .mov(R4, 1)
                .call(Helper.MAP_UPDATE_ELEM)
                .lddw(R1, COUNTS)
                .mov(R2, FP)
                .add(R2, -4)
                .call(Helper.MAP_DELETE_ELEM));
  }

  @Test
  void tailCallsAndGlobals() {
    same(
        b -> b.tailCall(R6, COUNTS, 3).addressOfGlobal(R1, COUNTS, 8),
        b ->
            b.mov(R1, R6)
                .lddw(R2, COUNTS)
                .mov(R3, 3)
                .call(Helper.TAIL_CALL)
                .lddw(R1, new Imm64.NamedMapValue(COUNTS, 8)));
  }

  @Test
  void loopsAreWhatOneWouldWrite() {
    same(
        b -> b.counted(R6, 10, body -> body.add(R7, R6)).exit(),
        b -> {
          var top = b.newLabel();
          var end = b.newLabel();
          b.mov(R6, 0)
              .labelBinding(top)
              .jge(R6, 10, end)
              .add(R7, R6)
              .add(R6, 1)
              .ja(top)
              .labelBinding(end)
              .exit();
        });
    same(
        b -> b.whileMayGoto(body -> body.add(R7, 1)).exit(),
        b -> {
          var top = b.newLabel();
          var end = b.newLabel();
          b.labelBinding(top).mayGoto(end).add(R7, 1).ja(top).labelBinding(end).exit();
        });
    same(b -> b.unrolled(3, (body, i) -> body.add(R7, i)), b -> b.add(R7, 0).add(R7, 1).add(R7, 2));
    refused("a loop of -1 rounds", b -> b.unrolled(-1, (_, _) -> {}));
    refused("a loop of -1 rounds", b -> b.counted(R6, -1, _ -> {}));
  }

  @Test
  void aCallbackIsCalledByBpfLoop() {
    same(
        b -> {
          var round = b.newFunction("round");
          var sum = b.stackSlot(MemSize.DW);
          b.loop(5, round, Arg.addressOf(sum)).exit().function(round, f -> f.returning(0));
        },
        b -> {
          var round = b.newFunction("round");
          b.mov(R1, 5)
              .lddw(R2, round)
              .mov(R3, FP)
              .add(R3, -8)
              .mov(R4, 0)
              .call(Helper.LOOP)
              .exit()
              .function(round, f -> f.mov(R0, 0).exit());
        });
  }

  @Test
  void registersAreSavedAndComeBack() {
    same(
        b -> {
          var saved = b.spill(R1);
          b.call(Helper.KTIME_GET_NS).reload(R1, saved);
        },
        b -> b.stxdw(FP.at(-8), R1).call(Helper.KTIME_GET_NS).ldxdw(R1, FP.at(-8)));
  }

  @Test
  void packetsAreCheckedBeforeTheyAreRead() {
    same(
        b -> b.ifPacketHas(R2, R3, R4, 14, in -> in.ldxh(R0, R2.at(12))).exit(),
        b -> {
          var out = b.newLabel();
          b.mov(R4, R2).add(R4, 14).jgt(R4, R3, out).ldxh(R0, R2.at(12)).labelBinding(out).exit();
        });
    refused(
        "scratch r2 is one of the packet's pointers", b -> b.ifPacketHas(R2, R3, R2, 1, _ -> {}));
    refused(
        "70000 bytes of packet are outside 0 to 65535",
        b -> b.ifPacketHas(R2, R3, R4, 70000, _ -> {}));
  }

  @Test
  void constantsInNetworkOrder() {
    assertEquals(0x0008, NetworkConstants.htons(0x0800, ByteOrder.LITTLE_ENDIAN));
    assertEquals(0x0800, NetworkConstants.htons(0x0800, ByteOrder.BIG_ENDIAN));
    assertEquals(0xffff0000, NetworkConstants.htonl(0x0000ffff, ByteOrder.LITTLE_ENDIAN));
    assertEquals(0xffff, NetworkConstants.htons(0xffff));
    assertThrows(AsmException.class, () -> NetworkConstants.htons(0x10000));
  }

  private static void same(Consumer<BpfBuilder> structured, Consumer<BpfBuilder> raw) {
    assertEquals(BpfCode.build(raw).insns(), BpfCode.build(structured).insns());
  }

  private static void refused(String problem, Consumer<BpfBuilder> body) {
    var thrown = assertThrows(AsmException.class, () -> BpfCode.build(body));
    assertEquals(problem, thrown.problem());
  }
}
