package io.github.purebpf.redirect;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** What the programs and processes in other languages rely on. */
class TableLayoutTest {
  @Test
  void aKeyIsAddressPortAndProtocolInEightBytes() {
    assertEquals(8, TableKey.STRUCT.size());
    assertEquals(0, TableKey.ADDRESS.offset());
    assertEquals(4, TableKey.PORT.offset());
    assertEquals(6, TableKey.PROTOCOL.offset());
    assertEquals(6, TableKey.of(VirtualAddress.parse("1.2.3.4:5")).protocol());
  }

  @Test
  void aValueIsOneWord() {
    assertEquals(8, TableValue.STRUCT.size());
  }

  /** A store of the low 32 bits to user_ip4 must leave the address in network order there. */
  @Test
  void theLowHalfOfAValueIsTheAddressAsItLiesInMemory() {
    long word = TableValue.of(Server.parse("10.1.2.3:8080")).word();
    var memory = ByteBuffer.allocate(4).order(ByteOrder.nativeOrder()).putInt((int) word);
    assertArrayEquals(new byte[] {10, 1, 2, 3}, memory.array());
  }

  /** user_port is a word whose low 16 bits are the port in network order. */
  @Test
  void theHighHalfOfAValueIsThePortAsItLiesInMemory() {
    long word = TableValue.of(Server.parse("10.1.2.3:8080")).word();
    long port = word >>> TableValue.PORT_SHIFT;
    assertEquals(port, port & 0xffff);
    var memory = ByteBuffer.allocate(2).order(ByteOrder.nativeOrder()).putShort((short) port);
    assertArrayEquals(new byte[] {0x1f, (byte) 0x90}, memory.array());
  }

  @Property
  void keysAndValuesAreReadAsTheyAreWritten(
      @ForAll int bits, @ForAll @IntRange(min = 1, max = 65_535) int port) {
    var vip = new VirtualAddress(Ipv4.ofBits(bits), port);
    var server = new Server(Ipv4.ofBits(bits), port);
    assertEquals(vip, TableKey.of(vip).vip());
    assertEquals(server, TableValue.of(server).server());
  }
}
