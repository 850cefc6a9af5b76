package io.github.purebpf.asm;

import io.github.purebpf.insn.AsmException;
import io.github.purebpf.insn.FieldRef;
import io.github.purebpf.insn.MemSize;
import io.github.purebpf.insn.Reg;
import io.github.purebpf.uapi.Helper;
import java.util.function.Consumer;
import java.util.function.ObjIntConsumer;

/** Level 2: loops that the verifier takes, and registers saved on the stack. */
public sealed interface LoopCode permits BpfBuilder {
  /** Writes the body a number of times, with 0, 1, 2, …: no instruction of its own. */
  default BpfBuilder unrolled(int times, ObjIntConsumer<? super BpfBuilder> body) {
    if (times < 0) {
      throw new AsmException("a loop of " + times + " rounds");
    }
    for (int i = 0; i < times; i++) {
      body.accept(self(), i);
    }
    return self();
  }

  /**
   * Runs the body with a counter from 0 to below a limit, which the verifier follows round by
   * round; Linux 5.3.
   *
   * <p>Stands for {@code mov(counter, 0)}, the label top, {@code jge(counter, limit, end)}, the
   * body, {@code add(counter, 1).ja(top)} and the label end.
   *
   * @param counter a register that the body leaves alone
   */
  default BpfBuilder counted(Reg counter, int limit, Consumer<? super BpfBuilder> body) {
    if (limit < 0) {
      throw new AsmException("a loop of " + limit + " rounds");
    }
    var top = self().newLabel();
    var end = self().newLabel();
    self().mov(counter, 0).labelBinding(top).jge(counter, limit, end);
    body.accept(self());
    if (self().reachable()) {
      self().add(counter, 1).ja(top);
    }
    return self().labelBinding(end);
  }

  /**
   * Runs the body until it leaves by a jump or an exit, or until the kernel ends the loop; Linux
   * 6.9.
   *
   * <p>Stands for the label top, {@code mayGoto(end)}, the body, {@code ja(top)} and the label end.
   */
  default BpfBuilder whileMayGoto(Consumer<? super BpfBuilder> body) {
    var top = self().newLabel();
    var end = self().newLabel();
    self().labelBinding(top).mayGoto(end);
    body.accept(self());
    if (self().reachable()) {
      self().ja(top);
    }
    return self().labelBinding(end);
  }

  /**
   * Calls a function of this program a number of times with the round in r1 and the context in r2,
   * until it returns 1; Linux 5.17. r0 becomes the number of rounds or a negative errno.
   *
   * <p>Stands for {@code call(LOOP, rounds, callback, context, 0)}.
   *
   * @param context what the callback gets in r2: an address on the stack, or the constant 0
   */
  default BpfBuilder loop(int rounds, FunctionRef callback, Arg context) {
    return self().call(Helper.LOOP, Arg.imm(rounds), Arg.callback(callback), context, Arg.imm(0));
  }

  /** Saves a register in a new stack slot of eight bytes: {@code stxdw(slot, src)}. */
  default FieldRef<StackSlot> spill(Reg src) {
    var slot = self().stackSlot(MemSize.DW);
    self().stxdw(slot, src);
    return slot;
  }

  /** Gets a saved register back: {@code ldxdw(dst, slot)}. */
  default BpfBuilder reload(Reg dst, FieldRef<StackSlot> slot) {
    return self().ldxdw(dst, slot);
  }

  private BpfBuilder self() {
    return (BpfBuilder) this;
  }
}
