package io.github.purebpf.redirect.consul;

import io.github.purebpf.redirect.Ipv4;
import io.github.purebpf.redirect.Server;
import io.github.purebpf.redirect.WeightedServer;
import io.github.purebpf.redirect.json.JsonException;
import io.github.purebpf.redirect.json.JsonReader;
import io.github.purebpf.redirect.json.JsonValue;
import io.github.purebpf.redirect.json.JsonValue.JsonArray;
import io.github.purebpf.redirect.json.JsonValue.JsonNull;
import io.github.purebpf.redirect.json.JsonValue.JsonNumber;
import io.github.purebpf.redirect.json.JsonValue.JsonObject;
import io.github.purebpf.redirect.json.JsonValue.JsonString;
import io.github.purebpf.redirect.source.Finding;
import io.github.purebpf.redirect.source.Finding.Doubt;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What {@code /v1/health/service} answered.
 *
 * @param servers with doubts, and what was left out
 * @param index of the state of which it tells; 0 if Consul made a mistake
 */
record Health(Finding.Servers servers, long index) {
  private static final Pattern INDEX = Pattern.compile("[0-9]{1,18}");
  private static final int MAX_WEIGHT = 65_535;

  /**
   * Reads it.
   *
   * @throws ConsulException if it is not what Consul would say
   */
  static Health of(Http.Reply reply, ConsulOptions options) throws ConsulException {
    var index = reply.headers().firstValue("X-Consul-Index").orElse("");
    if (!INDEX.matcher(index).matches()) {
      throw new ConsulException(
          "it answers without X-Consul-Index: is there Consul, and nothing that takes headers away?");
    }
    return new Health(new Entries(options).read(reply), Long.parseLong(index));
  }

  /** What to ask next with: the rules of Consul's blocking queries. */
  long nextIndex(long last) {
    return index < last ? 0 : Math.max(1, index);
  }

  private static Set<Doubt> doubts(Http.Reply reply, ConsulOptions options) {
    var headers = reply.headers();
    var doubts = EnumSet.noneOf(Doubt.class);
    if (isTrue(headers.firstValue("X-Consul-Results-Filtered-By-ACLs"))) {
      doubts.add(Doubt.FILTERED);
    }
    var contact = headers.firstValue("X-Consul-LastContact").orElse("0");
    boolean late =
        !INDEX.matcher(contact).matches()
            || options
                .freshness()
                .staleLimit()
                .filter(limit -> Long.parseLong(contact) > limit.toMillis())
                .isPresent();
    if (late || headers.firstValue("X-Consul-KnownLeader").equals(Optional.of("false"))) {
      doubts.add(Doubt.STALE);
    }
    return doubts;
  }

  private static boolean isTrue(Optional<String> header) {
    return header.equals(Optional.of("true"));
  }

  /** Reads the entries one after the other. */
  private static final class Entries {
    private final ConsulOptions options;
    private final Map<Server, String> names = new HashMap<>();
    private final List<WeightedServer> servers = new ArrayList<>();
    private final List<String> leftOut = new ArrayList<>();

    /** For messages. */
    private String entry = "";

    Entries(ConsulOptions options) {
      this.options = options;
    }

    Finding.Servers read(Http.Reply reply) throws ConsulException {
      JsonValue value;
      try {
        value = JsonReader.read(reply.body());
      } catch (JsonException e) {
        throw new ConsulException("its answer is no JSON: " + e.getMessage());
      }
      if (!(value instanceof JsonArray array)) {
        throw new ConsulException("its answer is no list of instances: is there Consul?");
      }
      int count = 0;
      for (var element : array.elements()) {
        entry = "instance " + ++count;
        if (!(element instanceof JsonObject instance)) {
          throw wrong("it is no object");
        }
        add(instance);
      }
      return new Finding.Servers(servers, doubts(reply, options), leftOut);
    }

    private void add(JsonObject instance) throws ConsulException {
      var node = object(instance, "Node").orElseThrow(() -> wrong("Node is missing"));
      var service = object(instance, "Service").orElseThrow(() -> wrong("Service is missing"));
      var name = "node " + Line.of(text(node, "Node"));
      entry = entry + " (" + name + ")";
      var meta = object(service, "Meta").orElse(new JsonObject(new LinkedHashMap<>()));
      if (text(meta, "read_replica").equals("true") && !options.instances().readReplicas()) {
        return;
      }
      var port = port(meta);
      var addresses = addresses(node, service);
      var address = addresses.stream().flatMap(text -> ipv4(text).stream()).findFirst();
      if (port.isEmpty()) {
        leftOut.add(name + ": its gRPC port in Meta is no port");
      } else if (address.isEmpty()) {
        leftOut.add(
            "%s: %s is no IPv4 address, and it has no other"
                .formatted(name, Line.of(addresses.getFirst())));
      } else {
        var server = new Server(address.get(), port.get());
        var other = names.putIfAbsent(server, name);
        if (other == null) {
          servers.add(new WeightedServer(server, weight(service)));
        } else {
          leftOut.add("%s: %s is already that of %s".formatted(name, server, other));
        }
      }
    }

    private Optional<Integer> port(JsonObject meta) throws ConsulException {
      var tls = text(meta, "grpc_tls_port");
      var plain = text(meta, "grpc_port");
      var first = options.instances().preferTls() ? tls : plain;
      var second = options.instances().preferTls() ? plain : tls;
      var text = first.isEmpty() ? second : first;
      if (text.isEmpty()) {
        return Optional.of(options.instances().defaultPort());
      }
      return new JsonNumber(text)
          .asInt().stream().filter(port -> port >= 1 && port <= 65_535).boxed().findFirst();
    }

    /** The best first. */
    private List<String> addresses(JsonObject node, JsonObject service) throws ConsulException {
      var found = new ArrayList<String>();
      var own = text(service, "Address");
      found.add(own.isEmpty() ? text(node, "Address") : own);
      var tagged = object(service, "TaggedAddresses");
      var lan = tagged.isPresent() ? object(tagged.get(), "lan_ipv4") : tagged;
      if (lan.isPresent()) {
        found.add(text(lan.get(), "Address"));
      }
      var nodes = object(node, "TaggedAddresses");
      if (nodes.isPresent()) {
        found.add(text(nodes.get(), "lan_ipv4"));
      }
      return found;
    }

    private static Optional<Ipv4> ipv4(String text) {
      try {
        return Optional.of(Ipv4.parse(text));
      } catch (IllegalArgumentException e) {
        return Optional.empty();
      }
    }

    private int weight(JsonObject service) throws ConsulException {
      var weights = object(service, "Weights");
      var passing =
          weights.isPresent()
              ? member(weights.get(), "Passing").orElse(new JsonNumber("1"))
              : new JsonNumber("1");
      if (!(passing instanceof JsonNumber number) || number.asInt().isEmpty()) {
        throw wrong("Weights.Passing is no whole number");
      }
      return Math.clamp(number.asInt().getAsInt(), 1, MAX_WEIGHT);
    }

    private static Optional<JsonValue> member(JsonObject object, String name) {
      return Optional.ofNullable(object.members().get(name))
          .filter(value -> !(value instanceof JsonNull));
    }

    private Optional<JsonObject> object(JsonObject in, String name) throws ConsulException {
      var value = member(in, name);
      if (value.isPresent() && !(value.get() instanceof JsonObject)) {
        throw wrong(name + " is no object");
      }
      return value.map(JsonObject.class::cast);
    }

    /** Empty where there is none, as Consul itself writes it. */
    private String text(JsonObject in, String name) throws ConsulException {
      var value = member(in, name);
      if (value.isPresent() && !(value.get() instanceof JsonString)) {
        throw wrong(name + " is no string");
      }
      return value.map(string -> ((JsonString) string).text()).orElse("");
    }

    private ConsulException wrong(String why) {
      return new ConsulException("its answer makes no sense: " + entry + ": " + why);
    }
  }
}
