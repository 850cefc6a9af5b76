package io.github.purebpf.redirect.cli;

import io.github.purebpf.redirect.Ipv4;
import io.github.purebpf.redirect.Keepalive;
import io.github.purebpf.redirect.Service;
import io.github.purebpf.redirect.WeightedServer;
import io.github.purebpf.redirect.cli.text.Words;
import java.util.LinkedHashMap;
import java.util.Map;

/** A service as JSON, the same in all commands. */
final class ServiceJson {
  private ServiceJson() {}

  static Map<String, Object> of(Service service) {
    return ordered(
        "vip", endpoint(service.vip().address(), service.vip().port()),
        "protocol", "tcp",
        "policy", Words.of(service.policy()),
        "no_server", Words.of(service.noServer()),
        "servers", service.servers().stream().map(ServiceJson::server).toList(),
        "keepalive", service.keepalive().map(ServiceJson::keepalive).orElse(null));
  }

  private static Map<String, Object> keepalive(Keepalive keepalive) {
    return ordered(
        "idle_seconds", keepalive.idle().toSeconds(),
        "interval_seconds", keepalive.interval().toSeconds(),
        "probes", keepalive.probes(),
        "user_timeout_milliseconds", keepalive.userTimeout().toMillis());
  }

  private static Map<String, Object> server(WeightedServer weighted) {
    var json = endpoint(weighted.server().address(), weighted.server().port());
    json.put("weight", weighted.weight());
    return json;
  }

  static Map<String, Object> endpoint(Ipv4 address, int port) {
    return ordered("address", address.toString(), "port", port);
  }

  static Map<String, Object> ordered(Object... namesAndValues) {
    var map = new LinkedHashMap<String, Object>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      map.put((String) namesAndValues[i], namesAndValues[i + 1]);
    }
    return map;
  }
}
