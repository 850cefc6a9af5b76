package io.github.purebpf.check.rules;

import io.github.purebpf.check.Rule;
import io.github.purebpf.check.flow.Opcode;
import io.github.purebpf.insn.IndirectCall;
import io.github.purebpf.insn.Insn;
import io.github.purebpf.insn.MayGoto;
import io.github.purebpf.insn.RawInsn;
import io.github.purebpf.insn.Slot;
import java.util.Optional;

/** What is wrong with a slot that is no instruction: which field, or the opcode itself. */
final class RawRules {
  /**
   * What is wrong.
   *
   * @param always whether the kernel looks at it in dead code, too
   */
  record Diagnosis(boolean always, Flaw flaw) {}

  private static final int LAST_REGISTER = 10;

  private final Slot slot;
  private final int mnemonicClass;
  private final boolean x;

  private RawRules(Slot slot) {
    this.slot = slot;
    mnemonicClass = slot.opcode() & 7;
    x = (slot.opcode() & 8) != 0;
  }

  /** What is wrong with an instruction; empty for one that kernels take. */
  static Optional<Diagnosis> diagnose(Insn insn) {
    return switch (insn) {
      // Whether a callback's address may have an upper half is left to the kernel.
      case RawInsn(var slot) when slot.opcode() == Opcode.LDDW && slot.src() == 4 ->
          Optional.empty();
      case RawInsn(var slot) -> Optional.of(new RawRules(slot).diagnose());
      case IndirectCall _ ->
          Optional.of(
              always(Rule.UNKNOWN_OPCODE, "callx is in no kernel", "call a helper or a function"));
      case MayGoto(var kind, int _) when kind == MayGoto.Kind.GOTO_OR_NOP ->
          Optional.of(reserved("goto_or_nop, may_goto with source register 1, is in no kernel"));
      default -> Optional.empty();
    };
  }

  private Diagnosis diagnose() {
    if (!Opcode.isKnown(slot.opcode())) {
      return always(
          Rule.UNKNOWN_OPCODE,
          "opcode %02x is no instruction".formatted(slot.opcode()),
          "check the bytes and their order");
    }
    if (slot.opcode() == Opcode.LDDW) {
      return wide();
    }
    return switch (mnemonicClass) {
      case 0 -> packetLoad();
      case 1 -> load();
      case 2, 3 -> store();
      case 4, 7 -> arithmetic();
      default -> jump();
    };
  }

  private Diagnosis wide() {
    if (slot.dst() > LAST_REGISTER) {
      return register(slot.dst());
    }
    if (slot.offset() != 0) {
      return reserved("offset", slot.offset());
    }
    if (slot.src() > 6) {
      return always(
          Rule.RESERVED_FIELD,
          "source register %d of a 64-bit constant means nothing".formatted(slot.src()),
          "use 0 for a number or 1 for a map");
    }
    if (slot.dst() == LAST_REGISTER) {
      return framePointer();
    }
    return always(
        Rule.LDDW_INCOMPLETE,
        "a 64-bit constant has two slots, and the second is missing or in use",
        "follow it by a slot of opcode 0 that holds nothing but the upper half");
  }

  private Diagnosis packetLoad() {
    boolean indirect = slot.opcode() >= 0x40;
    if (slot.dst() != 0) {
      return reserved("destination register", slot.dst());
    }
    if (slot.offset() != 0) {
      return reserved("offset", slot.offset());
    }
    return indirect ? register(slot.src()) : reserved("source register", slot.src());
  }

  private Diagnosis load() {
    if (slot.imm() != 0) {
      return always(
          Rule.RESERVED_FIELD, "a load has no immediate, but it is " + slot.imm(), "set it to 0");
    }
    return slot.src() > LAST_REGISTER ? register(slot.src()) : destination();
  }

  private Diagnosis store() {
    if ((slot.opcode() & 0xe0) == 0xc0) {
      return atomic();
    }
    if (slot.dst() > LAST_REGISTER) {
      return register(slot.dst());
    }
    if (mnemonicClass == 2) {
      return reserved("source register", slot.src());
    }
    return slot.imm() != 0 ? reserved("immediate", slot.imm()) : register(slot.src());
  }

  private Diagnosis atomic() {
    int size = slot.opcode() & 0x18;
    boolean ordered = slot.imm() == 0x100 || slot.imm() == 0x110;
    if (!ordered && !isAtomic(slot.imm())) {
      return visited(
          Rule.ATOMIC_OPERATION,
          "there is no atomic operation %02x".formatted(slot.imm()),
          "use add, or, and, xor, their fetching forms, xchg or cmpxchg");
    }
    if (!ordered && (size == 0x08 || size == 0x10)) {
      return visited(
          Rule.ATOMIC_OPERATION,
          "atomic operations have 4 or 8 bytes, not " + (size == 0x10 ? 1 : 2),
          "use 4 or 8 bytes");
    }
    if (slot.dst() > LAST_REGISTER || slot.src() > LAST_REGISTER) {
      return register(Math.max(slot.dst(), slot.src()));
    }
    return framePointer();
  }

  private static boolean isAtomic(int imm) {
    return switch (imm) {
      case 0x00, 0x01, 0x40, 0x41, 0x50, 0x51, 0xa0, 0xa1, 0xe1, 0xf1 -> true;
      default -> false;
    };
  }

  private Diagnosis arithmetic() {
    int code = slot.opcode() & 0xf0;
    int bits = mnemonicClass == 7 ? 64 : 32;
    if (code == 0xd0) {
      if (slot.src() != 0) {
        return reserved("source register", slot.src());
      }
      if (slot.offset() != 0) {
        return reserved("offset", slot.offset());
      }
      return width("a byte swap", slot.imm(), slot.imm() == 16 || slot.imm() == 32);
    }
    if (code == 0x80) {
      return slot.src() != 0
          ? reserved("source register", slot.src())
          : slot.offset() != 0 ? reserved("offset", slot.offset()) : immediateOrDestination();
    }
    if (x && slot.imm() != 0 && !(code == 0xb0 && slot.offset() == 1 && bits == 64)) {
      return reserved("immediate", slot.imm());
    }
    if (!x && slot.src() != 0) {
      return reserved("source register", slot.src());
    }
    boolean division = code == 0x30 || code == 0x90;
    if (code == 0xb0 && x && slot.offset() == 1 && bits == 64) {
      return reserved("addr_space_cast converts from space 0 to 1 or from 1 to 0, nothing else");
    }
    if (code == 0xb0 && x && slot.offset() != 0) {
      return width("a sign extension", slot.offset(), fitsMove(bits));
    }
    if (slot.offset() != 0 && !(division && slot.offset() == 1)) {
      return reserved("offset", slot.offset());
    }
    if (slot.dst() > LAST_REGISTER || (x && slot.src() > LAST_REGISTER)) {
      return register(Math.max(slot.dst(), x ? slot.src() : 0));
    }
    if (division && !x && slot.imm() == 0) {
      return visited(
          Rule.DIVISION_BY_ZERO, "it divides by the constant zero", "divide by another number");
    }
    boolean shift = code == 0x60 || code == 0x70 || code == 0xc0;
    if (shift && !x && (slot.imm() < 0 || slot.imm() >= bits)) {
      return visited(
          Rule.SHIFT_WIDTH,
          "it shifts %d bits by %d".formatted(bits, slot.imm()),
          "shift by 0 to " + (bits - 1));
    }
    return destination();
  }

  private boolean fitsMove(int bits) {
    return slot.offset() == 8 || slot.offset() == 16 || (slot.offset() == 32 && bits == 64);
  }

  private Diagnosis width(String what, int bits, boolean fits) {
    if (fits || (bits == 64 && (slot.opcode() & 0xf0) == 0xd0)) {
      return slot.src() > LAST_REGISTER ? register(slot.src()) : destination();
    }
    return visited(
        Rule.OPERAND_WIDTH,
        "there is no %s of %d bits here".formatted(what.substring(2), bits),
        what + " has 8, 16, 32 or 64 bits, and a sign extension fewer than its result");
  }

  private Diagnosis immediateOrDestination() {
    return slot.imm() != 0 ? reserved("immediate", slot.imm()) : destination();
  }

  private Diagnosis jump() {
    boolean exit = slot.opcode() == Opcode.EXIT;
    boolean call = slot.opcode() == Opcode.CALL;
    boolean plain = slot.opcode() == 0x05 || slot.opcode() == Opcode.GOTOL;
    if (exit || call || plain || slot.opcode() == Opcode.JCOND) {
      if (slot.dst() != 0) {
        return reserved("destination register", slot.dst());
      }
      if (!call && slot.src() != 0) {
        return reserved("source register", slot.src());
      }
      if (call && slot.src() > 2) {
        return reserved("source register", slot.src());
      }
      return call || slot.opcode() == Opcode.GOTOL
          ? reserved("offset", slot.offset())
          : reserved("immediate", slot.imm());
    }
    if (!x && slot.src() != 0) {
      return reserved("source register", slot.src());
    }
    return x && slot.imm() != 0
        ? reserved("immediate", slot.imm())
        : register(Math.max(slot.dst(), slot.src()));
  }

  /** The rest was right, so it is the register written to. */
  private Diagnosis destination() {
    return slot.dst() > LAST_REGISTER ? register(slot.dst()) : framePointer();
  }

  private static Diagnosis framePointer() {
    return visited(
        Rule.FRAME_POINTER_WRITE,
        "it writes r10, the frame pointer, which is read-only",
        "copy r10 to another register and change that");
  }

  private static Diagnosis register(int number) {
    return visited(
        Rule.INVALID_REGISTER, "there is no register r" + number, "use one of r0 to r10");
  }

  private static Diagnosis reserved(String field, int value) {
    return reserved("its %s is not used and must be 0, but it is %d".formatted(field, value));
  }

  private static Diagnosis reserved(String why) {
    return visited(Rule.RESERVED_FIELD, why, "set the field to 0");
  }

  private static Diagnosis visited(Rule rule, String why, String remedy) {
    return new Diagnosis(false, new Flaw(rule, why, remedy));
  }

  private static Diagnosis always(Rule rule, String why, String remedy) {
    return new Diagnosis(true, new Flaw(rule, why, remedy));
  }
}
