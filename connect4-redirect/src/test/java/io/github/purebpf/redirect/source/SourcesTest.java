package io.github.purebpf.redirect.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.redirect.WeightedServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SourcesTest {
  private static final Duration SHORT = Duration.ofMillis(20);

  @TempDir private Path folder;
  private final LinkedBlockingQueue<Finding> found = new LinkedBlockingQueue<>();

  private Finding next() throws InterruptedException {
    var finding = found.poll(30, TimeUnit.SECONDS);
    assertTrue(finding != null, "nothing was found in 30 s");
    return finding;
  }

  /** The next that is something else. */
  private Finding nextOther(Finding than) throws InterruptedException {
    var finding = next();
    while (finding.equals(than)) {
      finding = next();
    }
    return finding;
  }

  private static Finding servers(String... texts) {
    return new Finding.Servers(Stream.of(texts).map(WeightedServer::parse).toList(), Set.of());
  }

  @Test
  void aFixedListIsToldOnce() throws InterruptedException {
    try (var source = ServerSource.fixed(List.of(WeightedServer.parse("10.0.0.1:8502")))) {
      source.start(found::add);
      assertEquals(servers("10.0.0.1:8502"), next());
    }
    assertTrue(found.isEmpty());
  }

  @Test
  void aFileIsFollowed() throws IOException, InterruptedException {
    var file = folder.resolve("servers");
    try (var source = ServerSource.file(file)) {
      source.start(found::add);
      var missing = new Finding.Failed(file + " is not there");
      assertEquals(missing, next());
      write(file, "# all of them\n10.0.0.1:8502\n\n10.0.0.2:8502*3 # the large one\n");
      var two = servers("10.0.0.1:8502", "10.0.0.2:8502*3");
      assertEquals(two, nextOther(missing));
      write(file, "10.0.0.1:8502\n10.0.0.2\n");
      var wrong = nextOther(two);
      assertTrue(
          wrong instanceof Finding.Failed(var reason)
              && reason.startsWith(file + ", line 2: \"10.0.0.2\" "),
          wrong::toString);
      write(file, "10.0.0.1:8502\n10.0.0.1:8502*2\n");
      assertEquals(
          new Finding.Failed(file + ": the server 10.0.0.1:8502 is there twice"), nextOther(wrong));
    }
  }

  private void write(Path file, String text) throws IOException {
    var fresh = Files.writeString(folder.resolve("fresh"), text);
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
  }

  @Test
  void aNameStandsForItsAddresses() throws InterruptedException {
    try (var source = ServerSource.addresses("localhost", 8502, SHORT)) {
      assertEquals("localhost", source.description());
      source.start(found::add);
      assertEquals(servers("127.0.0.1:8502"), next());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "no-such-name.invalid, the name no-such-name.invalid has no address",
    "exec=false, 'the command false ended with 1: '",
    "exec=true, the command true printed no IPv4 address",
    "exec=echo ten, 'the command echo printed something else than addresses: '",
    "exec=/no/such/command, 'the command /no/such/command cannot be run: '"
  })
  void whatCannotBeFoundIsSaid(String addresses, String words) throws InterruptedException {
    try (var source = ServerSource.addresses(addresses, 8502, SHORT)) {
      source.start(found::add);
      var finding = next();
      assertTrue(
          finding instanceof Finding.Failed(var reason) && reason.startsWith(words),
          finding::toString);
    }
  }

  @Test
  void aCommandPrintsAddresses() throws IOException, InterruptedException {
    var script = folder.resolve("addresses.sh");
    Files.writeString(script, "echo '10.0.0.2 fe80::1%eth0'; echo 10.0.0.1; echo 10.0.0.2\n");
    try (var source = ServerSource.addresses("exec=sh  " + script, 8502, SHORT)) {
      source.start(found::add);
      var both = servers("10.0.0.2:8502", "10.0.0.1:8502");
      assertEquals(both, next());
      Files.writeString(script, "echo 'what a\n\tmess' >&2; exit 3\n");
      assertEquals(new Finding.Failed("the command sh ended with 3: what a mess"), nextOther(both));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "exec=", "exec= "})
  void noAddressesAtAllAreRefused(String addresses) {
    assertThrows(
        IllegalArgumentException.class, () -> ServerSource.addresses(addresses, 8502, SHORT));
  }

  @Test
  void nothingIsToldBehindTheClose() throws InterruptedException {
    var source = ServerSource.addresses("localhost", 8502, Duration.ofNanos(1));
    source.start(found::add);
    next();
    source.close();
    found.clear();
    Thread.onSpinWait();
    assertTrue(found.isEmpty());
  }

  @Test
  void anIntervalOfNothingIsRefused() {
    assertThrows(
        IllegalArgumentException.class,
        () -> ServerSource.addresses("localhost", 8502, Duration.ZERO));
  }
}
