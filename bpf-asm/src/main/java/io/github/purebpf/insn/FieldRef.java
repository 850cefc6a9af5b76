package io.github.purebpf.insn;

import java.util.Objects;
import java.util.Set;

/**
 * A field of the struct that a register points into.
 *
 * @param <S> the struct
 * @param base the register that holds the address
 * @param structOffset bytes from that address to the start of the struct
 * @param field the field
 */
public record FieldRef<S>(Reg base, int structOffset, Field<S> field) implements MemOperand {
  /** Refuses a place that 16 bits of offset do not reach. */
  public FieldRef {
    Objects.requireNonNull(base, "base");
    Mem _ = new Mem(base, structOffset + field.offset());
  }

  /** The field's own size. */
  public MemSize size() {
    return field.size();
  }

  @Override
  public Mem mem() {
    return new Mem(base, structOffset + field.offset());
  }

  @Override
  public Mem forRead(MemSize size) {
    check("read", size, field.readable());
    return mem();
  }

  @Override
  public Mem forWrite(MemSize size) {
    check("written", size, field.writable());
    return mem();
  }

  private void check(String verb, MemSize size, Set<MemSize> allowed) {
    if (allowed.contains(size)) {
      return;
    }
    var remedy =
        allowed.isEmpty()
            ? "it cannot be " + verb + " at all"
            : "it can be " + verb + " in " + bytes(allowed) + " bytes";
    throw new AsmException(
        "field "
            + field.name()
            + " cannot be "
            + verb
            + " in "
            + size.bytes()
            + " bytes: "
            + remedy);
  }

  private static String bytes(Set<MemSize> sizes) {
    return String.join(
        " or ", sizes.stream().sorted().map(size -> Integer.toString(size.bytes())).toList());
  }
}
