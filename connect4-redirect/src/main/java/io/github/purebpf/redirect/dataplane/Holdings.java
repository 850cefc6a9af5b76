package io.github.purebpf.redirect.dataplane;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Which containers hold connections to which servers, at one time. */
public final class Holdings {
  /**
   * What one container holds to one server.
   *
   * @param cgroup the id of the container's cgroup
   * @param open how many connections, at least 1
   * @param since since when it holds one
   */
  public record Holding(long cgroup, long open, Instant since) {}

  private final Map<Integer, List<Holding>> byBackend = new HashMap<>();

  /**
   * @param bootTime what {@link HolderEntry#since} counts from
   */
  Holdings(Map<HolderKey, HolderEntry> entries, Instant bootTime) {
    entries.forEach(
        (key, entry) -> {
          if (entry.open() > 0) {
            byBackend
                .computeIfAbsent(key.backend(), _ -> new ArrayList<>())
                .add(new Holding(key.cgroup(), entry.open(), bootTime.plusNanos(entry.since())));
          }
        });
  }

  /** Those to a server. */
  public List<Holding> of(int backend) {
    return byBackend.getOrDefault(backend, List.of());
  }
}
