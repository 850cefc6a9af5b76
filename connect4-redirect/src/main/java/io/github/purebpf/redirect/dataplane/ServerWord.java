package io.github.purebpf.redirect.dataplane;

import java.nio.ByteOrder;

/**
 * Address and port of a server in one word, because a program reads eight aligned bytes in one
 * piece, and the address of one server must not meet the port of another.
 *
 * <p>The low 32 bits are what the program writes to {@code user_ip4}, the 32 above are what it
 * writes to {@code user_port}: numbers in the machine's order whose bytes in memory are in network
 * order.
 */
public final class ServerWord {
  /** How far to shift the word to the right for the port. */
  static final int PORT_SHIFT = 32;

  private static final boolean SWAPPED = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;

  private ServerWord() {}

  /** The word of an address, its first part in the highest byte, and a port. */
  public static long of(int address, int port) {
    return Short.toUnsignedLong(swapped((short) port)) << PORT_SHIFT
        | Integer.toUnsignedLong(swapped(address));
  }

  /** The address, its first part in the highest byte. */
  public static int address(long word) {
    return swapped((int) word);
  }

  public static int port(long word) {
    return Short.toUnsignedInt(swapped((short) (word >>> PORT_SHIFT)));
  }

  private static int swapped(int number) {
    return SWAPPED ? Integer.reverseBytes(number) : number;
  }

  private static short swapped(short number) {
    return SWAPPED ? Short.reverseBytes(number) : number;
  }
}
