package io.github.purebpf.redirect.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.redirect.cli.metrics.ParsedExposition;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MetricsTest {
  private static final CgroupNames NO_NAMES = CgroupNames.find(Set.of());

  @Test
  void everyFigureIsThere() {
    var text = Metrics.of(States.some(0), NO_NAMES);
    var parsed = ParsedExposition.parse(text);
    var server = Map.of("vip", "10.0.0.1:8500", "server", "10.1.2.3:8500");
    assertEquals(12, parsed.value("connect4_redirect_connects_attempted_total", server));
    assertEquals(10, parsed.value("connect4_redirect_connects_established_total", server));
    assertEquals(1, parsed.value("connect4_redirect_connects_failed_total", server));
    assertEquals(1, parsed.value("connect4_redirect_connections_connecting", server));
    assertEquals(5, parsed.value("connect4_redirect_connections_open", server));
    assertEquals(1, parsed.value("connect4_redirect_server_active", server));
    assertEquals(2, parsed.value("connect4_redirect_server_weight", server));
    var draining = Map.of("vip", "10.0.0.1:8500", "server", "10.1.2.5:8500");
    assertEquals(0, parsed.value("connect4_redirect_server_active", draining));
    var empty = Map.of("vip", "10.0.0.2:80");
    assertEquals(4, parsed.value("connect4_redirect_connects_refused_total", empty));
    assertEquals(
        1,
        parsed.value(
            "connect4_redirect_service_info",
            Map.of("vip", "10.0.0.2:80", "policy", "single", "no_server", "unreachable")));
    assertEquals(
        5,
        parsed.value(
            "connect4_redirect_container_connections_open",
            Map.of(
                "vip", "10.0.0.1:8500", "server", "10.1.2.3:8500", "cgroup", "4711", "path", "")));
    assertEquals(3, parsed.value("connect4_redirect_table_entries", Map.of("entry", "server")));
    assertEquals(65_536, parsed.value("connect4_redirect_table_capacity", Map.of("entry", "vip")));
    assertTrue(
        parsed.families().values().stream().noneMatch(family -> family.help().isBlank()), text);
  }

  @Test
  void anEmptyTableHasTheSameFamilies() {
    assertEquals(
        ParsedExposition.parse(Metrics.of(States.some(0), NO_NAMES)).families().keySet(),
        ParsedExposition.parse(Metrics.of(States.none(), NO_NAMES)).families().keySet());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", ":", "localhost:80", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536"})
  void aPlaceThatIsNoneIsRefused(String text) {
    var e = assertThrows(CommandException.class, () -> MetricsCommand.address(text));
    assertEquals(ExitCode.USAGE, e.exitCode());
  }

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1:9400", "[::1]:0", "0.0.0.0:1"})
  void aPlaceIsAnAddressAndAPort(String text) {
    int port = Integer.parseInt(text.substring(text.lastIndexOf(':') + 1));
    assertEquals(port, MetricsCommand.address(text).getPort());
  }
}
