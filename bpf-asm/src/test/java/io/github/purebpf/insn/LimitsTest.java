package io.github.purebpf.insn;

import static io.github.purebpf.insn.Reg.R0;
import static io.github.purebpf.insn.Reg.R1;
import static io.github.purebpf.insn.Reg.R10;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class LimitsTest {
  static Stream<Arguments> ranges() {
    return Stream.of(
        range("memory offset", Short.MIN_VALUE, Short.MAX_VALUE, R1::at),
        range("goto", Short.MIN_VALUE, Short.MAX_VALUE, Jump::new),
        range(
            "branch",
            Short.MIN_VALUE,
            Short.MAX_VALUE,
            offset -> new Branch(Width.W64, Cond.EQ, R0, new Imm(0), offset)),
        range(
            "may_goto",
            Short.MIN_VALUE,
            Short.MAX_VALUE,
            offset -> new MayGoto(MayGoto.Kind.MAY_GOTO, offset)),
        range("shift of 32 bits", 0, 31, by -> new Alu(Width.W32, AluOp.LSH, R0, new Imm(by))),
        range("shift of 64 bits", 0, 63, by -> new Alu(Width.W64, AluOp.ARSH, R0, new Imm(by))),
        range("register", 0, 10, Reg::of),
        range("kfunc fd index", 0, Short.MAX_VALUE, index -> new Kfunc.ById(1, index)),
        range("stored byte", -128, 255, value -> new Store(MemSize.B, R1.at(0), new Imm(value))),
        range(
            "stored half", -32768, 65535, value -> new Store(MemSize.H, R1.at(0), new Imm(value))),
        range("slot opcode", 0, 255, opcode -> new Slot(opcode, 0, 0, 0, 0)),
        range("slot dst", 0, 15, dst -> new Slot(0, dst, 0, 0, 0)),
        range("slot src", 0, 15, src -> new Slot(0, 0, src, 0, 0)),
        range(
            "slot offset",
            Short.MIN_VALUE,
            Short.MAX_VALUE,
            offset -> new Slot(0, 0, 0, offset, 0)));
  }

  private static Arguments range(String name, int min, int max, IntFunction<Object> make) {
    return Arguments.of(Named.of(name, make), min, max);
  }

  @ParameterizedTest
  @MethodSource("ranges")
  void takesBothEndsOfTheRangeAndNothingBeyond(IntFunction<Object> make, int min, int max) {
    assertDoesNotThrow(() -> make.apply(min));
    assertDoesNotThrow(() -> make.apply(max));
    assertThrows(AsmException.class, () -> make.apply(min - 1));
    assertThrows(AsmException.class, () -> make.apply(max + 1));
  }

  static Stream<Arguments> refused() {
    return Stream.of(
        refused(
            "division by the constant zero", () -> new Alu(Width.W64, AluOp.DIV, R0, new Imm(0))),
        refused(
            "division by the constant zero", () -> new Alu(Width.W32, AluOp.SMOD, R0, new Imm(0))),
        refused("frame pointer", () -> new Alu(Width.W64, AluOp.ADD, R10, new Imm(8))),
        refused("frame pointer", () -> new Neg(Width.W32, R10)),
        refused("frame pointer", () -> new MovSx(Width.W64, MemSize.B, R10, R1)),
        refused("frame pointer", () -> new ByteSwap(ByteSwap.Order.TO_BE, 16, R10)),
        refused("frame pointer", () -> new AddrSpaceCast(R10, R1, 0, 1)),
        refused("frame pointer", () -> new Load(MemSize.W, false, R10, R1.at(0))),
        refused("frame pointer", () -> new LoadAcquire(MemSize.W, R10, R1.at(0))),
        refused("frame pointer", () -> new Atomic(AtomicOp.XCHG, MemSize.W, R1.at(0), R10)),
        refused("frame pointer", () -> new LoadImm64(R10, new Imm64.Const(0))),
        refused("extends nothing", () -> new MovSx(Width.W32, MemSize.W, R0, R1)),
        refused("extends nothing", () -> new MovSx(Width.W64, MemSize.DW, R0, R1)),
        refused("no be8", () -> new ByteSwap(ByteSwap.Order.TO_BE, 8, R0)),
        refused("nothing to sign-extend", () -> new Load(MemSize.DW, true, R0, R1.at(0))),
        refused("there are 4 and 8", () -> new Atomic(AtomicOp.ADD, MemSize.H, R1.at(0), R0)),
        refused("not 8", () -> new PacketLoad(MemSize.DW, java.util.Optional.empty(), 0)),
        refused("0 from 1 and 1 from 0", () -> new AddrSpaceCast(R0, R1, 1, 1)),
        refused("0 from 1 and 1 from 0", () -> new AddrSpaceCast(R0, R1, 2, -1)),
        refused("1 to 15", () -> new MapRef("a-name")),
        refused("1 to 15", () -> new MapRef("sixteen_letters_")),
        refused("1 to 15", () -> new MapRef("")),
        refused("no C identifier", () -> new Kfunc.Named("1st")));
  }

  private static Arguments refused(String message, Executable make) {
    return Arguments.of(message, make);
  }

  @ParameterizedTest
  @MethodSource("refused")
  void refusesWhatNoKernelTakes(String message, Executable make) {
    var thrown = assertThrows(AsmException.class, make);
    assertTrue(thrown.problem().contains(message), thrown.problem());
  }

  @Test
  void anUnboundMapCannotBeEncoded() {
    var load = new LoadImm64(R1, new Imm64.NamedMap(new MapRef("services")));
    var thrown = assertThrows(AsmException.class, () -> InsnEncoder.slot(load));
    assertEquals("map services is not bound to a file descriptor", thrown.getMessage());
  }

  @Test
  void aMapNameOfFifteenIsTaken() {
    assertEquals("fifteen_letters", new MapRef("fifteen_letters").toString());
  }
}
