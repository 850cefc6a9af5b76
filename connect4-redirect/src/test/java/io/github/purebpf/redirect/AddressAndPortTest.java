package io.github.purebpf.redirect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressAndPortTest {
  @Property
  void bothReadWhatTheyWrite(@ForAll int bits, @ForAll @IntRange(min = 1, max = 65_535) int port) {
    var vip = new VirtualAddress(Ipv4.ofBits(bits), port);
    var server = new Server(Ipv4.ofBits(bits), port);
    assertEquals(vip, VirtualAddress.parse(vip.toString()));
    assertEquals(server, Server.parse(server.toString()));
  }

  @Property
  void aPortOutOfRangeIsRefused(@ForAll int port) {
    var address = Ipv4.ofBits(0);
    if (port >= 1 && port <= 65_535) {
      assertEquals(port, new Server(address, port).port());
      assertEquals(port, new VirtualAddress(address, port).port());
    } else {
      assertThrows(IllegalArgumentException.class, () -> new Server(address, port));
      assertThrows(IllegalArgumentException.class, () -> new VirtualAddress(address, port));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1.2.3.4:",
        "1.2.3.4:0",
        "1.2.3.4:65536",
        "1.2.3.4:080",
        "1.2.3.4:-1",
        "1.2.3.4:+1",
        "1.2.3.4:http",
        "1.2.3.4: 80",
        "1.2.3.4:80 ",
        "1.2.3.4:99999999999",
        "1.2.3.4:\u0668\u0660"
      })
  void aTextThatIsNoPortIsRefused(String text) {
    var e = assertThrows(IllegalArgumentException.class, () -> VirtualAddress.parse(text));
    assertTrue(e.getMessage().contains("is no port, a number from 1 to 65535"), e.getMessage());
  }

  @ParameterizedTest
  @ValueSource(strings = {"1.2.3.4", "localhost", ""})
  void aMissingPortIsNamed(String text) {
    var e = assertThrows(IllegalArgumentException.class, () -> Server.parse(text));
    assertTrue(e.getMessage().contains("has no port"), e.getMessage());
  }

  @ParameterizedTest
  @ValueSource(strings = {"[::1]:80", "::1", "::ffff:1.2.3.4", "[1.2.3.4]:80"})
  void ipv6IsNotInThisVersion(String text) {
    var e = assertThrows(IllegalArgumentException.class, () -> Server.parse(text));
    assertTrue(e.getMessage().contains("this version redirects IPv4 only"), e.getMessage());
  }

  @ParameterizedTest
  @CsvSource({
    "1.2.3.4:80, 1.2.3.4:81",
    "1.2.3.4:80, 1.2.3.5:1",
    "9.0.0.0:9, 10.0.0.0:8",
    "127.0.0.1:1, 128.0.0.1:1",
    "1.2.3.4:9, 1.2.3.4:10"
  })
  void virtualAddressesAreOrderedByAddressAndThenByPort(String lower, String higher) {
    assertTrue(VirtualAddress.parse(lower).compareTo(VirtualAddress.parse(higher)) < 0);
    assertTrue(VirtualAddress.parse(higher).compareTo(VirtualAddress.parse(lower)) > 0);
  }
}
