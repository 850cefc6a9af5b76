package io.github.purebpf.insn;

import java.util.Objects;

/**
 * The struct that a register points into.
 *
 * @param <S> the struct
 * @param base the register that holds the address
 * @param offset bytes from that address to the start of the struct
 */
public record StructRef<S>(Reg base, int offset) implements MemOperand {
  /** Refuses a place that 16 bits of offset do not reach. */
  public StructRef {
    Objects.requireNonNull(base, "base");
    Mem _ = new Mem(base, offset);
  }

  /** A field of this struct; a field of another struct does not compile. */
  public FieldRef<S> get(Field<S> field) {
    return new FieldRef<>(base, offset, field);
  }

  @Override
  public Mem mem() {
    return new Mem(base, offset);
  }
}
