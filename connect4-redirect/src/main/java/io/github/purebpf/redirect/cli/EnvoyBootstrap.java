package io.github.purebpf.redirect.cli;

import io.github.purebpf.redirect.Keepalive;
import io.github.purebpf.redirect.VirtualAddress;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * How an Envoy starts that gets its configuration from Consul's servers without consul-dataplane in
 * between.
 *
 * @param servers where it connects to: the virtual address of Consul's servers
 * @param node who it is
 * @param tls how it knows the servers; empty for connections in the clear
 * @param token the ACL token; empty if somebody else puts it in
 * @param connectTimeout for a connection to a server
 * @param pings how it finds out that a server is gone
 * @param keepalive how the kernel does; empty for not at all
 * @param adminPort of the administration interface, on loopback
 */
record EnvoyBootstrap(
    VirtualAddress servers,
    Node node,
    Optional<Tls> tls,
    Optional<String> token,
    Duration connectTimeout,
    Pings pings,
    Optional<Keepalive> keepalive,
    int adminPort) {
  /** What stands for a token that is not known. */
  static final String NO_TOKEN = "REPLACE-WITH-THE-ACL-TOKEN";

  private static final String CLUSTER = "consul-xds";
  private static final String TYPE = "@type";
  private static final String TYPES = "type.googleapis.com/envoy.extensions.";

  /**
   * A proxy as Consul's catalog has it.
   *
   * @param id the id of the proxy's service
   * @param cluster what figures and traces name it by
   * @param nodeName the node that the service is registered on
   */
  record Node(String id, String cluster, String nodeName, String namespace, String partition) {}

  /**
   * What is checked of a server.
   *
   * @param caFile the authorities, PEM, as Envoy sees the path
   * @param serverName what the certificates of all servers are valid for
   * @param certificate what Envoy shows of itself
   */
  record Tls(String caFile, String serverName, Optional<Certificate> certificate) {}

  /**
   * A client certificate.
   *
   * @param file PEM, as Envoy sees the path
   * @param keyFile its key
   */
  record Certificate(String file, String keyFile) {}

  /**
   * Pings of HTTP/2.
   *
   * @param interval between two
   * @param timeout the longest wait for an answer
   */
  record Pings(Duration interval, Duration timeout) {}

  private static SequencedMap<String, Object> map(Object... namesAndValues) {
    var map = new LinkedHashMap<String, Object>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      map.put((String) namesAndValues[i], namesAndValues[i + 1]);
    }
    return map;
  }

  private static Yaml.Commented because(String why, Object value) {
    return new Yaml.Commented(why, value);
  }

  /** As a protobuf in JSON has it. */
  private static String seconds(Duration duration) {
    return BigDecimal.valueOf(duration.toMillis(), 3).stripTrailingZeros().toPlainString() + "s";
  }

  /** All of it, for {@link Yaml}, with the reasons. */
  Map<String, Object> document() {
    return map(
        "node",
        because(
            """
            Who this proxy is. consul-dataplane asked Consul for it (GetEnvoyBootstrapParams):
            the id is that of the proxy's service, node_name the node it is registered on, and
            the servers find the configuration by the two.""",
            map(
                "id",
                node.id(),
                "cluster",
                node.cluster(),
                "metadata",
                map(
                    "node_name",
                    node.nodeName(),
                    "namespace",
                    node.namespace(),
                    "partition",
                    node.partition()))),
        "admin",
        because(
            "Loopback only: whoever reaches this can stop the proxy and read its secrets.",
            map("address", address("127.0.0.1", adminPort))),
        "static_resources",
        map("clusters", List.of(cluster())),
        "dynamic_resources",
        dynamicResources(),
        "layered_runtime",
        because(
            """
            Consul writes routes with regular expressions that are longer than Envoy's default
            takes; consul-dataplane set the same.""",
            map(
                "layers",
                List.of(
                    map(
                        "name",
                        "base",
                        "static_layer",
                        map("re2.max_program_size.error_level", 1_048_576))))));
  }

  private static SequencedMap<String, Object> address(String address, int port) {
    return map("socket_address", map("address", address, "port_value", port));
  }

  private SequencedMap<String, Object> cluster() {
    var cluster = map("name", CLUSTER);
    cluster.put(
        "type",
        because(
            """
            One endpoint that never changes, the virtual address. connect4-redirect sends each
            connect to a server; consul-dataplane listened on 127.0.0.1, looked the servers up
            and chose one.""",
            "STATIC"));
    cluster.put(
        "connect_timeout",
        because(
            """
            consul-dataplane's 1s was for loopback. This is for the way to a server; a connect
            that fails is made again, and may go to another.""",
            seconds(connectTimeout)));
    cluster.put("load_assignment", endpoints());
    keepalive.ifPresent(
        probes ->
            cluster.put(
                "upstream_connection_options",
                because(
                    """
                    The kernel asks, too, whether the server is there, so that a connection to
                    one that has vanished is closed and counted out.""",
                    map("tcp_keepalive", tcpKeepalive(probes)))));
    cluster.put("typed_extension_protocol_options", protocol());
    tls.ifPresent(
        checked ->
            cluster.put(
                "transport_socket",
                because(
                    """
                    consul-dataplane ended TLS; now Envoy does. The name is one that the
                    certificates of all servers have, because the virtual address is in none, and
                    it is checked, because an authority may have signed others' certificates.""",
                    map(
                        "name",
                        "envoy.transport_sockets.tls",
                        "typed_config",
                        tlsContext(checked)))));
    return cluster;
  }

  private SequencedMap<String, Object> endpoints() {
    var endpoint = map("address", address(servers.address().toString(), servers.port()));
    return map(
        "cluster_name",
        CLUSTER,
        "endpoints",
        List.of(map("lb_endpoints", List.of(map("endpoint", endpoint)))));
  }

  private static SequencedMap<String, Object> tcpKeepalive(Keepalive probes) {
    return map(
        "keepalive_time",
        (int) probes.idle().toSeconds(),
        "keepalive_interval",
        (int) probes.interval().toSeconds(),
        "keepalive_probes",
        probes.probes());
  }

  private SequencedMap<String, Object> protocol() {
    var options = map(TYPE, TYPES + "upstreams.http.v3.HttpProtocolOptions");
    options.put(
        "common_http_protocol_options",
        because(
            """
            Each xDS stream gets a connection of its own. A server that has too many streams
            ends one with RESOURCE_EXHAUSTED and leaves the connection open; on the same
            connection Envoy would ask the same server for ever. On a new one, connect4-redirect
            chooses anew. consul-dataplane changed the server when it saw that status.""",
            map("max_requests_per_connection", 1)));
    options.put(
        "explicit_http_config",
        because(
            """
            gRPC is HTTP/2. Without pings a server that dies silently keeps its proxies until
            TCP gives up, which takes minutes; consul-dataplane pinged every 30s. Servers
            close connections that are pinged more often than every 15s.""",
            map(
                "http2_protocol_options",
                map(
                    "connection_keepalive",
                    map(
                        "interval",
                        seconds(pings.interval()),
                        "timeout",
                        seconds(pings.timeout()))))));
    return map("envoy.extensions.upstreams.http.v3.HttpProtocolOptions", options);
  }

  private static SequencedMap<String, Object> tlsContext(Tls tls) {
    var common = map("alpn_protocols", List.of("h2"));
    tls.certificate()
        .ifPresent(
            certificate ->
                common.put(
                    "tls_certificates",
                    because(
                        "For servers that have verify_incoming. The key is for Envoy's user only.",
                        List.of(
                            map(
                                "certificate_chain",
                                map("filename", certificate.file()),
                                "private_key",
                                map("filename", certificate.keyFile()))))));
    common.put(
        "validation_context",
        map(
            "trusted_ca",
            map("filename", tls.caFile()),
            "match_typed_subject_alt_names",
            List.of(map("san_type", "DNS", "matcher", map("exact", tls.serverName())))));
    return map(
        TYPE,
        TYPES + "transport_sockets.tls.v3.UpstreamTlsContext",
        "sni",
        tls.serverName(),
        "common_tls_context",
        common);
  }

  private SequencedMap<String, Object> dynamicResources() {
    var service =
        map(
            "envoy_grpc",
            map("cluster_name", CLUSTER),
            "initial_metadata",
            because(
                """
                consul-dataplane added the ACL token to each call. Now it is here, so that this
                file is a secret: mode 0600, owned by Envoy's user, in memory if it can be, and
                in no ConfigMap. Envoy reads it once; a token that is replaced needs a new file
                and a new start."""
                    + (token.isPresent() ? "" : "\nNo --token-file was given: put the token in."),
                List.of(map("key", "x-consul-token", "value", token.orElse(NO_TOKEN)))));
    return map(
        "ads_config",
        because(
            """
            One stream for everything, told in differences: the only kind that Consul serves.
            When it ends, Envoy asks again after 0.5s and more, up to 30s, with jitter.""",
            map(
                "api_type",
                "DELTA_GRPC",
                "transport_api_version",
                "V3",
                "grpc_services",
                List.of(service))),
        "lds_config",
        because(
            """
            Listeners and clusters come over that stream. 0s: however long the first answer
            takes, do not begin without it, which would refuse the traffic of the service.""",
            overAds()),
        "cds_config",
        overAds());
  }

  private static SequencedMap<String, Object> overAds() {
    return map("ads", map(), "initial_fetch_timeout", "0s", "resource_api_version", "V3");
  }
}
