package io.github.purebpf.btf;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The types of a kernel, a module or an object, read from BTF bytes.
 *
 * <p>Parsing checks the header and that every type lies inside the type section, and remembers
 * where each begins; the types themselves are decoded when they are asked for. A fault inside a
 * type, such as a name outside the string section, is therefore a {@link BtfException} of the call
 * that first looks at the type. An instance is immutable and may be shared between threads.
 *
 * <pre>{@code
 * Btf kernel = Btf.read(Path.of("/sys/kernel/btf/vmlinux"));
 * Struct ctx = kernel.byName("bpf_sock_addr", Struct.class).orElseThrow();
 * }</pre>
 */
public final class Btf {
  /** How many modifiers or arrays may be wrapped around a type, as in the kernel. */
  private static final int MAX_DEPTH = 32;

  private final BtfData data;
  private final Btf base;
  private final int firstId;
  private final int[] offsets;

  private Btf(BtfData data, Btf base) {
    this.data = data;
    this.base = base;
    this.firstId = base == null ? 1 : base.typeCount();
    this.offsets = data.index();
  }

  /**
   * Parses BTF that stands for itself, in the byte order its first two bytes tell.
   *
   * @throws BtfException if the bytes are not BTF
   */
  public static Btf parse(byte[] bytes) {
    return parse(ByteBuffer.wrap(bytes));
  }

  /**
   * Parses BTF that stands for itself: the remaining bytes of a buffer, which is left as it is.
   *
   * @throws BtfException if the bytes are not BTF
   */
  public static Btf parse(ByteBuffer bytes) {
    return new Btf(BtfData.parse(bytes, null), null);
  }

  /**
   * Parses split BTF, such as that of a kernel module, whose ids and strings continue those of a
   * base.
   *
   * @param split the remaining bytes of a buffer, which is left as it is
   * @param base the BTF it was made against, for a module that of the running kernel
   * @throws BtfException if the bytes are not BTF
   */
  public static Btf parse(ByteBuffer split, Btf base) {
    Objects.requireNonNull(base, "base");
    return new Btf(BtfData.parse(split, base.data), base);
  }

  /**
   * Reads a file of BTF that stands for itself, such as {@code /sys/kernel/btf/vmlinux}.
   *
   * @throws IOException if the file cannot be read
   * @throws BtfException if it is not BTF
   */
  public static Btf read(Path file) throws IOException {
    return parse(Files.readAllBytes(file));
  }

  /** The byte order the bytes are in. */
  public ByteOrder order() {
    return data.order();
  }

  /** One more than the highest id: {@code void} and the types of a base are counted. */
  public int typeCount() {
    return firstId + offsets.length;
  }

  /**
   * The type with an id; id 0 is {@link BtfType.VoidType}.
   *
   * @throws IndexOutOfBoundsException if the id is not below {@link #typeCount()}
   * @throws BtfException if the type's bytes make no sense
   */
  public BtfType type(int id) {
    Objects.checkIndex(id, typeCount());
    if (id == 0) {
      return new BtfType.VoidType();
    }
    if (id < firstId) {
      return base.type(id);
    }
    return new TypeDecoder(data, offsets[id - firstId], typeCount()).decode();
  }

  /**
   * The string at an offset: what {@link BtfBuilder#string} stored, such as a line of source.
   *
   * @param offset as the kernel's records of lines hold it
   * @throws BtfException if it lies outside the strings
   */
  public String string(int offset) {
    return data.string(offset, 0);
  }

  /**
   * The first type of a name and a sort, a base's types coming first.
   *
   * @param name the exact name
   * @param sort a record of {@link BtfType}, or an interface that several of them share
   * @throws BtfException if a type looked at makes no sense
   */
  public <T extends BtfType> Optional<T> byName(String name, Class<T> sort) {
    OptionalInt id = idOf(name, sort);
    return id.isPresent() ? Optional.of(sort.cast(type(id.getAsInt()))) : Optional.empty();
  }

  /**
   * The id of the first type of a name and a sort, a base's types coming first.
   *
   * @param name the exact name
   * @param sort a record of {@link BtfType}, or an interface that several of them share
   * @throws BtfException if a name looked at lies outside the strings
   */
  public OptionalInt idOf(String name, Class<? extends BtfType> sort) {
    Objects.requireNonNull(sort, "sort");
    if (base != null) {
      OptionalInt id = base.idOf(name, sort);
      if (id.isPresent()) {
        return id;
      }
    }
    if (name.indexOf('\0') >= 0) {
      // Its bytes could match two neighbouring strings.
      return OptionalInt.empty();
    }
    byte[] wanted = BtfData.encode(name);
    for (int i = 0; i < offsets.length; i++) {
      if (sort.isAssignableFrom(data.kind(offsets[i]).type) && data.named(offsets[i], wanted)) {
        return OptionalInt.of(firstId + i);
      }
    }
    return OptionalInt.empty();
  }

  /**
   * All types of a sort by ascending id, decoded one by one as the stream is drawn from.
   *
   * @param sort a record of {@link BtfType}, or an interface that several of them share
   */
  public <T extends BtfType> Stream<T> types(Class<T> sort) {
    Objects.requireNonNull(sort, "sort");
    Stream<T> own =
        IntStream.range(0, offsets.length)
            .filter(i -> sort.isAssignableFrom(data.kind(offsets[i]).type))
            .mapToObj(i -> sort.cast(type(firstId + i)));
    return base == null ? own : Stream.concat(base.types(sort), own);
  }

  /**
   * Takes typedefs, const, volatile, restrict and type tags off a type.
   *
   * @return the first type behind an id that is none of these; the type itself if it is none
   * @throws BtfException if more than 32 of them are stacked, as when they go round in a circle
   */
  public BtfType resolve(int id) {
    return type(resolvedId(id));
  }

  /**
   * Where a member of a struct or union is, in bytes from its start, so that a program reads the
   * kernel that runs and not the one that it was written for. Members of unnamed structs and unions
   * inside count as members of the outer one, as in C.
   *
   * @param tag that of a struct, or else of a union
   * @param path the member, or a member of a member with a dot in between: {@code
   *     sk_cgrp_data.cgroup}
   * @throws IllegalArgumentException if there is no such type or member, or it is a bitfield
   */
  public int offsetOf(String tag, String path) {
    BtfType.Composite composite =
        byName(tag, BtfType.Struct.class)
            .<BtfType.Composite>map(struct -> struct)
            .or(() -> byName(tag, BtfType.Union.class))
            .orElseThrow(() -> new IllegalArgumentException("there is no struct or union " + tag));
    int bits = 0;
    for (var name : path.split("\\.", -1)) {
      var outer = composite;
      if (outer == null) {
        throw new IllegalArgumentException(
            "%s.%s: what is before .%s has no members".formatted(tag, path, name));
      }
      var member =
          member(outer, name)
              .orElseThrow(
                  () ->
                      new IllegalArgumentException(
                          "%s.%s: there is no member %s".formatted(tag, path, name)));
      if (member.bitfieldSize() != 0 || member.bitOffset() % Byte.SIZE != 0) {
        throw new IllegalArgumentException("%s.%s: %s is a bitfield".formatted(tag, path, name));
      }
      bits += member.bitOffset();
      composite = resolve(member.type()) instanceof BtfType.Composite inner ? inner : null;
    }
    return bits / Byte.SIZE;
  }

  /** A member by its name, its offset counted from the start of the outermost. */
  private Optional<BtfType.Member> member(BtfType.Composite composite, String name) {
    for (var member : composite.members()) {
      if (member.name().equals(name) && !name.isEmpty()) {
        return Optional.of(member);
      }
      if (member.name().isEmpty() && resolve(member.type()) instanceof BtfType.Composite inner) {
        var found = member(inner, name);
        if (found.isPresent()) {
          var in = found.get();
          return Optional.of(
              new BtfType.Member(
                  in.name(), in.type(), member.bitOffset() + in.bitOffset(), in.bitfieldSize()));
        }
      }
    }
    return Optional.empty();
  }

  /**
   * The bytes that a value of a type occupies; pointers count 8.
   *
   * @throws IllegalArgumentException if the type has no size: {@code void}, a function or its
   *     signature, a forward declaration
   * @throws BtfException if the type goes round in a circle or is larger than 2147483647 bytes
   */
  public int sizeOf(int id) {
    long factor = 1;
    int current = id;
    for (int depth = 0; depth < MAX_DEPTH; depth++) {
      current = resolvedId(current);
      switch (type(current)) {
        case BtfType.Array(int elementType, int _, int length) -> {
          factor = multiply(factor, length, current);
          current = elementType;
        }
        case BtfType.Var(String _, int type, BtfType.Linkage _) -> current = type;
        case BtfType.Int scalar -> {
          return (int) multiply(factor, scalar.size(), current);
        }
        case BtfType.Floating scalar -> {
          return (int) multiply(factor, scalar.size(), current);
        }
        case BtfType.Enumeration scalar -> {
          return (int) multiply(factor, scalar.size(), current);
        }
        case BtfType.Composite composite -> {
          return (int) multiply(factor, composite.size(), current);
        }
        case BtfType.DataSec section -> {
          return (int) multiply(factor, section.size(), current);
        }
        case BtfType.Ptr _ -> {
          return (int) multiply(factor, Long.BYTES, current);
        }
        case BtfType.VoidType _,
            BtfType.Fwd _,
            BtfType.Func _,
            BtfType.FuncProto _,
            BtfType.DeclTag _,
            BtfType.Modifier _ ->
            throw new IllegalArgumentException("type " + current + " has no size");
      }
    }
    throw new BtfException(position(id), "arrays are nested more than " + MAX_DEPTH + " deep");
  }

  private int resolvedId(int id) {
    int current = id;
    for (int depth = 0; depth <= MAX_DEPTH; depth++) {
      if (!(type(current) instanceof BtfType.Modifier modifier)) {
        return current;
      }
      current = modifier.type();
    }
    throw new BtfException(position(id), "more than " + MAX_DEPTH + " modifiers are stacked");
  }

  private long multiply(long factor, int by, int id) {
    long product = factor * by;
    if (product > Integer.MAX_VALUE) {
      throw new BtfException(position(id), "the type is larger than 2147483647 bytes");
    }
    return product;
  }

  private int position(int id) {
    if (id < firstId) {
      return base == null ? 0 : base.position(id);
    }
    return offsets[id - firstId];
  }
}
