package io.github.purebpf.redirect.cli.demo;

import io.github.purebpf.redirect.VirtualAddress;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.stream.Collectors;

/** What the sidecars say, in processes that run {@link SidecarProgram}. */
final class Sidecars {
  private static final String SERVED = "served ";
  private static final String LOST = "lost";

  private final VirtualAddress vip;
  private final List<Writer> requests = new ArrayList<>();

  /** What each has said last; guarded by this, as what follows is. */
  private final Map<String, String> said = new HashMap<>();

  private int lost;

  /**
   * @param vip what they connect to
   */
  Sidecars(VirtualAddress vip) {
    this.vip = vip;
  }

  /** Listens to a process, in a thread of its own, until it ends. */
  void add(Process process, Executor threads) {
    int host = requests.size();
    requests.add(process.outputWriter(StandardCharsets.US_ASCII));
    var answers = process.inputReader(StandardCharsets.US_ASCII);
    threads.execute(() -> listen(host, answers));
  }

  private void listen(int host, BufferedReader answers) {
    try {
      for (var line = answers.readLine(); line != null; line = answers.readLine()) {
        int space = line.indexOf(' ');
        hear(host + "." + line.substring(0, space), line.substring(space + 1));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("sidecars of process " + host, e);
    }
  }

  private synchronized void hear(String sidecar, String what) {
    said.put(sidecar, what);
    if (what.equals(LOST)) {
      lost++;
    }
  }

  /** Starts some more, the same number in each process. */
  void start(int count) throws IOException {
    for (var request : requests) {
      request.write("%s %d %d%n".formatted(vip.address(), vip.port(), count / requests.size()));
      request.flush();
    }
  }

  /** How often a connection was lost. */
  synchronized int lost() {
    return lost;
  }

  /** How many are served by whom, such as {@code A 8, B 8}, or are not. */
  synchronized String state() {
    return state(
        said.values().stream()
            .map(what -> what.startsWith(SERVED) ? what.substring(SERVED.length()) : what)
            .collect(Collectors.toMap(what -> what, _ -> 1, Integer::sum)));
  }

  /** The same words for what was counted elsewhere. */
  static String state(Map<String, ? extends Number> counts) {
    return new TreeMap<>(counts)
        .entrySet().stream()
            .filter(count -> count.getValue().longValue() > 0)
            .map(count -> count.getKey() + " " + count.getValue())
            .collect(Collectors.joining(", "));
  }
}
