package io.github.purebpf.asm;

import io.github.purebpf.insn.AsmException;
import java.nio.ByteOrder;

/**
 * Constants in network byte order, as a load of the field gives them: the C macros {@code htons}
 * and {@code htonl}.
 */
public final class NetworkConstants {
  private NetworkConstants() {}

  /**
   * A 16-bit constant for a program that runs on a machine of this one's byte order.
   *
   * @throws AsmException if it is outside 0 to 65535
   */
  public static int htons(int value) {
    return htons(value, ByteOrder.nativeOrder());
  }

  /** A 16-bit constant for a program that runs on a machine of the given byte order. */
  public static int htons(int value, ByteOrder machine) {
    if (value < 0 || value > 0xffff) {
      throw new AsmException(value + " is outside 0 to 65535");
    }
    return machine == ByteOrder.BIG_ENDIAN
        ? value
        : Short.toUnsignedInt(Short.reverseBytes((short) value));
  }

  /** A 32-bit constant for a program that runs on a machine of this one's byte order. */
  public static int htonl(int value) {
    return htonl(value, ByteOrder.nativeOrder());
  }

  /** A 32-bit constant for a program that runs on a machine of the given byte order. */
  public static int htonl(int value, ByteOrder machine) {
    return machine == ByteOrder.BIG_ENDIAN ? value : Integer.reverseBytes(value);
  }
}
