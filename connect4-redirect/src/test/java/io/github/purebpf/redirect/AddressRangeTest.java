package io.github.purebpf.redirect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddressRangeTest {
  @Property(tries = 200)
  void whatIsWrittenIsRead(
      @ForAll @IntRange(min = 16, max = 32) int prefix,
      @ForAll int bits,
      @ForAll @IntRange(min = 1, max = 65_535) int port) {
    var first = Ipv4.ofBits(prefix == 32 ? bits : (bits >>> (32 - prefix)) << (32 - prefix));
    var range = new AddressRange(first, prefix, port);
    assertEquals(range, AddressRange.parse(range.toString()));
  }

  @Property(tries = 50)
  void eachIsChosenOnceAndThenNone(
      @ForAll @IntRange(min = 24, max = 32) int prefix, @ForAll String name) {
    var range = new AddressRange(Ipv4.parse("127.64.255.0"), prefix, 8502);
    var taken = new HashSet<VirtualAddress>();
    for (int i = 0; i < range.size(); i++) {
      var vip = range.choose(name, taken::contains).orElseThrow();
      assertTrue(taken.add(vip));
      assertTrue(range.contains(vip));
    }
    assertEquals(Optional.empty(), range.choose(name, taken::contains));
  }

  @Test
  void theSameNameGetsTheSame() {
    var range = AddressRange.parse("127.64.0.0/16:8502");
    assertEquals(range.choose("a", _ -> false), range.choose("a", _ -> false));
    assertEquals(65_534, range.size());
  }

  @ParameterizedTest
  @CsvSource({
    "127.64.0.0/30:80, 127.64.0.0:80, false",
    "127.64.0.0/30:80, 127.64.0.1:80, true",
    "127.64.0.0/30:80, 127.64.0.2:80, true",
    "127.64.0.0/30:80, 127.64.0.3:80, false",
    "127.64.0.0/30:80, 127.64.0.1:81, false",
    "127.64.0.0/30:80, 127.64.0.5:80, false",
    "127.64.0.0/31:80, 127.64.0.0:80, true",
    "127.64.0.0/31:80, 127.64.0.1:80, true",
    "127.64.0.0/31:80, 127.64.0.2:80, false",
    "127.64.0.9/32:80, 127.64.0.9:80, true",
    "127.64.0.9/32:80, 127.64.0.8:80, false",
    "255.255.0.0/16:80, 255.255.255.254:80, true",
    "255.255.0.0/16:80, 0.0.0.0:80, false"
  })
  void theEndsOfABlockAreLeftOut(String range, String vip, boolean contained) {
    assertEquals(contained, AddressRange.parse(range).contains(VirtualAddress.parse(vip)));
  }

  @ParameterizedTest
  @CsvSource({
    "127.64.0.0, is no ADDRESS/PREFIX:PORT",
    "127.64.0.0:80, is no ADDRESS/PREFIX:PORT",
    "127.64.0.0/16, is no ADDRESS/PREFIX:PORT",
    "127.64.0.0/x:80, is no ADDRESS/PREFIX:PORT",
    "127.64.0.0/016:80, is no ADDRESS/PREFIX:PORT",
    "127.64.0.0/8:80, a prefix of 8 bits is not from 16 to 32",
    "127.64.0.0/33:80, a prefix of 33 bits",
    "127.64.0.5/24:80, write 127.64.0.0/24",
    "127.64.0.0/24:0, is no port",
    "fd00::/64:80, IPv6"
  })
  void whatIsNoneIsRefusedWithTheRemedy(String text, String message) {
    var e = assertThrows(IllegalArgumentException.class, () -> AddressRange.parse(text));
    assertTrue(e.getMessage().contains(message), e.getMessage());
    assertFalse(e.getMessage().contains("\n"));
  }
}
