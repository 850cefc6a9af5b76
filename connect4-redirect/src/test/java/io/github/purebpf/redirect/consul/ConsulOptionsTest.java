package io.github.purebpf.redirect.consul;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.redirect.consul.ConsulOptions.Freshness;
import io.github.purebpf.redirect.consul.ConsulOptions.Instances;
import io.github.purebpf.redirect.consul.ConsulOptions.Query;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
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
    assertRefused("is empty", () -> Query.of(" "));
    assertRefused("1 s to 10 min", () -> freshness(999, 0));
    assertRefused("1 s to 10 min", () -> freshness(600_001, 0));
    assertRefused("below zero", () -> freshness(1_000, -1));
    assertRefused("port 0", () -> new Instances(true, 0, true));
    assertRefused("port 65536", () -> new Instances(true, 65_536, true));
    var file = Path.of("bearer");
    assertRefused("no auth method", () -> new ConsulToken.FromLogin("a\"b", file));
  }

  private static Freshness freshness(long wait, long limit) {
    return new Freshness(Duration.ofMillis(wait), Optional.of(Duration.ofMillis(limit)));
  }

  @Test
  void eachOptionIsChangedAlone() {
    var query = Query.of("x").withDatacenter("d").withNamespace("n").withPartition("p");
    assertEquals(new Query("x", Optional.of("d"), Optional.of("n"), Optional.of("p")), query);
    var token = new ConsulToken.FromFile(Path.of("token"));
    var tls = ConsulTls.DEFAULT.withServerName("s");
    var freshness = freshness(1_000, 0);
    var instances = new Instances(false, 1, false);
    assertEquals(
        new ConsulOptions(List.of(ADDRESS), query, token, tls, freshness, instances),
        OPTIONS
            .withQuery(query)
            .withToken(token)
            .withTls(tls)
            .withFreshness(freshness)
            .withInstances(instances));
  }
}
