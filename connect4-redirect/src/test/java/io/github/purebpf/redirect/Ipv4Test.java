package io.github.purebpf.redirect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Ipv4Test {
  @Property
  void readsWhatItWrites(@ForAll int bits) {
    var address = Ipv4.ofBits(bits);
    assertEquals(address, Ipv4.parse(address.toString()));
  }

  @Property
  void agreesWithJavaNet(@ForAll int bits) throws UnknownHostException {
    var address = Ipv4.ofBits(bits);
    var inet = (Inet4Address) InetAddress.getByName(address.toString());
    assertEquals(inet, address.toInetAddress());
    assertEquals(address, Ipv4.of(inet));
  }

  @Property(tries = 5000)
  void acceptsNoTextThatItWouldNotWrite(
      @ForAll
          @StringLength(max = 16)
          @CharRange(from = '0', to = '9')
          @Chars({'.', '.', '.', ' ', '+', '-', 'x', ':', '\u0663'})
          String text) {
    try {
      assertEquals(text, Ipv4.parse(text).toString());
    } catch (IllegalArgumentException e) {
      assertTrue(e.getMessage().contains('"' + text + '"'), e.getMessage());
    }
  }

  @Property
  void isOrderedAsItsNumbersAre(@ForAll int one, @ForAll int other) {
    assertEquals(
        Integer.signum(Integer.compareUnsigned(one, other)),
        Integer.signum(Ipv4.ofBits(one).compareTo(Ipv4.ofBits(other))));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ".",
        "1.2.3",
        "1.2.3.4.5",
        "1.2.3.",
        ".1.2.3",
        "1..2.3",
        "256.1.1.1",
        "1.1.1.256",
        "01.2.3.4",
        "1.2.3.04",
        "1.2.3.4 ",
        " 1.2.3.4",
        "1.2.3.4\n",
        "+1.2.3.4",
        "-1.2.3.4",
        "0x7f.0.0.1",
        "2130706433",
        "localhost",
        "1.2.3.99999999999",
        "\u0661.2.3.4"
      })
  void refusesWhatIsNoDottedQuad(String text) {
    var e = assertThrows(IllegalArgumentException.class, () -> Ipv4.parse(text));
    assertTrue(e.getMessage().contains("no IPv4 address such as 10.0.0.1"), e.getMessage());
  }

  @ParameterizedTest
  @ValueSource(strings = {"::1", "fe80::1", "::ffff:1.2.3.4", "::"})
  void saysThatIpv6IsNotInThisVersion(String text) {
    var e = assertThrows(IllegalArgumentException.class, () -> Ipv4.parse(text));
    assertEquals(
        "\"" + text + "\" is an IPv6 address; this version redirects IPv4 only", e.getMessage());
  }

  @Test
  void namesThePartThatIsWrong() {
    var e = assertThrows(IllegalArgumentException.class, () -> Ipv4.parse("10.0.010.1"));
    assertTrue(e.getMessage().contains("\"010\""), e.getMessage());
  }
}
