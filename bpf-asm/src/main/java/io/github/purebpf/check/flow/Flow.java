package io.github.purebpf.check.flow;

import io.github.purebpf.insn.Branch;
import io.github.purebpf.insn.Exit;
import io.github.purebpf.insn.Imm64;
import io.github.purebpf.insn.IndirectJump;
import io.github.purebpf.insn.Insn;
import io.github.purebpf.insn.Jump;
import io.github.purebpf.insn.LoadImm64;
import io.github.purebpf.insn.LocalCall;
import io.github.purebpf.insn.LongJump;
import io.github.purebpf.insn.MayGoto;
import io.github.purebpf.insn.RawInsn;
import io.github.purebpf.insn.Slot;
import java.util.OptionalLong;

/**
 * Where control goes from an instruction.
 *
 * @param next whether it can go to the following instruction
 * @param jump slots from the following instruction to where it can jump
 * @param callee slots from the following slot to the function that it calls or takes the address of
 */
public record Flow(boolean next, OptionalLong jump, OptionalLong callee) {
  private static final Flow NEXT = new Flow(true, OptionalLong.empty(), OptionalLong.empty());
  private static final Flow NOWHERE = new Flow(false, OptionalLong.empty(), OptionalLong.empty());

  static Flow of(Insn insn) {
    return switch (insn) {
      case Jump(int offset) -> jump(false, offset);
      case LongJump(int offset) -> jump(false, offset);
      case Branch branch -> jump(true, branch.offset());
      case MayGoto mayGoto -> jump(true, mayGoto.offset());
      case LocalCall(int offset) -> call(offset);
      case LoadImm64(var _, Imm64.Function(int offset)) -> call(offset);
      case Exit _, IndirectJump _ -> NOWHERE;
      case RawInsn(var slot) -> of(slot);
      default -> NEXT;
    };
  }

  /** The kernel looks at jumps before it looks at reserved fields, so those do not count here. */
  private static Flow of(Slot slot) {
    int code = slot.opcode() & 0xf0;
    boolean jumps = (slot.opcode() & 7) == Opcode.JMP;
    if (slot.opcode() == Opcode.EXIT) {
      return NOWHERE;
    }
    if (slot.opcode() == Opcode.CALL) {
      return slot.src() == Opcode.CALL_LOCAL ? call(slot.imm()) : NEXT;
    }
    if (slot.opcode() == Opcode.LDDW) {
      return slot.src() == Opcode.PSEUDO_FUNCTION ? call(slot.imm()) : NEXT;
    }
    if (!Opcode.isKnown(slot.opcode()) || !(jumps || (slot.opcode() & 7) == Opcode.JMP32)) {
      return NEXT;
    }
    return jump(code != 0, slot.opcode() == Opcode.GOTOL ? slot.imm() : slot.offset());
  }

  private static Flow jump(boolean next, int offset) {
    return new Flow(next, OptionalLong.of(offset), OptionalLong.empty());
  }

  private static Flow call(int offset) {
    return new Flow(true, OptionalLong.empty(), OptionalLong.of(offset));
  }
}
