package io.github.purebpf.redirect.controller;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConsulOptionsTest {
  private static final URI ADDRESS = URI.create("https://10.0.0.1:8501");
  private static final ConsulOptions OPTIONS = ConsulOptions.of(List.of(ADDRESS));

  private static void assertRefused(String words, Executable made) {
    var e = assertThrows(IllegalArgumentException.class, made);
    assertTrue(e.getMessage().contains(words), e.getMessage());
  }

  @ParameterizedTest
  @ValueSource(strings = {"ftp://10.0.0.1", "http:///v1", "/v1", "http:x"})
  void anAddressIsOneOfHttp(String text) {
    var address = URI.create(text);
    assertRefused("is no address such as", () -> ConsulOptions.of(List.of(address)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"http://secret@a:1", "http://a:1?token=secret", "http://a:1#secret"})
  void aSecretInAnAddressIsRefusedAndNotShown(String text) {
    var e =
        assertThrows(
            IllegalArgumentException.class, () -> ConsulOptions.of(List.of(URI.create(text))));
    assertFalse(e.getMessage().contains("secret"), e.getMessage());
  }

  @Test
  void refusesWhatCannotBeAsked() {
    assertRefused("no address", () -> ConsulOptions.of(List.of()));
    assertRefused("twice", () -> ConsulOptions.of(List.of(ADDRESS, ADDRESS)));
    assertRefused("is empty", () -> OPTIONS.withService(" "));
    assertRefused("1 s to 10 min", () -> OPTIONS.withLongestWait(Duration.ofMillis(999)));
    assertRefused("1 s to 10 min", () -> OPTIONS.withLongestWait(Duration.ofMillis(600_001)));
    assertRefused("below zero", () -> OPTIONS.withStaleLimit(Duration.ofSeconds(-1)));
    assertRefused("port 0", () -> OPTIONS.withDefaultPort(0));
    assertRefused("port 65536", () -> OPTIONS.withDefaultPort(65_536));
    var file = Path.of("bearer");
    assertRefused("no auth method", () -> new ConsulToken.FromLogin("a\"b", file));
  }

  @Test
  void eachOptionIsChangedAlone() {
    assertEquals(
        OPTIONS,
        OPTIONS
            .withService("x")
            .withLongestWait(Duration.ofSeconds(1))
            .withStale(false)
            .withStaleLimit(Duration.ZERO)
            .withPreferTls(false)
            .withDefaultPort(1)
            .withReadReplicas(false)
            .withReadReplicas(true)
            .withDefaultPort(8502)
            .withPreferTls(true)
            .withStaleLimit(Duration.ofSeconds(10))
            .withStale(true)
            .withLongestWait(Duration.ofMinutes(5))
            .withService("consul"));
  }
}
