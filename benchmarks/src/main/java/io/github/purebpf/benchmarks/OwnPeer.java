package io.github.purebpf.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * purebpf as a peer: the same protocol as the programs in {@code src/peers}, which {@code
 * protocol.h} tells.
 */
final class OwnPeer {
  private OwnPeer() {}

  /**
   * Answers until the end of standard input.
   *
   * @param args the folder of pins, the cgroup, and the folder of files
   */
  public static void main(String[] args) throws IOException {
    var maps = new OwnMaps();
    var all =
        List.of(
            maps, new OwnCode(), new OwnRings(Path.of(args[0])), new OwnLoads(Path.of(args[1])));
    System.out.println("ready Java " + Runtime.version());
    var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      System.out.println(answer(line.split(" ", -1), all, maps));
    }
    all.forEach(OwnCases::close);
  }

  private static String answer(String[] words, List<OwnCases> all, OwnMaps maps) {
    try {
      int operations = Integer.parseInt(words[2]);
      return words[0].equals("latency")
          ? maps.latencies(words[1], operations).map(OwnPeer::quantiles).orElse("none")
          : run(words[1], operations, all).map(Measurement::line).orElse("none");
    } catch (RuntimeException e) {
      return "error " + e.toString().replace('\n', ' ');
    }
  }

  private static Optional<Measurement> run(String name, int operations, List<OwnCases> all) {
    return all.stream()
        .map(cases -> cases.run(name, operations))
        .flatMap(Optional::stream)
        .findFirst();
  }

  private static String quantiles(long[] sorted) {
    return Quantiles.ALL.stream()
        .map(q -> Long.toString(Quantiles.of(sorted, q)))
        .collect(Collectors.joining(" ", "ok " + sorted.length + " ", ""));
  }
}
