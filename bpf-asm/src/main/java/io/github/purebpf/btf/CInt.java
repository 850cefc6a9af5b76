package io.github.purebpf.btf;

import io.github.purebpf.btf.BtfType.IntEncoding;

/** The integers that the kernel's interfaces are declared with, under the names they have there. */
public enum CInt {
  /** {@code __u8}. */
  U8("__u8", "unsigned char", 1, IntEncoding.UNSIGNED),
  /** {@code __u16}. */
  U16("__u16", "unsigned short", 2, IntEncoding.UNSIGNED),
  /** {@code __u32}. */
  U32("__u32", "unsigned int", 4, IntEncoding.UNSIGNED),
  /** {@code __u64}. */
  U64("__u64", "unsigned long long", 8, IntEncoding.UNSIGNED),
  /** {@code __s32}. */
  S32("__s32", "int", 4, IntEncoding.SIGNED),
  /** {@code __s64}. */
  S64("__s64", "long long", 8, IntEncoding.SIGNED),
  /** {@code __be16}: 16 bits in network byte order. */
  BE16("__be16", U16),
  /** {@code __be32}: 32 bits in network byte order. */
  BE32("__be32", U32),
  /** {@code __be64}: 64 bits in network byte order. */
  BE64("__be64", U64);

  private final String typedef;
  private final String plain;
  private final int size;
  private final IntEncoding encoding;

  /** What it is a typedef of, or null if that is the plain integer. */
  private final CInt alias;

  CInt(String typedef, String plain, int size, IntEncoding encoding) {
    this.typedef = typedef;
    this.plain = plain;
    this.size = size;
    this.encoding = encoding;
    this.alias = null;
  }

  CInt(String typedef, CInt alias) {
    this.typedef = typedef;
    this.plain = alias.plain;
    this.size = alias.size;
    this.encoding = alias.encoding;
    this.alias = alias;
  }

  /**
   * The unsigned integer of a size.
   *
   * @param bytes 1, 2, 4 or 8
   */
  public static CInt unsigned(int bytes) {
    return switch (bytes) {
      case 1 -> U8;
      case 2 -> U16;
      case 4 -> U32;
      case 8 -> U64;
      default -> throw new IllegalArgumentException("no integer has " + bytes + " bytes");
    };
  }

  /**
   * The unsigned integer of a size in network byte order; a single byte has no order.
   *
   * @param bytes 1, 2, 4 or 8
   */
  public static CInt networkOrder(int bytes) {
    return switch (unsigned(bytes)) {
      case U16 -> BE16;
      case U32 -> BE32;
      case U64 -> BE64;
      default -> U8;
    };
  }

  /** The id of the typedef, which is added with what it stands for if it is not there. */
  public int in(BtfBuilder types) {
    int target =
        alias != null
            ? alias.in(types)
            : types.intern(new BtfType.Int(plain, size, size * Byte.SIZE, 0, encoding));
    return types.intern(new BtfType.Typedef(typedef, target));
  }
}
