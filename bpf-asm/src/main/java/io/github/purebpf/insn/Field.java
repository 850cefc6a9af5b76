package io.github.purebpf.insn;

import java.util.Objects;
import java.util.Set;

/**
 * A field of a C struct that a BPF program reaches through a pointer: where it lies, how wide it
 * is, and in which sizes the kernel lets a program read and write it.
 *
 * @param <S> the struct, so that a field of one struct is not taken for a field of another
 * @param name the field's name in C
 * @param offset bytes from the start of the struct
 * @param size the field's own size
 * @param readable the sizes in which it may be read; empty when it may not
 * @param writable the sizes in which it may be written; empty when it may not
 */
@SuppressWarnings("UnusedTypeParameter") // S only tells one struct's fields from another's
public record Field<S>(
    String name, int offset, MemSize size, Set<MemSize> readable, Set<MemSize> writable) {
  /** Checks the offset and copies the sets. */
  public Field {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(size, "size");
    if (offset < 0 || offset > Short.MAX_VALUE) {
      throw new IllegalArgumentException(
          "field " + name + ": offset " + offset + " is outside 0 to 32767");
    }
    readable = Set.copyOf(readable);
    writable = Set.copyOf(writable);
  }

  /** A field of plain memory, such as a map value: read and written in its own size. */
  public static <S> Field<S> of(String name, int offset, MemSize size) {
    return new Field<>(name, offset, size, Set.of(size), Set.of(size));
  }
}
