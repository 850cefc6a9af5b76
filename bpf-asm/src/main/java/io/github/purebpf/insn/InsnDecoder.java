package io.github.purebpf.insn;

import static io.github.purebpf.insn.Opcodes.*;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** From bytes and slots to instructions. */
public final class InsnDecoder {
  private static final MemSize[] SIZES = {MemSize.W, MemSize.H, MemSize.B, MemSize.DW};
  private static final AluOp[] ALU_OPS = new AluOp[16];
  private static final Cond[] CONDS = new Cond[16];

  static {
    for (var op : AluOp.values()) {
      if (op.offset() == 0) {
        ALU_OPS[op.code()] = op;
      }
    }
    for (var cond : Cond.values()) {
      CONDS[cond.code()] = cond;
    }
  }

  private InsnDecoder() {}

  /**
   * The instructions of a program. Slots that are no valid instruction become {@link RawInsn}, so
   * encoding the result gives the same bytes again.
   *
   * @throws AsmException if the length is not a multiple of eight
   */
  public static List<Insn> decode(byte[] code, ByteOrder order) {
    if (code.length % Slot.BYTES != 0) {
      throw new AsmException(code.length + " bytes of code are not a multiple of 8", null);
    }
    var in = ByteBuffer.wrap(code).order(order);
    var slots = new ArrayList<Slot>(code.length / Slot.BYTES);
    while (in.hasRemaining()) {
      slots.add(Slot.read(in));
    }
    return decode(slots);
  }

  /** The instructions of a sequence of slots. */
  public static List<Insn> decode(List<Slot> slots) {
    var insns = new ArrayList<Insn>(slots.size());
    for (int i = 0; i < slots.size(); ) {
      var slot = slots.get(i);
      var second = i + 1 < slots.size() ? slots.get(i + 1) : null;
      var insn = decode(slot, second);
      insns.add(insn);
      i += insn.slots();
    }
    return List.copyOf(insns);
  }

  private static Insn decode(Slot slot, Slot second) {
    Insn candidate;
    try {
      candidate = candidate(slot, second);
    } catch (AsmException _) {
      return new RawInsn(slot); // operands that the record refuses, such as a shift by 70
    }
    // A reserved field in use is the one thing that the candidate does not carry.
    boolean same =
        candidate != null
            && InsnEncoder.slot(candidate).equals(slot)
            && (!(candidate instanceof LoadImm64 load) || InsnEncoder.second(load).equals(second));
    return same ? candidate : new RawInsn(slot);
  }

  /** What the opcode stands for, reserved fields passed over, or null. */
  private static Insn candidate(Slot slot, Slot second) {
    if (slot.dst() > 10 || slot.src() > 10) {
      return null;
    }
    return switch (slot.opcode() & CLASS_MASK) {
      case LD -> wide(slot, second);
      case LDX -> load(slot);
      case ST, STX -> store(slot);
      case ALU -> alu(slot, Width.W32);
      case ALU64 -> alu(slot, Width.W64);
      case JMP -> jump(slot);
      case JMP32 -> jump32(slot);
      default -> throw new AssertionError("three bits");
    };
  }

  private static Insn alu(Slot slot, Width width) {
    var dst = Reg.of(slot.dst());
    boolean x = (slot.opcode() & X) != 0;
    int code = slot.opcode() & 0xf0;
    if (code == END) {
      if (width == Width.W64) {
        return x ? null : new ByteSwap(ByteSwap.Order.SWAP, slot.imm(), dst);
      }
      return new ByteSwap(x ? ByteSwap.Order.TO_BE : ByteSwap.Order.TO_LE, slot.imm(), dst);
    }
    if (code == NEG) {
      return x ? null : new Neg(width, dst);
    }
    var op = ALU_OPS[code >> CODE_SHIFT];
    if (op == null) {
      return null;
    }
    if (slot.offset() == 1 && op.isDivision()) {
      op = op == AluOp.DIV ? AluOp.SDIV : AluOp.SMOD;
    }
    if (op == AluOp.MOV && x && slot.offset() != 0) {
      return move(slot, width, dst);
    }
    return new Alu(width, op, dst, x ? Reg.of(slot.src()) : new Imm(slot.imm()));
  }

  private static Insn move(Slot slot, Width width, Reg dst) {
    var src = Reg.of(slot.src());
    return switch (slot.offset()) {
      case 8 -> new MovSx(width, MemSize.B, dst, src);
      case 16 -> new MovSx(width, MemSize.H, dst, src);
      case 32 -> new MovSx(width, MemSize.W, dst, src);
      case ADDR_SPACE_CAST_OFFSET ->
          new AddrSpaceCast(dst, src, slot.imm() >>> 16, slot.imm() & 0xffff);
      default -> null;
    };
  }

  private static Insn load(Slot slot) {
    var mem = new Mem(Reg.of(slot.src()), slot.offset());
    return switch (slot.opcode() & MODE_MASK) {
      case MEM -> new Load(size(slot), false, Reg.of(slot.dst()), mem);
      case MEMSX -> new Load(size(slot), true, Reg.of(slot.dst()), mem);
      default -> null;
    };
  }

  private static Insn store(Slot slot) {
    boolean x = (slot.opcode() & CLASS_MASK) == STX;
    var mem = new Mem(Reg.of(slot.dst()), slot.offset());
    return switch (slot.opcode() & MODE_MASK) {
      case MEM -> new Store(size(slot), mem, x ? Reg.of(slot.src()) : new Imm(slot.imm()));
      case ATOMIC -> x ? atomic(slot, mem) : null;
      default -> null;
    };
  }

  private static Insn atomic(Slot slot, Mem mem) {
    var src = Reg.of(slot.src());
    if (slot.imm() == LOAD_ACQ) {
      return new LoadAcquire(size(slot), mem.base(), new Mem(src, slot.offset()));
    }
    if (slot.imm() == STORE_REL) {
      return new StoreRelease(size(slot), mem, src);
    }
    for (var op : AtomicOp.values()) {
      if (op.imm() == slot.imm()) {
        return new Atomic(op, size(slot), mem, src);
      }
    }
    return null;
  }

  private static Insn jump(Slot slot) {
    var dst = Reg.of(slot.dst());
    return switch (slot.opcode()) {
      case JA -> new Jump(slot.offset());
      case GOTOX -> new IndirectJump(dst);
      case CALL ->
          switch (slot.src()) {
            case CALL_HELPER -> new HelperCall(slot.imm());
            case CALL_LOCAL -> new LocalCall(slot.imm());
            case CALL_KFUNC -> new KfuncCall(new Kfunc.ById(slot.imm(), slot.offset()));
            default -> null;
          };
      case CALLX -> new IndirectCall(dst);
      case EXIT -> new Exit();
      case JCOND ->
          switch (slot.src()) {
            case 0 -> new MayGoto(MayGoto.Kind.MAY_GOTO, slot.offset());
            case 1 -> new MayGoto(MayGoto.Kind.GOTO_OR_NOP, slot.offset());
            default -> null;
          };
      default -> branch(slot, Width.W64);
    };
  }

  private static Insn jump32(Slot slot) {
    return slot.opcode() == GOTOL ? new LongJump(slot.imm()) : branch(slot, Width.W32);
  }

  private static Insn branch(Slot slot, Width width) {
    var cond = CONDS[slot.opcode() >> CODE_SHIFT];
    if (cond == null) {
      return null;
    }
    boolean x = (slot.opcode() & X) != 0;
    var src = x ? Reg.of(slot.src()) : new Imm(slot.imm());
    return new Branch(width, cond, Reg.of(slot.dst()), src, slot.offset());
  }

  private static Insn wide(Slot slot, Slot second) {
    return switch (slot.opcode() & MODE_MASK) {
      case IMM -> slot.opcode() == LDDW && second != null ? lddw(slot, second.imm()) : null;
      case ABS -> new PacketLoad(size(slot), Optional.empty(), slot.imm());
      case IND -> new PacketLoad(size(slot), Optional.of(Reg.of(slot.src())), slot.imm());
      default -> null;
    };
  }

  private static Insn lddw(Slot slot, int next) {
    int imm = slot.imm();
    var value =
        switch (slot.src()) {
          case PSEUDO_CONST -> new Imm64.Const((long) next << 32 | (imm & 0xffff_ffffL));
          case PSEUDO_MAP_FD -> new Imm64.MapFd(imm);
          case PSEUDO_MAP_VALUE -> new Imm64.MapValueFd(imm, next);
          case PSEUDO_BTF_ID -> new Imm64.BtfId(imm, next);
          case PSEUDO_FUNC -> new Imm64.Function(imm);
          case PSEUDO_MAP_IDX -> new Imm64.MapIndex(imm);
          case PSEUDO_MAP_IDX_VALUE -> new Imm64.MapValueIndex(imm, next);
          default -> null;
        };
    return value == null ? null : new LoadImm64(Reg.of(slot.dst()), value);
  }

  private static MemSize size(Slot slot) {
    return SIZES[(slot.opcode() & SIZE_MASK) >> 3];
  }
}
