package io.github.purebpf.asm;

import io.github.purebpf.insn.Cond;
import io.github.purebpf.insn.Exit;
import io.github.purebpf.insn.HelperCall;
import io.github.purebpf.insn.Imm;
import io.github.purebpf.insn.IndirectCall;
import io.github.purebpf.insn.IndirectJump;
import io.github.purebpf.insn.Insn;
import io.github.purebpf.insn.Kfunc;
import io.github.purebpf.insn.KfuncCall;
import io.github.purebpf.insn.Reg;
import io.github.purebpf.insn.Src;
import io.github.purebpf.insn.Width;
import io.github.purebpf.uapi.Helper;
import java.util.function.Consumer;

/**
 * Level 1, control: branches, jumps, calls and the exit. A target out of 16-bit reach is reached
 * through {@code gotol} (Linux 6.6) without further ado.
 */
public sealed interface JumpMnemonics permits BpfBuilder {
  /** Appends one instruction; every mnemonic is a line over this. */
  BpfBuilder with(Insn insn);

  /** A new label, to be bound once with {@link #labelBinding}. */
  Label newLabel();

  /** A new label that listings and errors call by a name; names need not differ. */
  Label newLabel(String name);

  /**
   * Puts the label here, before the next instruction.
   *
   * @throws io.github.purebpf.insn.AsmException if it is bound already
   */
  BpfBuilder labelBinding(Label label);

  /** {@code goto target}. */
  BpfBuilder ja(Label target);

  /** {@code if dst cond src goto target}, over 64 or 32 bits. */
  BpfBuilder branch(Width width, Cond cond, Reg dst, Src src, Label target);

  /** {@code gotol target}, in the form with 32 bits of reach even where 16 would do; Linux 6.6. */
  BpfBuilder gotol(Label target);

  /** {@code may_goto target}: taken once the kernel finds that a loop has run long enough; 6.9. */
  BpfBuilder mayGoto(Label target);

  /** {@code if (dst == src) goto target}. */
  default BpfBuilder jeq(Reg dst, Reg src, Label target) {
    return branch(Width.W64, Cond.EQ, dst, src, target);
  }

  /** {@code if (dst == imm) goto target}. */
  default BpfBuilder jeq(Reg dst, int imm, Label target) {
    return branch(Width.W64, Cond.EQ, dst, new Imm(imm), target);
  }

  /** {@code if (dst == src) goto target}, 32 bits; Linux 5.1. */
  default BpfBuilder jeq32(Reg dst, Reg src, Label target) {
    return branch(Width.W32, Cond.EQ, dst, src, target);
  }

  /** {@code if (dst == imm) goto target}, 32 bits; Linux 5.1. */
  default BpfBuilder jeq32(Reg dst, int imm, Label target) {
    return branch(Width.W32, Cond.EQ, dst, new Imm(imm), target);
  }

  /** {@code if (dst != src) goto target}. */
  default BpfBuilder jne(Reg dst, Reg src, Label target) {
    return branch(Width.W64, Cond.NE, dst, src, target);
  }

  /** {@code if (dst != imm) goto target}. */
  default BpfBuilder jne(Reg dst, int imm, Label target) {
    return branch(Width.W64, Cond.NE, dst, new Imm(imm), target);
  }

  /** {@code if (dst != src) goto target}, 32 bits; Linux 5.1. */
  default BpfBuilder jne32(Reg dst, Reg src, Label target) {
    return branch(Width.W32, Cond.NE, dst, src, target);
  }

  /** {@code if (dst != imm) goto target}, 32 bits; Linux 5.1. */
  default BpfBuilder jne32(Reg dst, int imm, Label target) {
    return branch(Width.W32, Cond.NE, dst, new Imm(imm), target);
  }

  /** {@code if (dst > src) goto target}, unsigned. */
  default BpfBuilder jgt(Reg dst, Reg src, Label target) {
    return branch(Width.W64, Cond.UGT, dst, src, target);
  }

  /** {@code if (dst > imm) goto target}, unsigned. */
  default BpfBuilder jgt(Reg dst, int imm, Label target) {
    return branch(Width.W64, Cond.UGT, dst, new Imm(imm), target);
  }

  /** {@code if (dst > src) goto target}, unsigned, 32 bits; Linux 5.1. */
  default BpfBuilder jgt32(Reg dst, Reg src, Label target) {
    return branch(Width.W32, Cond.UGT, dst, src, target);
  }

  /** {@code if (dst > imm) goto target}, unsigned, 32 bits; Linux 5.1. */
  default BpfBuilder jgt32(Reg dst, int imm, Label target) {
    return branch(Width.W32, Cond.UGT, dst, new Imm(imm), target);
  }

  /** {@code if (dst >= src) goto target}, unsigned. */
  default BpfBuilder jge(Reg dst, Reg src, Label target) {
    return branch(Width.W64, Cond.UGE, dst, src, target);
  }

  /** {@code if (dst >= imm) goto target}, unsigned. */
  default BpfBuilder jge(Reg dst, int imm, Label target) {
    return branch(Width.W64, Cond.UGE, dst, new Imm(imm), target);
  }

  /** {@code if (dst >= src) goto target}, unsigned, 32 bits; Linux 5.1. */
  default BpfBuilder jge32(Reg dst, Reg src, Label target) {
    return branch(Width.W32, Cond.UGE, dst, src, target);
  }

  /** {@code if (dst >= imm) goto target}, unsigned, 32 bits; Linux 5.1. */
  default BpfBuilder jge32(Reg dst, int imm, Label target) {
    return branch(Width.W32, Cond.UGE, dst, new Imm(imm), target);
  }

  /** {@code if (dst < src) goto target}, unsigned. */
  default BpfBuilder jlt(Reg dst, Reg src, Label target) {
    return branch(Width.W64, Cond.ULT, dst, src, target);
  }

  /** {@code if (dst < imm) goto target}, unsigned. */
  default BpfBuilder jlt(Reg dst, int imm, Label target) {
    return branch(Width.W64, Cond.ULT, dst, new Imm(imm), target);
  }

  /** {@code if (dst < src) goto target}, unsigned, 32 bits; Linux 5.1. */
  default BpfBuilder jlt32(Reg dst, Reg src, Label target) {
    return branch(Width.W32, Cond.ULT, dst, src, target);
  }

  /** {@code if (dst < imm) goto target}, unsigned, 32 bits; Linux 5.1. */
  default BpfBuilder jlt32(Reg dst, int imm, Label target) {
    return branch(Width.W32, Cond.ULT, dst, new Imm(imm), target);
  }

  /** {@code if (dst <= src) goto target}, unsigned. */
  default BpfBuilder jle(Reg dst, Reg src, Label target) {
    return branch(Width.W64, Cond.ULE, dst, src, target);
  }

  /** {@code if (dst <= imm) goto target}, unsigned. */
  default BpfBuilder jle(Reg dst, int imm, Label target) {
    return branch(Width.W64, Cond.ULE, dst, new Imm(imm), target);
  }

  /** {@code if (dst <= src) goto target}, unsigned, 32 bits; Linux 5.1. */
  default BpfBuilder jle32(Reg dst, Reg src, Label target) {
    return branch(Width.W32, Cond.ULE, dst, src, target);
  }

  /** {@code if (dst <= imm) goto target}, unsigned, 32 bits; Linux 5.1. */
  default BpfBuilder jle32(Reg dst, int imm, Label target) {
    return branch(Width.W32, Cond.ULE, dst, new Imm(imm), target);
  }

  /** {@code if (dst & src) goto target}. */
  default BpfBuilder jset(Reg dst, Reg src, Label target) {
    return branch(Width.W64, Cond.SET, dst, src, target);
  }

  /** {@code if (dst & imm) goto target}. */
  default BpfBuilder jset(Reg dst, int imm, Label target) {
    return branch(Width.W64, Cond.SET, dst, new Imm(imm), target);
  }

  /** {@code if (dst & src) goto target}, 32 bits; Linux 5.1. */
  default BpfBuilder jset32(Reg dst, Reg src, Label target) {
    return branch(Width.W32, Cond.SET, dst, src, target);
  }

  /** {@code if (dst & imm) goto target}, 32 bits; Linux 5.1. */
  default BpfBuilder jset32(Reg dst, int imm, Label target) {
    return branch(Width.W32, Cond.SET, dst, new Imm(imm), target);
  }

  /** {@code if (dst > src) goto target}, signed. */
  default BpfBuilder jsgt(Reg dst, Reg src, Label target) {
    return branch(Width.W64, Cond.SGT, dst, src, target);
  }

  /** {@code if (dst > imm) goto target}, signed. */
  default BpfBuilder jsgt(Reg dst, int imm, Label target) {
    return branch(Width.W64, Cond.SGT, dst, new Imm(imm), target);
  }

  /** {@code if (dst > src) goto target}, signed, 32 bits; Linux 5.1. */
  default BpfBuilder jsgt32(Reg dst, Reg src, Label target) {
    return branch(Width.W32, Cond.SGT, dst, src, target);
  }

  /** {@code if (dst > imm) goto target}, signed, 32 bits; Linux 5.1. */
  default BpfBuilder jsgt32(Reg dst, int imm, Label target) {
    return branch(Width.W32, Cond.SGT, dst, new Imm(imm), target);
  }

  /** {@code if (dst >= src) goto target}, signed. */
  default BpfBuilder jsge(Reg dst, Reg src, Label target) {
    return branch(Width.W64, Cond.SGE, dst, src, target);
  }

  /** {@code if (dst >= imm) goto target}, signed. */
  default BpfBuilder jsge(Reg dst, int imm, Label target) {
    return branch(Width.W64, Cond.SGE, dst, new Imm(imm), target);
  }

  /** {@code if (dst >= src) goto target}, signed, 32 bits; Linux 5.1. */
  default BpfBuilder jsge32(Reg dst, Reg src, Label target) {
    return branch(Width.W32, Cond.SGE, dst, src, target);
  }

  /** {@code if (dst >= imm) goto target}, signed, 32 bits; Linux 5.1. */
  default BpfBuilder jsge32(Reg dst, int imm, Label target) {
    return branch(Width.W32, Cond.SGE, dst, new Imm(imm), target);
  }

  /** {@code if (dst < src) goto target}, signed. */
  default BpfBuilder jslt(Reg dst, Reg src, Label target) {
    return branch(Width.W64, Cond.SLT, dst, src, target);
  }

  /** {@code if (dst < imm) goto target}, signed. */
  default BpfBuilder jslt(Reg dst, int imm, Label target) {
    return branch(Width.W64, Cond.SLT, dst, new Imm(imm), target);
  }

  /** {@code if (dst < src) goto target}, signed, 32 bits; Linux 5.1. */
  default BpfBuilder jslt32(Reg dst, Reg src, Label target) {
    return branch(Width.W32, Cond.SLT, dst, src, target);
  }

  /** {@code if (dst < imm) goto target}, signed, 32 bits; Linux 5.1. */
  default BpfBuilder jslt32(Reg dst, int imm, Label target) {
    return branch(Width.W32, Cond.SLT, dst, new Imm(imm), target);
  }

  /** {@code if (dst <= src) goto target}, signed. */
  default BpfBuilder jsle(Reg dst, Reg src, Label target) {
    return branch(Width.W64, Cond.SLE, dst, src, target);
  }

  /** {@code if (dst <= imm) goto target}, signed. */
  default BpfBuilder jsle(Reg dst, int imm, Label target) {
    return branch(Width.W64, Cond.SLE, dst, new Imm(imm), target);
  }

  /** {@code if (dst <= src) goto target}, signed, 32 bits; Linux 5.1. */
  default BpfBuilder jsle32(Reg dst, Reg src, Label target) {
    return branch(Width.W32, Cond.SLE, dst, src, target);
  }

  /** {@code if (dst <= imm) goto target}, signed, 32 bits; Linux 5.1. */
  default BpfBuilder jsle32(Reg dst, int imm, Label target) {
    return branch(Width.W32, Cond.SLE, dst, new Imm(imm), target);
  }

  /** A call of a kernel helper: arguments in r1 to r5, which it destroys, the result in r0. */
  default BpfBuilder call(Helper helper) {
    return with(new HelperCall(helper.id()));
  }

  /** A call of a helper by its number in {@code enum bpf_func_id}. */
  default BpfBuilder call(int helperId) {
    return with(new HelperCall(helperId));
  }

  /** A call of a kernel function by its id in the kernel's own BTF; Linux 5.13. */
  default BpfBuilder callKfunc(int btfId) {
    return with(new KfuncCall(new Kfunc.ById(btfId, 0)));
  }

  /** A call of a kernel function by name, bound when the program is loaded; Linux 5.13. */
  default BpfBuilder callKfunc(String name) {
    return with(new KfuncCall(new Kfunc.Named(name)));
  }

  /** A new function of this program, to be given its body once with {@link #function}. */
  FunctionRef newFunction(String name);

  /**
   * Gives a function its body, behind the code of the program's entry. Arguments arrive in r1 to
   * r5, r6 to r9 belong to the caller and come back unchanged, the stack is its own; the body ends
   * with {@code exit}. The entry's own code goes on with the next call.
   *
   * @throws io.github.purebpf.insn.AsmException if it has a body already
   */
  BpfBuilder function(FunctionRef function, Consumer<? super BpfBuilder> body);

  /** A call of a function of this program: arguments in r1 to r5, the result in r0; Linux 4.16. */
  BpfBuilder call(FunctionRef function);

  /** The address of a function of this program, for helpers that take a callback; Linux 5.13. */
  BpfBuilder lddw(Reg dst, FunctionRef function);

  /** {@code gotox target}: through an instruction array; Linux 6.19. */
  default BpfBuilder gotox(Reg target) {
    return with(new IndirectJump(target));
  }

  /** {@code callx target}: in the instruction set, but in no kernel yet. */
  default BpfBuilder callx(Reg target) {
    return with(new IndirectCall(target));
  }

  /** {@code exit}: the end of the program, with its result in r0. */
  default BpfBuilder exit() {
    return with(new Exit());
  }
}
