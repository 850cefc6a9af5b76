package io.github.purebpf.btf;

import io.github.purebpf.layout.Member;
import io.github.purebpf.layout.Struct;
import java.util.List;

/** The C struct that a Java record declares, as BTF. */
public final class StructTypes {
  private StructTypes() {}

  /**
   * The id of the struct, which is added with the types of its members if it is not there.
   *
   * <p>It is named after the record, its members after the components. They are unsigned, as {@code
   * __u32}, and those in network order say so, as {@code __be32}; a lock is a {@code struct
   * bpf_spin_lock}.
   */
  public static int in(BtfBuilder types, Struct<?> struct) {
    return types.intern(
        new BtfType.Struct(
            CName.of(struct.type().getSimpleName()),
            struct.size(),
            struct.members().stream().map(member -> member(types, member)).toList()));
  }

  private static BtfType.Member member(BtfBuilder types, Member<?> member) {
    var field = member.field();
    return new BtfType.Member(
        CName.of(field.name()), type(types, member), field.offset() * Byte.SIZE, 0);
  }

  private static int type(BtfBuilder types, Member<?> member) {
    int size = member.field().size().bytes();
    if (member.spinLock()) {
      return types.intern(
          new BtfType.Struct(
              "bpf_spin_lock",
              size,
              List.of(new BtfType.Member("val", CInt.unsigned(size).in(types), 0, 0))));
    }
    return (member.networkOrder() ? CInt.networkOrder(size) : CInt.unsigned(size)).in(types);
  }
}
