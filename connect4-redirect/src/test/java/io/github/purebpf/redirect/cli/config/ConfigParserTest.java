package io.github.purebpf.redirect.cli.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.redirect.Keepalive;
import io.github.purebpf.redirect.NoServer;
import io.github.purebpf.redirect.Policy;
import io.github.purebpf.redirect.Server;
import io.github.purebpf.redirect.Service;
import io.github.purebpf.redirect.VirtualAddress;
import io.github.purebpf.redirect.WeightedServer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigParserTest {
  private static final String FILE =
      """
      # what is behind the addresses
      service 10.0.0.1:8500
        policy round-robin       # in turn
        no-server unreachable
        keepalive 30s/10s/3/1500ms
        server 10.1.2.3:8500
        server 10.1.2.4:8500 weight 3

      \tservice 10.0.0.2:80
      """;

  @Provide
  Arbitrary<SortedMap<VirtualAddress, Service>> tables() {
    return Services.tables();
  }

  @Test
  void readsServicesWithAllThatTheyHave() {
    var full = VirtualAddress.parse("10.0.0.1:8500");
    var bare = VirtualAddress.parse("10.0.0.2:80");
    assertEquals(
        Map.of(
            full,
            Service.of(full)
                .withServers(
                    List.of(
                        new WeightedServer(Server.parse("10.1.2.3:8500")),
                        new WeightedServer(Server.parse("10.1.2.4:8500"), 3)))
                .withPolicy(Policy.ROUND_ROBIN)
                .withNoServer(NoServer.UNREACHABLE)
                .withKeepalive(
                    new Keepalive(
                        Duration.ofSeconds(30),
                        Duration.ofSeconds(10),
                        3,
                        Duration.ofMillis(1500))),
            bare,
            Service.of(bare)),
        ConfigParser.parse(FILE));
    assertEquals(ConfigParser.parse(FILE), ConfigParser.parse(FILE.replace("\n", "\r\n")));
    assertEquals(Map.of(), ConfigParser.parse(""));
    assertEquals(Map.of(), ConfigParser.parse("# nothing\n\n  \t"));
  }

  /** A / is the end of a line. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "servce 1.2.3.4:80 | 1:1 | no statement \"servce\"; did you mean service?",
        "servers 1.2.3.4:80 | 1:1 | did you mean server?",
        "frontend x | 1:1 | it is one of service, server, policy, no-server, keepalive",
        "service | 1:8 | VIP:PORT is missing behind service",
        "service 1.2.3:80 | 1:9 | \"1.2.3\" is no IPv4 address",
        "service 1.2.3.4 | 1:9 | has no port",
        "service [::1]:80 | 1:9 | redirects IPv4 only",
        "service 1.2.3.4:80 x | 1:20 | \"x\" is one word too many",
        "service 1.2.3.4:80/service 1.2.3.4:80 | 2:9 | 1.2.3.4:80 is there already, in line 1",
        "server 1.2.3.4:80 | 1:1 | a service must come before this line",
        "policy single | 1:1 | a service must come before this line",
        "service 1.2.3.4:80/  policy | 2:9 | the value is missing behind policy",
        "service 1.2.3.4:80/  policy sigle | 2:10 | no policy \"sigle\"; did you mean single?",
        "service 1.2.3.4:80/policy single/policy single | 3:1 | policy of 1.2.3.4:80 is said",
        "service 1.2.3.4:80/no-server ignore | 2:11 | it is one of pass, refuse, unreachable, deny",
        "service 1.2.3.4:80/keepalive 1/2 | 2:11 | \"1/2\" is no IDLE/INTERVAL",
        "service 1.2.3.4:80/server 1.2.3.4:0 | 2:8 | \"0\" is no port",
        "service 1.2.3.4:80/server 1.2.3.4:1 wieght 2 | 2:18 | did you mean weight?",
        "service 1.2.3.4:80/server 1.2.3.4:1 weight | 2:24 | the number is missing behind weight",
        "service 1.2.3.4:80/server 1.2.3.4:1 weight 0 | 2:25 | \"0\" is no weight",
        "service 1.2.3.4:80/server 1.2.3.4:1 weight 2 3 | 2:27 | \"3\" is one word too many",
        "service 1.2.3.4:80/server 1.2.3.4:1/server 1.2.3.4:1 | 3:8 | has the server 1.2.3.4:1 twice"
      })
  void whatIsWrongIsToldWithItsPlace(String text, String place, String words) {
    // Only keepalive has slashes of its own.
    var file = text.contains("keepalive") ? text.replaceFirst("/", "\n") : text.replace("/", "\n");
    var e = assertThrows(ConfigException.class, () -> ConfigParser.parse(file));
    assertEquals(place, e.line() + ":" + e.column(), e.getMessage());
    assertTrue(e.getMessage().contains(words), e.getMessage());
  }

  @Test
  void theCaretStandsBelowThePlace() {
    var e =
        assertThrows(
            ConfigException.class, () -> ConfigParser.parse("service 1.2.3.4:80\n\tpolicy x y"));
    assertEquals(List.of("\tpolicy x y", "\t       ^"), e.excerpt());
  }

  @Test
  void aControlCharacterIsNotPrinted() {
    var e = assertThrows(ConfigException.class, () -> ConfigParser.parse("serv\u001b[31mice"));
    assertEquals("there is a control character, U+001B", e.getMessage());
    assertEquals(List.of("serv?[31mice", "    ^"), e.excerpt());
  }

  @Property
  void whatIsWrittenIsReadAgain(@ForAll("tables") SortedMap<VirtualAddress, Service> table) {
    assertEquals(table, ConfigParser.parse(ConfigWriter.write(table.values())));
  }

  /** A file in which some characters are replaced is read, or refused with a place that exists. */
  @Property(tries = 2000)
  void aBrokenFileIsOneClearMessage(
      @ForAll("tables") SortedMap<VirtualAddress, Service> table,
      @ForAll @IntRange(min = 1, max = 3) int times,
      @ForAll long seed) {
    var random = new java.util.Random(seed);
    var text = new StringBuilder(ConfigWriter.write(table.values())).append("service 9.9.9.9:9\n");
    for (int i = 0; i < times; i++) {
      int at = random.nextInt(text.length());
      switch (random.nextInt(3)) {
        case 0 -> text.setCharAt(at, (char) random.nextInt(256));
        case 1 -> text.deleteCharAt(at);
        default -> text.insert(at, "x 0:#\n\t*\u2028\0".charAt(random.nextInt(10)));
      }
    }
    var file = text.toString();
    try {
      var read = ConfigParser.parse(file);
      assertEquals(read, ConfigParser.parse(ConfigWriter.write(read.values())));
    } catch (ConfigException e) {
      var lines = file.split("\n", -1);
      assertTrue(e.line() >= 1 && e.line() <= lines.length, e.getMessage());
      assertTrue(e.column() >= 1 && e.column() <= lines[e.line() - 1].length() + 1);
      assertFalse(e.getMessage().isBlank());
      assertFalse(e.getMessage().contains("\n"), e.getMessage());
      assertEquals(2, e.excerpt().size());
      assertEquals(e.column(), e.excerpt().getLast().length());
      assertTrue(e.excerpt().stream().flatMapToInt(String::chars).noneMatch(c -> c == 27));
    }
  }
}
