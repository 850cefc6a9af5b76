package io.github.purebpf.redirect.cli.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.purebpf.redirect.Keepalive;
import io.github.purebpf.redirect.Service;
import io.github.purebpf.redirect.VirtualAddress;
import io.github.purebpf.redirect.cli.config.Services;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TextsTest {
  @Provide
  Arbitrary<SortedMap<VirtualAddress, Service>> tables() {
    return Services.tables();
  }

  @Property
  void whatIsWrittenIsReadAgain(@ForAll("tables") SortedMap<VirtualAddress, Service> table) {
    for (var service : table.values()) {
      assertEquals(service.servers(), ServerText.parseAll(ServerText.of(service.servers())));
      assertEquals(service.keepalive(), KeepaliveText.parse(KeepaliveText.of(service.keepalive())));
    }
  }

  @Test
  void anEmptyListHasNoServer() {
    assertEquals(List.of(), ServerText.parseAll(""));
  }

  @ParameterizedTest
  @CsvSource({"30, 30000", "30s, 30000", "500ms, 500", "2m, 120000", "1h, 3600000"})
  void aDurationHasAUnitOrIsSeconds(String text, long millis) {
    assertEquals(Duration.ofMillis(millis), KeepaliveText.duration(text));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "s", "-1", "1.5s", "1d", "30 s", "9999999999"})
  void anythingElseIsNoDuration(String text) {
    assertThrows(IllegalArgumentException.class, () -> KeepaliveText.duration(text));
  }

  @ParameterizedTest
  @CsvSource({"10%, 0.1", "0.5%, 0.005", "100%, 1", "1.25%, 0.0125", "100.0%, 1"})
  void aShareIsInPercent(String text, double share) {
    assertEquals(share, ShareText.parse(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "%", "10", "0%", "0.0%", "-1%", "101%", "100.1%", ".5%", "1,5%", "1 %"})
  void anythingElseIsNoShare(String text) {
    assertThrows(IllegalArgumentException.class, () -> ShareText.parse(text));
  }

  @Test
  void theUserTimeoutMayBeLeftOut() {
    assertEquals(
        Optional.of(
            new Keepalive(Duration.ofSeconds(30), Duration.ofSeconds(10), 3, Duration.ZERO)),
        KeepaliveText.parse("30/10/3"));
    assertEquals(Optional.empty(), KeepaliveText.parse("off"));
  }
}
