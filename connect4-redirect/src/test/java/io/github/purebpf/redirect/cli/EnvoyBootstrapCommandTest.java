package io.github.purebpf.redirect.cli;

import static io.github.purebpf.redirect.cli.ParsedYaml.at;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EnvoyBootstrapCommandTest {
  private static final String TOKEN = "3f5c2c1e-8a7b-4a52-9a53-0f6d6a1f2f11";
  private static final Path DEPLOY = Path.of("deploy", "envoy");
  private static final List<String> LEAST =
      List.of(
          "--vip", "10.0.0.1:8503", "--node-id", "web-1-sidecar-proxy", "--node-name", "node-1");
  private static final List<String> TLS = List.of("--ca-file", "/consul/tls/ca.pem");

  @TempDir private Path folder;

  private static Result bootstrap(List<String> first, String... more) {
    var words = new ArrayList<>(List.of("envoy-bootstrap"));
    words.addAll(LEAST);
    words.addAll(first);
    words.addAll(List.of(more));
    return Result.of(words.toArray(String[]::new));
  }

  private static String printed(Result result) {
    assertEquals(ExitCode.OK, result.exitCode(), result.err());
    assertEquals("", result.err());
    return result.out();
  }

  private static Object cluster(Object document) {
    return at(document, "static_resources", "clusters", 0);
  }

  private static Object metadata(Object document) {
    return at(
        document, "dynamic_resources", "ads_config", "grpc_services", 0, "initial_metadata", 0);
  }

  private static Object tls(Object document) {
    return at(cluster(document), "transport_socket", "typed_config");
  }

  @Test
  void isTheExampleWithTheReasons() throws IOException {
    assertEquals(
        Files.readString(DEPLOY.resolve("bootstrap.yaml")),
        printed(bootstrap(TLS, "--node-cluster", "web", "--datacenter", "dc1")));
  }

  @Test
  void isInJsonOneLineOfTheSame() throws IOException {
    var json =
        printed(bootstrap(TLS, "--node-cluster", "web", "--datacenter", "dc1", "--format", "json"));
    assertEquals(json.length() - 1, json.indexOf('\n'));
    assertEquals(
        ParsedYaml.parse(Files.readString(DEPLOY.resolve("bootstrap.yaml"))),
        ParsedYaml.parse(json));
  }

  /** All fields of the message, so that none is misspelled that nobody looks at. */
  @Test
  void hasTheFieldsOfTheMessageAndNoOthers() {
    var document = (Map<?, ?>) ParsedYaml.parse(printed(bootstrap(TLS)));
    assertEquals(
        List.of("node", "admin", "static_resources", "dynamic_resources", "layered_runtime"),
        List.copyOf(document.keySet()));
    assertEquals(
        List.of(
            "name",
            "type",
            "connect_timeout",
            "load_assignment",
            "upstream_connection_options",
            "typed_extension_protocol_options",
            "transport_socket"),
        List.copyOf(((Map<?, ?>) cluster(document)).keySet()));
    assertEquals(
        Map.of(
            "id",
            "web-1-sidecar-proxy",
            "cluster",
            "web-1-sidecar-proxy",
            "metadata",
            Map.of("node_name", "node-1", "namespace", "default", "partition", "default")),
        at(document, "node"));
    assertEquals(
        Map.of("socket_address", Map.of("address", "10.0.0.1", "port_value", 8503)),
        at(
            cluster(document),
            "load_assignment",
            "endpoints",
            0,
            "lb_endpoints",
            0,
            "endpoint",
            "address"));
    assertEquals("STATIC", at(cluster(document), "type"));
    for (var name : List.of("lds_config", "cds_config")) {
      assertEquals(
          Map.of("ads", Map.of(), "initial_fetch_timeout", "0s", "resource_api_version", "V3"),
          at(document, "dynamic_resources", name));
    }
    var ads = at(document, "dynamic_resources", "ads_config");
    assertEquals("DELTA_GRPC", at(ads, "api_type"));
    assertEquals("V3", at(ads, "transport_api_version"));
    assertEquals(
        at(cluster(document), "name"), at(ads, "grpc_services", 0, "envoy_grpc", "cluster_name"));
    assertEquals(
        Map.of("address", "127.0.0.1", "port_value", 19_000),
        at(document, "admin", "address", "socket_address"));
  }

  @Test
  void everyStreamGetsAConnectionOfItsOwnThatIsPinged() {
    var options =
        at(
            cluster(ParsedYaml.parse(printed(bootstrap(TLS, "--ping", "20s/2500ms")))),
            "typed_extension_protocol_options",
            "envoy.extensions.upstreams.http.v3.HttpProtocolOptions");
    assertEquals(1, at(options, "common_http_protocol_options", "max_requests_per_connection"));
    assertEquals(
        Map.of("interval", "20s", "timeout", "2.5s"),
        at(options, "explicit_http_config", "http2_protocol_options", "connection_keepalive"));
  }

  @Test
  void theServersAreCheckedByANameThatAllHave() {
    var tls =
        tls(
            ParsedYaml.parse(
                printed(bootstrap(TLS, "--datacenter", "east-1", "--domain", "mesh.example"))));
    assertEquals("server.east-1.mesh.example", at(tls, "sni"));
    var context = at(tls, "common_tls_context", "validation_context");
    assertEquals("/consul/tls/ca.pem", at(context, "trusted_ca", "filename"));
    assertEquals(
        Map.of("san_type", "DNS", "matcher", Map.of("exact", "server.east-1.mesh.example")),
        at(context, "match_typed_subject_alt_names", 0));
    assertFalse(((Map<?, ?>) at(tls, "common_tls_context")).containsKey("tls_certificates"));
    assertEquals(
        "consul.example",
        at(
            tls(ParsedYaml.parse(printed(bootstrap(TLS, "--server-name", "consul.example")))),
            "sni"));
  }

  @Test
  void aClientCertificateIsShown() {
    var tls =
        tls(
            ParsedYaml.parse(
                printed(bootstrap(TLS, "--cert-file", "/a/cert.pem", "--key-file", "/a/key.pem"))));
    assertEquals(
        Map.of(
            "certificate_chain",
            Map.of("filename", "/a/cert.pem"),
            "private_key",
            Map.of("filename", "/a/key.pem")),
        at(tls, "common_tls_context", "tls_certificates", 0));
  }

  @Test
  void plaintextHasNoTls() {
    var cluster = (Map<?, ?>) cluster(ParsedYaml.parse(printed(bootstrap(List.of("--plaintext")))));
    assertFalse(cluster.containsKey("transport_socket"));
  }

  @Test
  void theTokenOfTheFileIsPutInAndElseAPlaceholderStandsThere() throws IOException {
    var file = Files.writeString(folder.resolve("token"), TOKEN + "\n");
    var with = printed(bootstrap(TLS, "--token-file", file.toString()));
    assertEquals(Map.of("key", "x-consul-token", "value", TOKEN), metadata(ParsedYaml.parse(with)));
    assertFalse(with.contains("put the token in"), with);
    var without = printed(bootstrap(TLS));
    assertEquals(EnvoyBootstrap.NO_TOKEN, at(metadata(ParsedYaml.parse(without)), "value"));
    assertTrue(without.contains("put the token in"), without);
  }

  @Test
  void isWrittenToAFileThatOnlyItsOwnerCanReadAndThatIsReplaced() throws IOException {
    var file = Files.writeString(folder.resolve("bootstrap.yaml"), "old");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    assertEquals("", printed(bootstrap(TLS, "--out", file.toString())));
    assertEquals(printed(bootstrap(TLS)), Files.readString(file));
    assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    try (var files = Files.list(folder)) {
      assertEquals(List.of(file), files.toList());
    }
  }

  @ParameterizedTest
  @CsvSource({"''", "'two words'", "'%ENVIRONMENT(HOME)%'", "'a\nb'", "é"})
  void aTokenThatIsNoneIsRefusedAndNotTold(String text) throws IOException {
    var file = Files.writeString(folder.resolve("token"), text);
    var result = bootstrap(TLS, "--token-file", file.toString());
    assertEquals(ExitCode.USAGE, result.exitCode());
    var error = result.onlyError();
    assertTrue(error.contains(file + " holds no token"), error);
    assertTrue(text.isEmpty() || !error.contains(text), error);
  }

  @Test
  void keepaliveOfTcpCanBeLeftToTheSystem() {
    var on = cluster(ParsedYaml.parse(printed(bootstrap(TLS, "--tcp-keepalive", "1m/5s/4"))));
    assertEquals(
        Map.of("keepalive_time", 60, "keepalive_interval", 5, "keepalive_probes", 4),
        at(on, "upstream_connection_options", "tcp_keepalive"));
    var off = cluster(ParsedYaml.parse(printed(bootstrap(TLS, "--tcp-keepalive", "off"))));
    assertFalse(((Map<?, ?>) off).containsKey("upstream_connection_options"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--plaintext --ca-file /a | --plaintext and --ca-file exclude each other",
        "--ca-file a | \"a\" is no absolute path; write the one that Envoy sees",
        "--ca-file /a --cert-file /b | --cert-file and --key-file belong together",
        "--ca-file /a --key-file /b | --cert-file and --key-file belong together",
        "--ca-file /a --cert-file /b --key-file c | --key-file: \"c\" is no absolute path",
        "--ca-file /a --server-name b --domain c | leave --datacenter and --domain out",
        "--ca-file /a --server-name b..c | \"b..c\" is no name such as server.dc1.consul",
        "--ca-file /a --datacenter b.c | \"b.c\" is no name of a datacenter",
        "--ca-file /a --domain consul. | \"consul.\" is no domain such as consul",
        "--ca-file /a --namespace b\u00e9 | --namespace: \"b?\" is no name",
        "--ca-file /a --connect-timeout 0 | \"0\" is no time to connect in",
        "--ca-file /a --connect-timeout 5d | \"5d\" is no duration",
        "--ca-file /a --ping 10s/1s | pinged more often than every 15s; write 15s or more, not 10s",
        "--ca-file /a --ping 30s | \"30s\" is no INTERVAL/TIMEOUT such as 30s/10s",
        "--ca-file /a --ping 30s/31s | the timeout 31s is not between 1ms and the interval",
        "--ca-file /a --ping 30s/0 | the timeout 0 is not between 1ms and the interval",
        "--ca-file /a --tcp-keepalive 30s | \"30s\" is no IDLE/INTERVAL/COUNT",
        "--ca-file /a --tcp-keepalive 30s/10s/3/20s | Envoy sets no TCP_USER_TIMEOUT",
        "--ca-file /a --admin-port 0 | \"0\" is no port from 1 to 65535",
        "--ca-file /a --admin-port 65536 | \"65536\" is no port from 1 to 65535",
        "--ca-file /a --admin-port +80 | \"+80\" is no port from 1 to 65535",
        "--ca-file /a --token-file /no/such | --token-file: /no/such cannot be read",
        "--ca-file /a --out /no/such/file | --out: there is no folder /no/such",
        "--ca-file /a --format toml | there is no FORMAT \"toml\""
      })
  void aWrongLineIsOneSentenceAndNothingElse(String line, String complaint) {
    var result = bootstrap(List.of(line.split(" ")));
    assertEquals(ExitCode.USAGE, result.exitCode());
    assertTrue(result.onlyError().contains(complaint), result.err());
  }

  @Provide
  Arbitrary<String> names() {
    return Arbitraries.strings().withCharRange('!', '~').ofMinLength(1).ofMaxLength(20);
  }

  @Property(tries = 200)
  void bothFormatsAreTheSameWhateverTheNames(
      @ForAll("names") String id, @ForAll("names") String cluster, @ForAll("names") String path) {
    String[] options = {
      "--node-id=" + id,
      "--node-cluster=" + cluster,
      "--ca-file=/" + path,
      "--vip=10.0.0.1:8503",
      "--node-name=" + cluster,
      "--format=yaml"
    };
    var words = new ArrayList<>(List.of("envoy-bootstrap"));
    words.addAll(List.of(options));
    var yaml = ParsedYaml.parse(printed(Result.of(words.toArray(String[]::new))));
    words.set(words.size() - 1, "--format=json");
    assertEquals(yaml, ParsedYaml.parse(printed(Result.of(words.toArray(String[]::new)))));
    assertEquals(id, at(yaml, "node", "id"));
    assertEquals(
        "/" + path,
        at(tls(yaml), "common_tls_context", "validation_context", "trusted_ca", "filename"));
  }
}
