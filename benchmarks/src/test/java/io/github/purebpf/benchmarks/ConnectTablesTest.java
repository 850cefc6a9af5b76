package io.github.purebpf.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Collections;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

final class ConnectTablesTest {
  private static final List<Peer> PEERS =
      List.of(
          new Peer.Ready(Way.PUREBPF.key, "purebpf", "1", List.of(), List.of()),
          new Peer.Ready("raw", "C, raw system calls", "1", List.of(), List.of()),
          new Peer.Ready(Way.DIRECT.key, "direct", "1", List.of(), List.of()),
          new Peer.Missing(Way.HAPROXY.key, "HAProxy", "not installed"));

  private final Results results = new Results();

  private void add(String caseId, Way way, long... nanosEach) {
    for (int i = 0; i < nanosEach.length; i++) {
      var measurement = new Measurement(10, 10 * nanosEach[i], OptionalLong.empty(), "-");
      results.add(new Row(i + 1, 1, 1, caseId, way.key, measurement));
    }
  }

  private void addEach(String caseId, Way way, long... nanos) {
    for (int i = 0; i < nanos.length; i++) {
      var quantiles = Collections.nCopies(Quantiles.ALL.size(), nanos[i]);
      results.add(new Results.Latency(i + 1, caseId, way.key, quantiles));
    }
  }

  @Test
  void hasNoTableWithoutFigures() {
    assertEquals(List.of(), new ConnectTables(results, PEERS).lines());
  }

  @Test
  void tellsRatesOfWhatIsMeasuredTogether() {
    add("stream", Way.PUREBPF, 250_000, 200_000, 500_000);
    add("stream", Way.DIRECT, 100_000);
    assertEquals(
        List.of(
            "### Rates: median, least and most",
            "",
            "|  | purebpf | direct | HAProxy |",
            "|---|---|---|---|",
            "| MiB per CPU-second | 4000 (2000–5000) | 10000 (10000–10000) | — |",
            ""),
        new ConnectTables(results, PEERS).lines());
  }

  /** The second round is slow for both: what purebpf adds is not. */
  @Test
  void tellsWhatComesOnTopOfDirectInTheSameRound() {
    addEach("round-trip", Way.PUREBPF, 21_500, 91_000, 20_500, 99_000);
    addEach("round-trip", Way.DIRECT, 20_000, 90_000, 21_000);
    var lines = new ConnectTables(results, PEERS).lines();
    assertEquals(
        "| round trip of a byte | +1.0 (-0.5 to +1.5) | — | — |", lines.get(lines.size() - 2));
  }
}
