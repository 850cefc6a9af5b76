package io.github.purebpf.layout;

import io.github.purebpf.insn.Field;
import io.github.purebpf.insn.MemSize;
import io.github.purebpf.insn.Reg;
import io.github.purebpf.insn.StructRef;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;

/**
 * A C struct that lies in memory as a Java record declares it: the components {@code byte}, {@code
 * short}, {@code int} and {@code long} in their order, each aligned to its own size.
 *
 * <p>Padding is never invented: where C would insert some, the record must declare it, because the
 * kernel compares map keys byte for byte.
 *
 * <pre>{@code
 * record Backend(@NetworkOrder int address, @NetworkOrder short port, short padding) {
 *   static final Struct<Backend> STRUCT = Struct.of(Backend.class);
 *   static final Field<Backend> ADDRESS = STRUCT.field("address");
 * }
 * }</pre>
 *
 * @param <S> the record
 */
public final class Struct<S> {
  private final Class<S> type;
  private final List<Member<S>> members;
  private final int size;

  private Struct(Class<S> type, List<Member<S>> members, int size) {
    this.type = type;
    this.members = List.copyOf(members);
    this.size = size;
  }

  /**
   * The layout of a record.
   *
   * @throws IllegalArgumentException if a component is no primitive integer, if C would insert
   *     padding in front of it or behind the last one, or if there is none; if a {@link SpinLock}
   *     is no {@code int} or not the only one
   */
  public static <S extends Record> Struct<S> of(Class<S> type) {
    var members = new ArrayList<Member<S>>();
    int offset = 0;
    int alignment = 1;
    for (var component : type.getRecordComponents()) {
      var size = sizeOf(type, component);
      requireAligned(type, "component " + component.getName(), offset, size.bytes());
      var field = Field.<S>of(component.getName(), offset, size);
      members.add(
          new Member<>(component, field, component.isAnnotationPresent(NetworkOrder.class)));
      offset += size.bytes();
      alignment = Math.max(alignment, size.bytes());
    }
    if (members.isEmpty()) {
      throw new IllegalArgumentException("record " + type.getSimpleName() + " has no component");
    }
    requireAligned(type, "the end", offset, alignment);
    requireOneLock(type, members);
    return new Struct<>(type, members, offset);
  }

  private static <S> void requireOneLock(Class<S> type, List<Member<S>> members) {
    var locks = members.stream().filter(Member::spinLock).toList();
    if (locks.size() > 1) {
      throw new IllegalArgumentException(
          "record %s: %d spin locks; the kernel takes one"
              .formatted(type.getSimpleName(), locks.size()));
    }
    for (var lock : locks) {
      if (lock.field().size() != MemSize.W || lock.networkOrder()) {
        throw new IllegalArgumentException(
            "record %s: the spin lock %s is not a plain int"
                .formatted(type.getSimpleName(), lock.field().name()));
      }
    }
  }

  private static MemSize sizeOf(Class<?> type, RecordComponent component) {
    var c = component.getType();
    if (c == byte.class) {
      return MemSize.B;
    } else if (c == short.class) {
      return MemSize.H;
    } else if (c == int.class) {
      return MemSize.W;
    } else if (c == long.class) {
      return MemSize.DW;
    }
    throw new IllegalArgumentException(
        "record %s: component %s is a %s; a struct holds byte, short, int and long"
            .formatted(type.getSimpleName(), component.getName(), c.getSimpleName()));
  }

  private static void requireAligned(Class<?> type, String what, int offset, int alignment) {
    if (offset % alignment != 0) {
      throw new IllegalArgumentException(
          "record %s: %s lies at %d, which is no multiple of %d; declare %d bytes of padding before"
              .formatted(
                  type.getSimpleName(), what, offset, alignment, alignment - offset % alignment));
    }
  }

  /** The record. */
  public Class<S> type() {
    return type;
  }

  /** The members in their order. */
  public List<Member<S>> members() {
    return members;
  }

  /** Bytes from the start to the end. */
  public int size() {
    return size;
  }

  /**
   * The field of a component.
   *
   * @throws IllegalArgumentException if there is none of this name
   */
  public Field<S> field(String name) {
    for (var member : members) {
      if (member.field().name().equals(name)) {
        return member.field();
      }
    }
    throw new IllegalArgumentException(
        "record " + type.getSimpleName() + " has no component " + name);
  }

  /** The struct that a register points to. */
  public StructRef<S> at(Reg base) {
    return new StructRef<>(base, 0);
  }

  /** {@code struct Backend (8 bytes)}. */
  @Override
  public String toString() {
    return "struct " + type.getSimpleName() + " (" + size + " bytes)";
  }
}
