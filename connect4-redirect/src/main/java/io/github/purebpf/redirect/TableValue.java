package io.github.purebpf.redirect;

import io.github.purebpf.insn.Field;
import io.github.purebpf.layout.Struct;
import java.nio.ByteOrder;

/**
 * The value of the map that holds the table: one word, because a program reads eight aligned bytes
 * in one piece, and the address of one server must not meet the port of another.
 *
 * <p>The low 32 bits are what the program writes to {@code user_ip4}, the 32 above are what it
 * writes to {@code user_port}: numbers in the machine's order whose bytes in memory are in network
 * order.
 */
record TableValue(long word) {
  static final Struct<TableValue> STRUCT = Struct.of(TableValue.class);
  static final Field<TableValue> WORD = STRUCT.field("word");

  /** How far to shift the word to the right for the port. */
  static final int PORT_SHIFT = 32;

  private static final boolean SWAPPED = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;

  static TableValue of(Server server) {
    int address = swapped(server.address().bits());
    short port = swapped((short) server.port());
    return new TableValue(
        Short.toUnsignedLong(port) << PORT_SHIFT | Integer.toUnsignedLong(address));
  }

  Server server() {
    return new Server(
        Ipv4.ofBits(swapped((int) word)),
        Short.toUnsignedInt(swapped((short) (word >>> PORT_SHIFT))));
  }

  private static int swapped(int number) {
    return SWAPPED ? Integer.reverseBytes(number) : number;
  }

  private static short swapped(short number) {
    return SWAPPED ? Short.reverseBytes(number) : number;
  }
}
