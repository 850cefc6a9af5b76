package io.github.purebpf.redirect.cli.config;

import io.github.purebpf.redirect.Server;
import io.github.purebpf.redirect.Service;
import io.github.purebpf.redirect.VirtualAddress;
import io.github.purebpf.redirect.WeightedServer;
import io.github.purebpf.redirect.cli.text.KeepaliveText;
import io.github.purebpf.redirect.cli.text.ServerText;
import io.github.purebpf.redirect.cli.text.Words;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;

/** What becomes of one virtual address. */
public sealed interface Change {
  /** It is new. */
  record Added(Service service) implements Change {
    @Override
    public VirtualAddress vip() {
      return service.vip();
    }

    @Override
    public String toString() {
      return "+ " + line(service);
    }
  }

  /** It is taken out. */
  record Removed(Service service) implements Change {
    @Override
    public VirtualAddress vip() {
      return service.vip();
    }

    @Override
    public String toString() {
      return "- " + line(service);
    }
  }

  /** It is another one. */
  record Changed(Service before, Service after) implements Change {
    @Override
    public VirtualAddress vip() {
      return after.vip();
    }

    @Override
    public String toString() {
      var details = new ArrayList<String>();
      if (before.policy() != after.policy()) {
        details.add("policy " + Words.of(before.policy()) + " -> " + Words.of(after.policy()));
      }
      if (before.noServer() != after.noServer()) {
        details.add(
            "no-server " + Words.of(before.noServer()) + " -> " + Words.of(after.noServer()));
      }
      if (!before.keepalive().equals(after.keepalive())) {
        details.add(
            "keepalive "
                + KeepaliveText.of(before.keepalive())
                + " -> "
                + KeepaliveText.of(after.keepalive()));
      }
      var old = weights(before);
      var now = weights(after);
      now.forEach(
          (server, weight) -> {
            if (!old.containsKey(server)) {
              details.add("server + " + ServerText.of(new WeightedServer(server, weight)));
            } else if (!old.get(server).equals(weight)) {
              details.add("weight of %s %d -> %d".formatted(server, old.get(server), weight));
            }
          });
      old.keySet().stream()
          .filter(server -> !now.containsKey(server))
          .forEach(server -> details.add("server - " + server));
      return "~ "
          + after.vip()
          + " "
          + (details.isEmpty() ? "the order of the servers" : String.join(", ", details));
    }

    private static Map<Server, Integer> weights(Service service) {
      var weights = new LinkedHashMap<Server, Integer>();
      service.servers().forEach(server -> weights.put(server.server(), server.weight()));
      return weights;
    }
  }

  /** Whose. */
  VirtualAddress vip();

  private static String line(Service service) {
    return "%s %s %s"
        .formatted(
            service.vip(),
            Words.of(service.policy()),
            service.servers().isEmpty() ? "no server" : ServerText.of(service.servers()));
  }
}
