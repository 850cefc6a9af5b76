package io.github.purebpf.redirect.cli;

import io.github.purebpf.redirect.ConnectionEvent;
import io.github.purebpf.redirect.Server;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** How events are written, with the names of the cgroups that they are of. */
final class EventText {
  /** What all kinds of events say. */
  private record Parts(String word, Optional<Server> server, Optional<Duration> time) {
    static Parts of(ConnectionEvent event) {
      return switch (event) {
        case ConnectionEvent.Established e ->
            new Parts("established", Optional.of(e.server()), Optional.of(e.latency()));
        case ConnectionEvent.Failed e ->
            new Parts("failed", Optional.of(e.server()), Optional.of(e.after()));
        case ConnectionEvent.Closed e ->
            new Parts("closed", Optional.of(e.server()), Optional.of(e.lasted()));
        case ConnectionEvent.Refused _ -> new Parts("refused", Optional.empty(), Optional.empty());
      };
    }
  }

  /** A cgroup may be removed and another made, but its id does not come again. */
  private final Map<Long, Optional<String>> names = new HashMap<>();

  /** {@code 2026-01-31T12:00:00.123456Z established VIP -> SERVER in 0.412ms by /a (process 1)}. */
  String line(ConnectionEvent event) {
    var parts = Parts.of(event);
    var out = new StringBuilder();
    out.append("%-27s".formatted(event.at().truncatedTo(ChronoUnit.MICROS)))
        .append(" %-11s %s".formatted(parts.word(), event.vip()));
    parts.server().ifPresent(server -> out.append(" -> ").append(server));
    parts
        .time()
        .ifPresent(
            time ->
                out.append(parts.word().equals("established") ? " in " : " after ")
                    .append(duration(time)));
    out.append(" by ")
        .append(name(event.client().cgroup()).orElse("cgroup " + event.client().cgroup()));
    if (event.client().process() > 0) {
      out.append(" (process ").append(event.client().process()).append(")");
    }
    return out.toString();
  }

  /** One line of JSON. */
  String json(ConnectionEvent event) {
    var parts = Parts.of(event);
    var json = new LinkedHashMap<String, Object>();
    json.put("event", parts.word());
    json.put("at", event.at().toString());
    json.put("vip", ServiceJson.endpoint(event.vip().address(), event.vip().port()));
    json.put(
        "server",
        parts.server().map(s -> ServiceJson.endpoint(s.address(), s.port())).orElse(null));
    json.put("nanoseconds", parts.time().map(Duration::toNanos).orElse(null));
    json.put("cgroup", event.client().cgroup());
    json.put("path", name(event.client().cgroup()).orElse(null));
    json.put("process", event.client().process());
    json.put("thread", event.client().thread());
    return Json.write(json);
  }

  private Optional<String> name(long cgroup) {
    return names.computeIfAbsent(cgroup, id -> CgroupNames.find(Set.of(id)).of(id));
  }

  static String duration(Duration duration) {
    double millis = duration.toNanos() / 1e6;
    return millis < 1000
        ? String.format(Locale.ROOT, "%.3fms", millis)
        : String.format(Locale.ROOT, "%.3fs", millis / 1000);
  }
}
