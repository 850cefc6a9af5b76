package io.github.purebpf.insn;

import static io.github.purebpf.insn.Opcodes.*;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** From instructions to slots and bytes. */
public final class InsnEncoder {
  private InsnEncoder() {}

  /**
   * The bytes of a program.
   *
   * @param order the byte order of the machine that will run it, which need not be this one
   * @throws AsmException if a map or a kfunc is still referred to by name
   */
  public static byte[] encode(List<? extends Insn> insns, ByteOrder order) {
    int slots = insns.size();
    for (var insn : insns) {
      if (insn instanceof LoadImm64) {
        slots++;
      }
    }
    var out = ByteBuffer.allocate(slots * Slot.BYTES).order(order);
    for (var insn : insns) {
      Slot.write(bits(insn), out);
      if (insn instanceof LoadImm64(var _, var value)) {
        Slot.write(second(value), out);
      }
    }
    return out.array();
  }

  /** The only slot of an instruction, or the first of {@link LoadImm64}'s two. */
  public static Slot slot(Insn insn) {
    return Slot.of(bits(insn));
  }

  /** The second slot of a 64-bit constant. */
  public static Slot second(LoadImm64 load) {
    return Slot.of(second(load.value()));
  }

  private static long second(Imm64 value) {
    return Slot.bits(0, 0, 0, 0, high(value));
  }

  /** The slot as a number, which is not allocated. The frequent instructions come first. */
  private static long bits(Insn insn) {
    return switch (insn) {
      case Alu(var width, var op, var dst, Imm(int imm)) ->
          Slot.bits(aluClass(width) | op.code() << CODE_SHIFT, dst.number(), 0, op.offset(), imm);
      case Alu(var width, var op, var dst, Reg src) ->
          registers(aluClass(width) | X | op.code() << CODE_SHIFT, dst, src, op.offset(), 0);
      case Load(var size, boolean signed, var dst, var mem) ->
          registers(LDX | size.code() | (signed ? MEMSX : MEM), dst, mem.base(), mem.offset(), 0);
      case Store(var size, var mem, Imm(int imm)) ->
          Slot.bits(ST | size.code() | MEM, mem.base().number(), 0, mem.offset(), imm);
      case Store(var size, var mem, Reg src) ->
          registers(STX | size.code() | MEM, mem.base(), src, mem.offset(), 0);
      case Branch(var width, var cond, var dst, Imm(int imm), int offset) ->
          Slot.bits(jumpClass(width) | cond.code() << CODE_SHIFT, dst.number(), 0, offset, imm);
      case Branch(var width, var cond, var dst, Reg src, int offset) ->
          registers(jumpClass(width) | X | cond.code() << CODE_SHIFT, dst, src, offset, 0);
      case LoadImm64(var dst, var value) ->
          Slot.bits(LDDW, dst.number(), pseudo(value), 0, low(value));
      case HelperCall(int id) -> Slot.bits(CALL, 0, CALL_HELPER, 0, id);
      case Jump(int offset) -> Slot.bits(JA, 0, 0, offset, 0);
      case Exit() -> Slot.bits(EXIT, 0, 0, 0, 0);
      case Neg(var width, var dst) -> Slot.bits(aluClass(width) | NEG, dst.number(), 0, 0, 0);
      case MovSx(var width, var from, var dst, var src) ->
          registers(aluClass(width) | X | MOV, dst, src, from.bytes() * 8, 0);
      case ByteSwap(var order, int bits, var dst) ->
          Slot.bits(
              switch (order) {
                case TO_LE -> ALU | END;
                case TO_BE -> ALU | END | X;
                case SWAP -> ALU64 | END;
              },
              dst.number(),
              0,
              0,
              bits);
      case AddrSpaceCast(var dst, var src, int to, int from) ->
          registers(ALU64 | X | MOV, dst, src, ADDR_SPACE_CAST_OFFSET, to << 16 | from);
      case LoadAcquire(var size, var dst, var mem) ->
          registers(STX | size.code() | ATOMIC, dst, mem.base(), mem.offset(), LOAD_ACQ);
      case StoreRelease(var size, var mem, var src) ->
          registers(STX | size.code() | ATOMIC, mem.base(), src, mem.offset(), STORE_REL);
      case Atomic(var op, var size, var mem, var src) ->
          registers(STX | size.code() | ATOMIC, mem.base(), src, mem.offset(), op.imm());
      case PacketLoad(var size, var index, int offset) ->
          Slot.bits(
              LD | size.code() | (index.isPresent() ? IND : ABS),
              0,
              index.map(Reg::number).orElse(0),
              0,
              offset);
      case LongJump(int offset) -> Slot.bits(GOTOL, 0, 0, 0, offset);
      case IndirectJump(var target) -> Slot.bits(GOTOX, target.number(), 0, 0, 0);
      case MayGoto(var kind, int offset) -> Slot.bits(JCOND, 0, kind.src(), offset, 0);
      case LocalCall(int offset) -> Slot.bits(CALL, 0, CALL_LOCAL, 0, offset);
      case KfuncCall(Kfunc.ById(int btfId, int fdIndex)) ->
          Slot.bits(CALL, 0, CALL_KFUNC, fdIndex, btfId);
      case KfuncCall(Kfunc.Named(var name)) ->
          throw new AsmException("kfunc " + name + " is not bound to a BTF id", null);
      case IndirectCall(var target) -> Slot.bits(CALLX, target.number(), 0, 0, 0);
      case RawInsn(var slot) ->
          Slot.bits(slot.opcode(), slot.dst(), slot.src(), slot.offset(), slot.imm());
    };
  }

  private static long registers(int opcode, Reg dst, Reg src, int offset, int imm) {
    return Slot.bits(opcode, dst.number(), src.number(), offset, imm);
  }

  private static int aluClass(Width width) {
    return width == Width.W64 ? ALU64 : ALU;
  }

  private static int jumpClass(Width width) {
    return width == Width.W64 ? JMP : JMP32;
  }

  private static int pseudo(Imm64 value) {
    return switch (value) {
      case Imm64.Const _ -> PSEUDO_CONST;
      case Imm64.MapFd _ -> PSEUDO_MAP_FD;
      case Imm64.MapValueFd _ -> PSEUDO_MAP_VALUE;
      case Imm64.BtfId _ -> PSEUDO_BTF_ID;
      case Imm64.Function _ -> PSEUDO_FUNC;
      case Imm64.MapIndex _ -> PSEUDO_MAP_IDX;
      case Imm64.MapValueIndex _ -> PSEUDO_MAP_IDX_VALUE;
      case Imm64.NamedMap(var map) -> throw unbound(map);
      case Imm64.NamedMapValue(var map, int _) -> throw unbound(map);
    };
  }

  private static int low(Imm64 value) {
    return switch (value) {
      case Imm64.Const(long number) -> (int) number;
      case Imm64.MapFd(int fd) -> fd;
      case Imm64.MapValueFd(int fd, int _) -> fd;
      case Imm64.BtfId(int typeId, int _) -> typeId;
      case Imm64.Function(int offset) -> offset;
      case Imm64.MapIndex(int index) -> index;
      case Imm64.MapValueIndex(int index, int _) -> index;
      case Imm64.NamedMap(var map) -> throw unbound(map);
      case Imm64.NamedMapValue(var map, int _) -> throw unbound(map);
    };
  }

  private static int high(Imm64 value) {
    return switch (value) {
      case Imm64.Const(long number) -> (int) (number >> 32);
      case Imm64.MapValueFd(int _, int offset) -> offset;
      case Imm64.BtfId(int _, int btfFd) -> btfFd;
      case Imm64.MapValueIndex(int _, int offset) -> offset;
      case Imm64.NamedMapValue(var _, int offset) -> offset;
      case Imm64.MapFd _, Imm64.Function _, Imm64.MapIndex _, Imm64.NamedMap _ -> 0;
    };
  }

  private static AsmException unbound(MapRef map) {
    return new AsmException("map " + map + " is not bound to a file descriptor", null);
  }
}
