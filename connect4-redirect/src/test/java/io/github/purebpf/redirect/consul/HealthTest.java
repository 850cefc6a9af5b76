package io.github.purebpf.redirect.consul;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.redirect.Server;
import io.github.purebpf.redirect.WeightedServer;
import io.github.purebpf.redirect.consul.ConsulOptions.Freshness;
import io.github.purebpf.redirect.consul.ConsulOptions.Instances;
import io.github.purebpf.redirect.source.Finding;
import io.github.purebpf.redirect.source.Finding.Doubt;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HealthTest {
  private static final ConsulOptions OPTIONS =
      ConsulOptions.of(List.of(URI.create("http://127.0.0.1:8500")));

  /** As the documentation of Consul shows it. */
  private static final String DOCUMENTED =
      """
      [
        {
          "Node": {
            "ID": "40e4a748-2192-161a-0510-9bf59fe950b5",
            "Node": "s1",
            "Address": "10.1.10.12",
            "Datacenter": "dc1",
            "TaggedAddresses": { "lan": "10.1.10.12", "lan_ipv4": "10.1.10.12", "wan": "10.1.10.12" },
            "Meta": { "instance_type": "t2.medium" }
          },
          "Service": {
            "ID": "consul",
            "Service": "consul",
            "Tags": [],
            "Address": "",
            "TaggedAddresses": null,
            "Meta": {
              "grpc_port": "8502", "grpc_tls_port": "8503", "non_voter": "false",
              "raft_version": "3", "read_replica": "false", "version": "1.22.0"
            },
            "Port": 8300,
            "Weights": { "Passing": 10, "Warning": 1 },
            "EnableTagOverride": false,
            "Proxy": { "Mode": "", "MeshGateway": {}, "Expose": {} },
            "Connect": {}
          },
          "Checks": [
            {
              "Node": "s1", "CheckID": "serfHealth", "Name": "Serf Health Status",
              "Status": "passing", "Notes": "", "Output": "Agent alive and reachable"
            }
          ]
        }
      ]
      """;

  private static Http.Reply reply(String body, Map<String, String> more) {
    var headers = new HashMap<String, List<String>>();
    headers.put("X-Consul-Index", List.of("7"));
    more.forEach((name, value) -> headers.put(name, List.of(value)));
    return new Http.Reply(
        200, HttpHeaders.of(headers, (_, _) -> true), body.getBytes(StandardCharsets.UTF_8));
  }

  private static Finding.Servers read(String body) throws ConsulException {
    return Health.of(reply(body, Map.of()), OPTIONS).servers();
  }

  private static Finding.Servers server(String text) {
    return new Finding.Servers(List.of(new WeightedServer(Server.parse(text))), Set.of());
  }

  /** An instance with what matters here. */
  private static String instance(String node, String service) {
    return "{\"Node\":{\"Node\":\"n1\"%s},\"Service\":{%s}}"
        .formatted(node, service)
        .replace('\'', '"');
  }

  @Test
  void readsWhatTheDocumentationShows() throws Exception {
    assertEquals(
        new Finding.Servers(
            List.of(new WeightedServer(Server.parse("10.1.10.12:8503"), 10)), Set.of()),
        read(DOCUMENTED));
    var plain = OPTIONS.withInstances(new Instances(false, 8502, true));
    assertEquals(
        List.of(new WeightedServer(Server.parse("10.1.10.12:8502"), 10)),
        Health.of(reply(DOCUMENTED, Map.of()), plain).servers().servers());
    assertEquals(new Finding.Servers(List.of(), Set.of()), read("[]"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "10.0.0.1:8502 | ,'Address':'10.0.0.1' | 'Port':8300",
        "10.0.0.1:99 | ,'Address':'10.0.0.1' | 'Meta':{'grpc_port':'99'}",
        "10.0.0.1:98 | ,'Address':'10.0.0.1' | 'Meta':{'grpc_tls_port':'98'}",
        "10.0.0.2:8502 | ,'Address':'10.0.0.1' | 'Address':'10.0.0.2'",
        "10.0.0.3:8502 | ,'Address':'fd::1','TaggedAddresses':{'lan_ipv4':'10.0.0.3'} | 'Port':1",
        "10.0.0.4:8502 | ,'Address':'10.0.0.1' | 'Address':'fd::1','TaggedAddresses':{'lan_ipv4':{'Address':'10.0.0.4','Port':1}}",
        "10.0.0.1:8502 | ,'Address':'10.0.0.1' | 'Weights':{'Passing':-5}",
      })
  void takesTheBestAddressAndPort(String expected, String node, String service) throws Exception {
    assertEquals(server(expected), read("[" + instance(node, service) + "]"));
  }

  @Test
  void whatCannotBeUsedIsNamedAndTheRestIsTaken() throws Exception {
    var good = ",'Address':'10.0.0.1'";
    var found =
        read(
            "[%s,%s,%s,%s,%s]"
                .formatted(
                    instance(good, ""),
                    instance(",'Address':'fd00::1'", ""),
                    instance(",'Address':'consul\\nhost'", ""),
                    instance(good, "'Meta':{'grpc_port':'0'}"),
                    instance(good, "'Address':'10.0.0.1'")));
    assertEquals(server("10.0.0.1:8502").servers(), found.servers());
    assertEquals(
        List.of(
            "node n1: fd00::1 is no IPv4 address, and it has no other",
            "node n1: consul is no IPv4 address, and it has no other",
            "node n1: its gRPC port in Meta is no port",
            "node n1: 10.0.0.1:8502 is already that of node n1"),
        found.leftOut());
  }

  @Test
  void aReplicaWithoutAVoteCountsIfWanted() throws Exception {
    var body = "[" + instance(",'Address':'10.0.0.1'", "'Meta':{'read_replica':'true'}") + "]";
    assertEquals(server("10.0.0.1:8502"), read(body));
    var without =
        Health.of(reply(body, Map.of()), OPTIONS.withInstances(new Instances(true, 8502, false)));
    assertEquals(new Finding.Servers(List.of(), Set.of()), without.servers());
  }

  @Test
  void aWeightThatIsTooLargeIsTheLargest() throws Exception {
    var body = "[" + instance(",'Address':'10.0.0.1'", "'Weights':{'Passing':100000}") + "]";
    assertEquals(65_535, read(body).servers().getFirst().weight());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "<html> | no JSON: line 1, column 1",
        "[ | no JSON: line 1, column 2",
        "{} | no list of instances",
        "null | no list of instances",
        "[1] | instance 1: it is no object",
        "[{}] | instance 1: Node is missing",
        "[{'Node':{}}] | instance 1: Service is missing",
        "[{'Node':{},'Service':null}] | instance 1: Service is missing",
        "[{'Node':[],'Service':{}}] | instance 1: Node is no object",
        "[{'Node':{'Node':1},'Service':{}}] | instance 1: Node is no string",
        "[{'Node':{'Node':'a'},'Service':{'Meta':{'grpc_port':8502}}}] | (node a): grpc_port is no string",
        "[{'Node':{'Node':'a'},'Service':{'Address':{}}}] | Address is no string",
        "[{'Node':{'Address':'1.1.1.1'},'Service':{'Weights':{'Passing':'1'}}}] | no whole number",
      })
  void anAnswerThatMakesNoSenseIsRefusedInWords(String body, String words) {
    var e = assertThrows(ConsulException.class, () -> read(body.replace('\'', '"')));
    assertTrue(e.getMessage().contains(words), e.getMessage());
  }

  @Test
  void headersTellWhatIsDoubtful() throws Exception {
    var filtered = Map.of("X-Consul-Results-Filtered-By-ACLs", "true");
    assertEquals(
        Set.of(Doubt.FILTERED), Health.of(reply("[]", filtered), OPTIONS).servers().doubts());
    var lost = Map.of("X-Consul-KnownLeader", "false");
    assertEquals(Set.of(Doubt.STALE), Health.of(reply("[]", lost), OPTIONS).servers().doubts());
    var late = Map.of("X-Consul-LastContact", "10001", "X-Consul-KnownLeader", "true");
    assertEquals(Set.of(Doubt.STALE), Health.of(reply("[]", late), OPTIONS).servers().doubts());
    var patient =
        OPTIONS.withFreshness(
            new Freshness(Duration.ofMinutes(5), Optional.of(Duration.ofSeconds(11))));
    assertEquals(Set.of(), Health.of(reply("[]", late), patient).servers().doubts());
  }

  @Test
  void anAnswerWithoutIndexIsNotConsuls() {
    for (var index : List.of("", "x", "-1", "99999999999999999999")) {
      var reply = reply("[]", Map.of("X-Consul-Index", index));
      assertThrows(ConsulException.class, () -> Health.of(reply, OPTIONS), index);
    }
  }

  @ParameterizedTest
  @CsvSource({"5,7,7", "7,7,7", "0,7,7", "9,7,0", "0,0,1", "1,0,0", "0,1,1"})
  void theIndexGoesOnAndBackAsConsulWantsIt(long last, long answered, long next) throws Exception {
    var reply = reply("[]", Map.of("X-Consul-Index", Long.toString(answered)));
    assertEquals(next, Health.of(reply, OPTIONS).nextIndex(last));
  }

  @Property(tries = 2000)
  void aBrokenAnswerIsAFindingOrRefusedInALine(
      @ForAll @IntRange(min = 1, max = 4) int times, @ForAll long seed) {
    var random = new Random(seed);
    var text = new StringBuilder(DOCUMENTED);
    for (int i = 0; i < times; i++) {
      int at = random.nextInt(text.length());
      switch (random.nextInt(3)) {
        case 0 -> text.setCharAt(at, (char) random.nextInt(256));
        case 1 -> text.delete(at, Math.min(text.length(), at + random.nextInt(30)));
        default -> text.insert(at, "{}[]:,\"1n\\".charAt(random.nextInt(10)));
      }
    }
    try {
      read(text.toString());
    } catch (ConsulException e) {
      assertFalse(e.getMessage().chars().anyMatch(c -> c < ' '), e.getMessage());
    }
  }
}
