package io.github.purebpf.redirect.cli;

import io.github.purebpf.redirect.CgroupFollower;
import io.github.purebpf.redirect.cli.text.Words;
import io.github.purebpf.redirect.controller.ControllerEvent;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.function.Consumer;

/** Writes what a controller does. */
record ControllerLog(EventLog log) implements Consumer<ControllerEvent>, CgroupFollower.Listener {
  private static SequencedMap<String, Object> fields(Object... namesAndValues) {
    var fields = new LinkedHashMap<String, Object>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      fields.put((String) namesAndValues[i], namesAndValues[i + 1]);
    }
    return fields;
  }

  @Override
  public void accept(ControllerEvent event) {
    switch (event) {
      case ControllerEvent.Joined(var server) ->
          log.info("server-joined", fields("server", server.server(), "weight", server.weight()));
      case ControllerEvent.Changed(var server, var before, var now) -> {
        var level =
            switch (now) {
              case ACTIVE -> EventLog.Level.INFO;
              case HELD, UNHEALTHY, PANIC, LEAVING -> EventLog.Level.WARN;
            };
        log.log(
            level,
            "server-changed",
            fields(
                "server", server.server(),
                "weight", server.weight(),
                "before", Words.of(before),
                "now", Words.of(now)));
      }
      case ControllerEvent.Left(var server) -> log.info("server-left", fields("server", server));
      case ControllerEvent.Drained(var vip, var server, var report) ->
          log.log(
              report.left() == 0 ? EventLog.Level.INFO : EventLog.Level.WARN,
              "server-drained",
              fields(
                  "vip", vip,
                  "server", server,
                  "ended", report.ended(),
                  "closed", report.closed(),
                  "left", report.left(),
                  "unreachable", report.unreachable()));
      case ControllerEvent.Rebalanced(var vip, var report) ->
          log.info(
              "connections-moved",
              fields(
                  "vip", vip,
                  "closed", report.closed(),
                  "even", report.even(),
                  "unreachable", report.unreachable()));
      case ControllerEvent.Leased(var lease) ->
          log.info("vip-leased", fields("vip", lease.vip(), "cgroup", lease.cgroup()));
      case ControllerEvent.Released(var lease) ->
          log.info("vip-released", fields("vip", lease.vip(), "cgroup", lease.cgroup()));
      case ControllerEvent.Moved(var vip, var from, var to, var report) -> {
        var fields = fields("vip", vip, "from", from, "to", to);
        fields.put("why", report.isPresent() ? "uneven" : "connections do not last");
        report.ifPresent(
            done -> {
              fields.put("closed", done.closed());
              fields.put("left", done.left());
              fields.put("unreachable", done.unreachable());
            });
        log.info("vip-moved", fields);
      }
      case ControllerEvent.SourceTrouble(var reason) ->
          log.warn("source-trouble", fields("reason", reason));
      case ControllerEvent.SourceFine() -> log.info("source-fine", fields());
      case ControllerEvent.Failed(var what, var why) ->
          log.error("failed", fields("what", what, "reason", Diagnosis.of(why).sentence()));
    }
  }

  @Override
  public void began(Path cgroup) {
    log.info("cgroup-attached", fields("cgroup", cgroup));
  }

  @Override
  public void gone(Path cgroup) {
    log.info("cgroup-gone", fields("cgroup", cgroup));
  }

  @Override
  public void failed(Path cgroup, RuntimeException why) {
    log.error("cgroup-failed", fields("cgroup", cgroup, "reason", Diagnosis.of(why).sentence()));
  }
}
