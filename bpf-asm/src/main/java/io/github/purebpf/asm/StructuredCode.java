package io.github.purebpf.asm;

import static io.github.purebpf.insn.Reg.R0;
import static io.github.purebpf.insn.Reg.R1;
import static io.github.purebpf.insn.Reg.R2;

import io.github.purebpf.insn.Cond;
import io.github.purebpf.insn.FieldRef;
import io.github.purebpf.insn.Imm;
import io.github.purebpf.insn.Insn;
import io.github.purebpf.insn.Load;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.insn.Mem;
import io.github.purebpf.insn.MemOperand;
import io.github.purebpf.insn.MemSize;
import io.github.purebpf.insn.Reg;
import io.github.purebpf.insn.Src;
import io.github.purebpf.insn.Store;
import io.github.purebpf.insn.StructRef;
import io.github.purebpf.insn.Width;
import io.github.purebpf.layout.Struct;
import io.github.purebpf.uapi.Helper;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * Level 2: the bookkeeping of stack offsets, labels and argument registers taken over. Every method
 * says which level 1 calls it stands for; none touches a register that it does not name.
 */
public sealed interface StructuredCode permits BpfBuilder {
  /** Appends one instruction. */
  BpfBuilder with(Insn insn);

  /**
   * The context, which arrives in r1, kept in a register that survives calls.
   *
   * <p>Stands for {@code mov(keeper, R1)}.
   *
   * @param context the context struct of the program's type, such as {@code BpfSockAddr.class}
   */
  default <S> StructRef<S> keepContext(Reg keeper, Class<S> context) {
    Objects.requireNonNull(context, "context");
    self().mov(keeper, R1);
    return new StructRef<>(keeper, 0);
  }

  /**
   * Room for one integer on the stack, aligned to its size, below what was taken before. Appends
   * nothing.
   *
   * @throws io.github.purebpf.insn.AsmException if the 512 bytes of stack are used up
   */
  FieldRef<StackSlot> stackSlot(MemSize size);

  /**
   * Room for a struct on the stack, aligned to eight bytes, below what was taken before. Appends
   * nothing.
   *
   * @throws io.github.purebpf.insn.AsmException if the 512 bytes of stack are used up
   */
  <S> StructRef<S> stackStruct(Struct<S> struct);

  /** Reads a field in its own size: {@code ldxw(dst, field)} for one of four bytes. */
  default BpfBuilder load(Reg dst, FieldRef<?> field) {
    return with(new Load(field.size(), false, dst, field.forRead(field.size())));
  }

  /** Writes a field in its own size: {@code stxw(field, src)} for one of four bytes. */
  default BpfBuilder store(FieldRef<?> field, Reg src) {
    return with(new Store(field.size(), field.forWrite(field.size()), src));
  }

  /**
   * Writes a constant to a field in its own size: {@code stw(field, imm)} for one of four bytes.
   */
  default BpfBuilder store(FieldRef<?> field, int imm) {
    return with(new Store(field.size(), field.forWrite(field.size()), new Imm(imm)));
  }

  /** The address of something in memory: {@code mov(dst, base).add(dst, offset)}. */
  default BpfBuilder addressOf(Reg dst, MemOperand place) {
    Mem mem = place.mem();
    self().mov(dst, mem.base());
    return mem.offset() == 0 ? self() : self().add(dst, mem.offset());
  }

  /**
   * Looks a key up: r0 becomes the address of its value, or null; r1 to r5 are gone.
   *
   * <p>Stands for {@code addressOf(R2, key).lddw(R1, map).call(MAP_LOOKUP_ELEM)}.
   */
  default BpfBuilder mapLookup(MapRef map, MemOperand key) {
    return addressOf(R2, key).lddw(R1, map).call(Helper.MAP_LOOKUP_ELEM);
  }

  /** Runs the block if the register is not null: {@code jeq(pointer, 0, end)}, block, end. */
  default BpfBuilder ifNonNull(Reg pointer, Consumer<? super BpfBuilder> block) {
    return ifThen(pointer, Cond.NE, 0, block);
  }

  /** Runs the block if a 64-bit comparison with a constant holds: a branch over it if not. */
  default BpfBuilder ifThen(Reg dst, Cond cond, int imm, Consumer<? super BpfBuilder> block) {
    return ifThen(Width.W64, dst, cond, new Imm(imm), block);
  }

  /** Runs the block if a 64-bit comparison of registers holds: a branch over it if not. */
  default BpfBuilder ifThen(Reg dst, Cond cond, Reg src, Consumer<? super BpfBuilder> block) {
    return ifThen(Width.W64, dst, cond, src, block);
  }

  /**
   * Runs the block if the comparison holds.
   *
   * <p>Stands for a branch on the inverse condition to the end, the block, and the label of the
   * end. SET has no inverse: there it is {@code jset(then)}, {@code ja(end)}, and the label then.
   */
  default BpfBuilder ifThen(
      Width width, Reg dst, Cond cond, Src src, Consumer<? super BpfBuilder> block) {
    var end = self().newLabel();
    branchUnless(width, dst, cond, src, end);
    block.accept(self());
    return self().labelBinding(end);
  }

  /**
   * Runs one of two blocks.
   *
   * <p>Stands for a branch on the inverse condition to the second, the first block, {@code ja(end)}
   * if the end of the first block can be reached, the second block, and the label of the end.
   */
  default BpfBuilder ifThenElse(
      Width width,
      Reg dst,
      Cond cond,
      Src src,
      Consumer<? super BpfBuilder> block,
      Consumer<? super BpfBuilder> otherwise) {
    var second = self().newLabel();
    var end = self().newLabel();
    branchUnless(width, dst, cond, src, second);
    block.accept(self());
    boolean joins = self().reachable();
    if (joins) {
      self().ja(end);
    }
    self().labelBinding(second);
    otherwise.accept(self());
    return joins ? self().labelBinding(end) : self();
  }

  private void branchUnless(Width width, Reg dst, Cond cond, Src src, Label target) {
    var inverse = cond.inverse();
    if (inverse.isPresent()) {
      self().branch(width, inverse.get(), dst, src, target);
      return;
    }
    var then = self().newLabel();
    self().branch(width, cond, dst, src, then).ja(target).labelBinding(then);
  }

  /** Ends the program with a constant result: {@code mov(R0, result).exit()}. */
  default BpfBuilder returning(int result) {
    return self().mov(R0, result).exit();
  }

  private BpfBuilder self() {
    return (BpfBuilder) this;
  }
}
