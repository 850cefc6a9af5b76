package io.github.purebpf.redirect.dataplane;

import io.github.purebpf.insn.Field;
import io.github.purebpf.layout.NetworkOrder;
import io.github.purebpf.layout.Struct;
import java.nio.ByteOrder;

/**
 * The key of {@code vips}: {@code struct { __be32 address; __be16 port; __u16 protocol; }}. Address
 * and port are as the kernel hands them to the programs, so that they are copied and never swapped.
 */
public record VipKey(@NetworkOrder int address, @NetworkOrder short port, short protocol) {
  /** {@code IPPROTO_TCP}. */
  static final int TCP = 6;

  static final Struct<VipKey> STRUCT = Struct.of(VipKey.class);
  static final Field<VipKey> ADDRESS = STRUCT.field("address");
  static final Field<VipKey> PORT = STRUCT.field("port");
  static final Field<VipKey> PROTOCOL = STRUCT.field("protocol");

  private static final boolean LITTLE = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;

  /** A virtual address for TCP; the address with its first part in the highest byte. */
  public static VipKey tcp(int address, int port) {
    return new VipKey(address, (short) port, (short) TCP);
  }

  /** Its eight bytes as a program reads them in one piece. */
  public long word() {
    long big =
        Integer.toUnsignedLong(address) << Integer.SIZE
            | Short.toUnsignedLong(port) << Short.SIZE
            | Short.toUnsignedLong(LITTLE ? Short.reverseBytes(protocol) : protocol);
    return LITTLE ? Long.reverseBytes(big) : big;
  }

  /** The key with these eight bytes. */
  public static VipKey of(long word) {
    long big = LITTLE ? Long.reverseBytes(word) : word;
    short protocol = (short) big;
    return new VipKey(
        (int) (big >>> Integer.SIZE),
        (short) (big >>> Short.SIZE),
        LITTLE ? Short.reverseBytes(protocol) : protocol);
  }
}
