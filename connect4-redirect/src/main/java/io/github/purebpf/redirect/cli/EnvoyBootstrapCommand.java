package io.github.purebpf.redirect.cli;

import io.github.purebpf.redirect.Container;
import io.github.purebpf.redirect.Keepalive;
import io.github.purebpf.redirect.RedirectTable;
import io.github.purebpf.redirect.VirtualAddress;
import io.github.purebpf.redirect.cli.text.KeepaliveText;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;

/** Prints how an Envoy starts that has no consul-dataplane. */
record EnvoyBootstrapCommand() implements Command {
  private static final Option VIP =
      new Option(
          "--vip",
          "VIP:PORT",
          Option.Occurs.AT_MOST_ONCE,
          "the virtual address of Consul's servers, with the port that is mapped");
  private static final Option PIN =
      Option.optional(
          "--pin", "DIR", "take the address from there that belongs to a cgroup or container");
  private static final Option CGROUP =
      Option.optional("--cgroup", "DIR", "with --pin: the folder of the sidecar's cgroup");
  private static final Option CONTAINER =
      Option.optional("--container", "ID", "with --pin: the sidecar's container");
  private static final Option NODE_ID =
      new Option("--node-id", "ID", Option.Occurs.ONCE, "the id of the proxy's service in Consul");
  private static final Option NODE_NAME =
      new Option(
          "--node-name", "NAME", Option.Occurs.ONCE, "the node that it is registered on in Consul");
  private static final Option NODE_CLUSTER =
      Option.optional(
          "--node-cluster", "NAME", "the service that it is the proxy of; the id if left out");
  private static final Option NAMESPACE =
      Option.optional("--namespace", "NAME", "its namespace in Consul; default if left out");
  private static final Option PARTITION =
      Option.optional("--partition", "NAME", "its partition in Consul; default if left out");
  private static final Option CA_FILE =
      Option.optional("--ca-file", "PATH", "what the servers' certificates are signed by, PEM");
  private static final Option DATACENTER =
      Option.optional(
          "--datacenter",
          "DC",
          "the servers' certificates are for server.DC.DOMAIN; dc1 if left out");
  private static final Option DOMAIN =
      Option.optional("--domain", "DOMAIN", "Consul's domain; consul if left out");
  private static final Option SERVER_NAME =
      Option.optional("--server-name", "NAME", "another name that the certificates of all are for");
  private static final Option CERT_FILE =
      Option.optional("--cert-file", "PATH", "a certificate that Envoy shows the servers, PEM");
  private static final Option KEY_FILE = Option.optional("--key-file", "PATH", "its key, PEM");
  private static final Option PLAINTEXT =
      Option.flag("--plaintext", "no TLS: for trials, as whoever listens gets the token");
  private static final Option TOKEN_FILE =
      Option.optional("--token-file", "FILE", "the ACL token, which is read here and put in");
  private static final Option CONNECT_TIMEOUT =
      Option.optional(
          "--connect-timeout", "DURATION", "for a connection to a server; 5s if left out");
  private static final Option PING =
      Option.optional(
          "--ping",
          "INTERVAL/TIMEOUT",
          "pings of HTTP/2 on an open connection; 30s/10s if left out");
  private static final Option TCP_KEEPALIVE =
      Option.optional(
          "--tcp-keepalive", "IDLE/INTERVAL/COUNT", "probes of TCP, or off; 30s/10s/3 if left out");
  private static final Option ADMIN_PORT =
      Option.optional(
          "--admin-port", "PORT", "of the administration on 127.0.0.1; 19000 if left out");
  private static final List<String> FORMATS = List.of("yaml", "json");
  private static final Option FORMAT =
      Option.choice(
          "--format",
          "FORMAT",
          FORMATS,
          "yaml, with the reasons, if left out; or one line of json");
  private static final Option OUT =
      Option.optional("--out", "FILE", "write it there, for its owner only, and print nothing");

  private static final Syntax SYNTAX =
      new Syntax(
          "envoy-bootstrap",
          "Print how an Envoy starts that has no consul-dataplane",
          List.of(
              VIP,
              PIN,
              CGROUP,
              CONTAINER,
              NODE_ID,
              NODE_NAME,
              NODE_CLUSTER,
              NAMESPACE,
              PARTITION,
              CA_FILE,
              DATACENTER,
              DOMAIN,
              SERVER_NAME,
              CERT_FILE,
              KEY_FILE,
              PLAINTEXT,
              TOKEN_FILE,
              CONNECT_TIMEOUT,
              PING,
              TCP_KEEPALIVE,
              ADMIN_PORT,
              FORMAT,
              OUT),
          List.of(),
          """
          Writes the bootstrap of an Envoy (v3) that gets its configuration from Consul's
          servers through the virtual address: who it is, TLS, the ACL token, keepalive,
          and one xDS stream in a connection of its own. In YAML a comment tells of each
          part what consul-dataplane did in its place.

          Each PATH is absolute and is what Envoy will see; nothing is read but the token.
          With the token in it the output is a secret, so write it with --out, which makes
          a file with the mode 0600 and puts it in place as a whole.

          With --pin in place of --vip, the address is the one that a controller with
          --vip-range has given to the cgroup of --cgroup or --container, or to the
          nearest one above it, such as that of the pod.

          A token in a variable: printf %s "$TOKEN" | ... --token-file /dev/stdin.
          Without --token-file a placeholder stands where the token belongs. But for
          --pin, no privilege is needed and nothing has to run.
          """);

  private static final Pattern NAME = Pattern.compile("[!-~]{1,255}");
  private static final Pattern LABEL = Pattern.compile("[A-Za-z0-9_-]{1,63}");
  private static final Pattern HOST_NAME =
      Pattern.compile("[A-Za-z0-9_-]{1,63}(\\.[A-Za-z0-9_-]{1,63})*");

  /** What an HTTP header carries, without what Envoy would take for a variable. */
  private static final Pattern TOKEN = Pattern.compile("[!-~&&[^%]]{1,4096}");

  private static final Duration LEAST_PING = Duration.ofSeconds(15);
  private static final Duration LEAST_TIMEOUT = Duration.ofMillis(1);
  private static final int LONGEST_TOKEN_FILE = 8192;

  @Override
  public Syntax syntax() {
    return SYNTAX;
  }

  @Override
  public void run(Arguments arguments, PrintStream out) throws IOException {
    var bootstrap =
        new EnvoyBootstrap(
            vip(arguments),
            node(arguments),
            tls(arguments),
            arguments.value(TOKEN_FILE).map(EnvoyBootstrapCommand::token),
            connectTimeout(arguments.value(CONNECT_TIMEOUT).orElse("5s")),
            pings(arguments.value(PING).orElse("30s/10s")),
            keepalive(arguments.value(TCP_KEEPALIVE).orElse("30s/10s/3")),
            port(arguments.value(ADMIN_PORT).orElse("19000")));
    var text =
        arguments.value(FORMAT).filter("json"::equals).isPresent()
            ? Json.write(Yaml.withoutComments(bootstrap.document())) + "\n"
            : Yaml.write(bootstrap.document());
    if (arguments.has(OUT)) {
      write(Path.of(arguments.value(OUT).orElseThrow()), text);
    } else {
      out.print(text);
    }
  }

  private static VirtualAddress vip(Arguments arguments) {
    boolean named = arguments.has(CGROUP) || arguments.has(CONTAINER);
    if (arguments.has(VIP) == arguments.has(PIN) || arguments.has(PIN) != named) {
      throw wrong(
          "name the address: --vip VIP:PORT, or --pin DIR with --cgroup DIR or --container ID");
    }
    if (arguments.has(CGROUP) && arguments.has(CONTAINER)) {
      throw wrong("--cgroup and --container exclude each other");
    }
    return arguments
        .value(VIP)
        .map(Mapping::parseVip)
        .orElseGet(
            () ->
                leased(
                    Path.of(arguments.value(PIN).orElseThrow()),
                    arguments
                        .value(CGROUP)
                        .map(folder -> Path.of(folder).toAbsolutePath().normalize())
                        .orElseGet(
                            () ->
                                Container.find(arguments.value(CONTAINER).orElseThrow())
                                    .cgroup())));
  }

  /** The address of a cgroup, or of the nearest one above it that has one. */
  private static VirtualAddress leased(Path pin, Path cgroup) {
    try (var table = RedirectTable.openPinned(pin)) {
      var leases = table.leases().values();
      for (var folder = cgroup; folder != null; folder = folder.getParent()) {
        for (var lease : leases) {
          if (lease.cgroup().equals(folder)) {
            return lease.vip();
          }
        }
      }
    }
    throw new CommandException(
        ExitCode.NOT_MAPPED,
        "%s: %s has no address of its own in %s; a controller with --vip-range gives it one"
            .formatted(SYNTAX.command(), cgroup, pin));
  }

  /** Replaces the file as a whole; nobody but the owner can read it at any time. */
  private static void write(Path file, String text) throws IOException {
    var folder = Objects.requireNonNullElse(file.getParent(), Path.of("."));
    if (!Files.isDirectory(folder)) {
      throw wrong("--out: there is no folder " + folder);
    }
    try {
      // createTempFile makes it for the owner only.
      var temporary = Files.createTempFile(folder, ".bootstrap", "");
      try {
        Files.writeString(temporary, text);
        Files.move(
            temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      } finally {
        Files.deleteIfExists(temporary);
      }
    } catch (AccessDeniedException e) {
      throw e; // told of where all are
    } catch (IOException e) {
      throw new CommandException(
          ExitCode.NOT_WRITTEN,
          "%s: --out: %s cannot be written and is as it was: %s"
              .formatted(SYNTAX.command(), file, Diagnosis.line(e)),
          e);
    }
  }

  private static CommandException wrong(String what) {
    return wrong(what, null);
  }

  private static CommandException wrong(String what, Throwable cause) {
    return new CommandException(
        ExitCode.USAGE, SYNTAX.command() + ": " + what.replaceAll("[^ -~]", "?"), cause);
  }

  private static String require(Pattern pattern, Option option, String what, String text) {
    if (!pattern.matcher(text).matches()) {
      throw wrong("%s: \"%s\" is no %s".formatted(option.name(), text, what));
    }
    return text;
  }

  private static EnvoyBootstrap.Node node(Arguments arguments) {
    var id = arguments.value(NODE_ID).orElseThrow();
    var what = "name of up to 255 visible ASCII characters";
    return new EnvoyBootstrap.Node(
        require(NAME, NODE_ID, what, id),
        require(NAME, NODE_CLUSTER, what, arguments.value(NODE_CLUSTER).orElse(id)),
        require(NAME, NODE_NAME, what, arguments.value(NODE_NAME).orElseThrow()),
        require(NAME, NAMESPACE, what, arguments.value(NAMESPACE).orElse("default")),
        require(NAME, PARTITION, what, arguments.value(PARTITION).orElse("default")));
  }

  private static Optional<EnvoyBootstrap.Tls> tls(Arguments arguments) {
    if (arguments.has(PLAINTEXT)) {
      for (var option : List.of(CA_FILE, DATACENTER, DOMAIN, SERVER_NAME, CERT_FILE, KEY_FILE)) {
        if (arguments.has(option)) {
          throw wrong("--plaintext and " + option.name() + " exclude each other");
        }
      }
      return Optional.empty();
    }
    if (!arguments.has(CA_FILE)) {
      throw wrong("--ca-file PATH is missing; for a trial without TLS give --plaintext");
    }
    if (arguments.has(CERT_FILE) != arguments.has(KEY_FILE)) {
      throw wrong("--cert-file and --key-file belong together; give both or none");
    }
    return Optional.of(
        new EnvoyBootstrap.Tls(
            path(CA_FILE, arguments.value(CA_FILE).orElseThrow()),
            serverName(arguments),
            arguments
                .value(CERT_FILE)
                .map(
                    file ->
                        new EnvoyBootstrap.Certificate(
                            path(CERT_FILE, file),
                            path(KEY_FILE, arguments.value(KEY_FILE).orElseThrow())))));
  }

  private static String serverName(Arguments arguments) {
    var given = arguments.value(SERVER_NAME);
    if (given.isEmpty()) {
      var datacenter = arguments.value(DATACENTER).orElse("dc1");
      var domain = arguments.value(DOMAIN).orElse("consul");
      return "server.%s.%s"
          .formatted(
              require(LABEL, DATACENTER, "name of a datacenter", datacenter),
              require(HOST_NAME, DOMAIN, "domain such as consul", domain));
    }
    if (arguments.has(DATACENTER) || arguments.has(DOMAIN)) {
      throw wrong("--server-name is all of the name; leave --datacenter and --domain out");
    }
    return require(HOST_NAME, SERVER_NAME, "name such as server.dc1.consul", given.get());
  }

  private static String path(Option option, String text) {
    if (!text.startsWith("/") || text.chars().anyMatch(Character::isISOControl)) {
      throw wrong(
          "%s: \"%s\" is no absolute path; write the one that Envoy sees"
              .formatted(option.name(), text));
    }
    return text;
  }

  /** The text of the file without what is around it; messages do not tell it. */
  private static String token(String file) {
    String text;
    try (var in = Files.newInputStream(Path.of(file))) {
      text = new String(in.readNBytes(LONGEST_TOKEN_FILE), StandardCharsets.ISO_8859_1).strip();
    } catch (IOException | IllegalArgumentException e) {
      throw wrong("--token-file: " + file + " cannot be read: " + e.getMessage(), e);
    }
    if (!TOKEN.matcher(text).matches()) {
      throw wrong("--token-file: " + file + " holds no token, one word of visible ASCII without %");
    }
    return text;
  }

  private static Duration duration(Option option, String text) {
    try {
      return KeepaliveText.duration(text);
    } catch (IllegalArgumentException e) {
      throw wrong(option.name() + ": " + e.getMessage(), e);
    }
  }

  private static Duration connectTimeout(String text) {
    var timeout = duration(CONNECT_TIMEOUT, text);
    if (timeout.compareTo(LEAST_TIMEOUT) < 0) {
      throw wrong("--connect-timeout: \"" + text + "\" is no time to connect in");
    }
    return timeout;
  }

  private static EnvoyBootstrap.Pings pings(String text) {
    var parts = text.split("/", -1);
    if (parts.length != 2) {
      throw wrong("--ping: \"" + text + "\" is no INTERVAL/TIMEOUT such as 30s/10s");
    }
    var interval = duration(PING, parts[0]);
    var timeout = duration(PING, parts[1]);
    if (interval.compareTo(LEAST_PING) < 0) {
      throw wrong(
          "--ping: Consul closes connections that are pinged more often than every 15s; write"
              + " 15s or more, not "
              + parts[0]);
    }
    if (timeout.compareTo(LEAST_TIMEOUT) < 0 || timeout.compareTo(interval) > 0) {
      throw wrong("--ping: the timeout " + parts[1] + " is not between 1ms and the interval");
    }
    return new EnvoyBootstrap.Pings(interval, timeout);
  }

  private static Optional<Keepalive> keepalive(String text) {
    Optional<Keepalive> keepalive;
    try {
      keepalive = KeepaliveText.parse(text);
    } catch (IllegalArgumentException e) {
      throw wrong("--tcp-keepalive: " + e.getMessage(), e);
    }
    if (keepalive.filter(probes -> !probes.userTimeout().isZero()).isPresent()) {
      throw wrong(
          "--tcp-keepalive: Envoy sets no TCP_USER_TIMEOUT; leave it out, and see set --keepalive");
    }
    return keepalive;
  }

  private static int port(String text) {
    try {
      int port = Integer.parseInt(text);
      if (port > 0 && port <= 0xffff && Integer.toString(port).equals(text)) {
        return port;
      }
    } catch (NumberFormatException e) {
      throw wrong("--admin-port: \"" + text + "\" is no port from 1 to 65535", e);
    }
    throw wrong("--admin-port: \"" + text + "\" is no port from 1 to 65535");
  }
}
