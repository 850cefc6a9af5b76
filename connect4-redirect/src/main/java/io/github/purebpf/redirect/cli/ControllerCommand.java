package io.github.purebpf.redirect.cli;

import io.github.purebpf.redirect.AddressRange;
import io.github.purebpf.redirect.RedirectOptions;
import io.github.purebpf.redirect.Service;
import io.github.purebpf.redirect.VirtualAddress;
import io.github.purebpf.redirect.cli.text.KeepaliveText;
import io.github.purebpf.redirect.cli.text.ShareText;
import io.github.purebpf.redirect.cli.text.Words;
import io.github.purebpf.redirect.consul.ConsulOptions;
import io.github.purebpf.redirect.consul.ConsulTls;
import io.github.purebpf.redirect.consul.ConsulToken;
import io.github.purebpf.redirect.consul.ConsulWatch;
import io.github.purebpf.redirect.controller.ContainerAddresses;
import io.github.purebpf.redirect.controller.ControllerOptions;
import io.github.purebpf.redirect.controller.ControllerOptions.Evening;
import io.github.purebpf.redirect.controller.ControllerOptions.Leaving;
import io.github.purebpf.redirect.controller.HealthCheck;
import io.github.purebpf.redirect.controller.Patience;
import io.github.purebpf.redirect.source.ServerSource;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Keeps the servers of addresses what a source says that they are. */
record ControllerCommand() implements Command {
  private static final Option PIN =
      new Option(
          "--pin", "DIR", Option.Occurs.ONCE, "where it is kept: a folder in a BPF file system");
  private static final Option VIP =
      new Option(
          "--vip", "VIP:PORT", Option.Occurs.ANY_NUMBER, "what programs connect to; once for each");
  private static final Option RANGE =
      Option.optional(
          "--vip-range", "ADDRESS/PREFIX:PORT", "give each container an address of its own");
  private static final Option KEEP =
      Option.optional("--keep-vip", "DURATION", "for a container that is gone, 1m if left out");
  private static final Option CONSUL =
      new Option(
          "--consul",
          "URI",
          Option.Occurs.ANY_NUMBER,
          "Consul's HTTP API, such as https://10.0.0.1:8501; once for each server");
  private static final Option ADDRESSES =
      Option.optional("--addresses", "NAME", "a host's name, or exec=COMMAND ARGUMENTS");
  private static final Option SERVERS =
      Option.optional("--servers", "FILE", "a file with a SERVER:PORT[*WEIGHT] in each line");
  private static final Option PORT =
      Option.optional("--port", "PORT", "of servers that tell none, 8502 if left out");
  private static final Option TOKEN =
      Option.optional("--token-file", "FILE", "holds Consul's token; read again for each request");
  private static final Option AUTH_METHOD =
      Option.optional("--auth-method", "NAME", "log in to Consul by this method");
  private static final Option BEARER =
      Option.optional("--bearer-file", "FILE", "what to log in with, such as a service account's");
  private static final Option CA =
      Option.optional("--ca-file", "FILE", "PEM certificates of those who sign Consul's");
  private static final Option CERTIFICATE =
      Option.optional("--cert-file", "FILE", "our PEM certificate, if Consul wants one");
  private static final Option KEY =
      Option.optional("--key-file", "FILE", "its key, PEM in PKCS #8");
  private static final Option SERVER_NAME =
      Option.optional("--server-name", "NAME", "the name in Consul's certificate");
  private static final Option DATACENTER =
      Option.optional("--datacenter", "NAME", "the datacenter whose servers are asked for");
  private static final Option PLAINTEXT =
      Option.flag("--grpc-plaintext", "take the port without TLS of servers that have both");
  private static final Option HOLD =
      Option.optional("--hold", "DURATION", "keep servers that are named no more, 10s if left out");
  private static final Option DEADLINE =
      Option.optional(
          "--deadline",
          "DURATION",
          "close connections to servers that left, after 30s if left out");
  private static final Option SHARE =
      Option.optional(
          "--even-share", "PERCENT", "of the connections are moved in a second, 2% if left out");
  private static final Option NO_CHECKS =
      Option.flag("--no-checks", "do not look whether servers can be reached");
  private static final Option LISTEN =
      Option.optional("--listen", "ADDRESS:PORT", "serve /metrics, /healthz and /readyz there");
  private static final Option LOG =
      Option.choice("--log", "FORMAT", Words.all(EventLog.Format.class), "how events are written");
  private static final int DEFAULT_PORT = 8502;
  private static final Duration ADDRESSES_INTERVAL = Duration.ofSeconds(10);
  private static final Syntax SYNTAX =
      new Syntax(
          "controller",
          "Keep the servers of an address what Consul, DNS, a command or a file says",
          List.of(
              PIN,
              VIP,
              RANGE,
              KEEP,
              CONSUL,
              ADDRESSES,
              SERVERS,
              PORT,
              TOKEN,
              AUTH_METHOD,
              BEARER,
              CA,
              CERTIFICATE,
              KEY,
              SERVER_NAME,
              DATACENTER,
              PLAINTEXT,
              Places.CGROUP,
              Places.CONTAINER,
              Places.FOLLOW,
              Places.MATCH,
              HOLD,
              DEADLINE,
              SHARE,
              NO_CHECKS,
              LISTEN,
              LOG,
              TakeOverOption.TAKE_OVER),
          List.of(),
          """
          Attaches as attach does, and gives each --vip the servers that one source
          names: --consul, --addresses or --servers. Writes an event in each line of the
          standard output until SIGTERM, SIGINT or SIGHUP ends it with exit status 0. The
          redirection stays then, with the servers that were used last, until detach; the
          next controller goes on with it.

          An answer that is empty, filtered by Consul's ACLs, out of date, malformed or
          late takes no server away. A server that is named no more stays for --hold, and
          each time it comes back twice as long; then it gets no more connects, and what
          is left at --deadline is closed. A server to which connects fail, those of
          programs or checks of our own, gets none while at least half of the servers are
          healthy. Connections that are uneven for 10s are moved, --even-share of them in
          a second.

          With --vip-range each cgroup that it is attached to gets an address of its own,
          with one of the servers, so that all servers have their shares: that of a
          container by --container, --cgroup or --follow. list shows which, and
          envoy-bootstrap takes it. It stays the container's, whoever restarts, until its
          cgroup has been gone for --keep-vip. Addresses that are in the table by other
          means are left out. A container for which none is free gets one when another
          is gone.

          Policy, keepalive and what happens without a server are those of the table: set
          or apply change them. Addresses of containers begin with those of the first
          --vip.

          /healthz answers 200 while the controller works, whatever Consul does. /readyz
          answers 200 when it is attached and there is a server that gets connects.

          Needs Linux 5.15, and CAP_BPF and CAP_NET_ADMIN, or CAP_SYS_ADMIN.
          """);

  @Override
  public Syntax syntax() {
    return SYNTAX;
  }

  @Override
  public void run(Arguments arguments, PrintStream out) throws IOException, InterruptedException {
    var source = source(arguments);
    var options = options(arguments);
    var listen = arguments.value(LISTEN).map(MetricsCommand::address);
    var format =
        arguments
            .value(LOG)
            .map(word -> Words.parse(EventLog.Format.class, "format", word))
            .orElse(EventLog.Format.TEXT);
    var places = Places.of(SYNTAX.command(), arguments);
    var running =
        new ControllerRun(
            Path.of(arguments.value(PIN).orElseThrow()),
            RedirectOptions.DEFAULT,
            TakeOverOption.of(arguments),
            places,
            new EventLog(out, System.err, format, InstantSource.system()));
    Runtime.getRuntime().addShutdownHook(new Thread(running::stop, "stop"));
    running.start(source, options, listen);
    running.await();
  }

  private static ServerSource source(Arguments arguments) {
    var kinds = Stream.of(CONSUL, ADDRESSES, SERVERS).filter(arguments::has).toList();
    if (kinds.size() != 1) {
      throw usage(
          "name one source of servers: %s, %s or %s"
              .formatted(CONSUL.spelled(), ADDRESSES.spelled(), SERVERS.spelled()));
    }
    int port = arguments.value(PORT).map(ControllerCommand::port).orElse(DEFAULT_PORT);
    if (arguments.has(CONSUL)) {
      return checked(() -> new ConsulWatch(consul(arguments, port)));
    }
    for (var option :
        List.of(
            TOKEN, AUTH_METHOD, BEARER, CA, CERTIFICATE, KEY, SERVER_NAME, DATACENTER, PLAINTEXT)) {
      if (arguments.has(option)) {
        throw usage(option.name() + " means nothing without " + CONSUL.spelled());
      }
    }
    if (arguments.has(SERVERS)) {
      return ServerSource.file(Path.of(arguments.value(SERVERS).orElseThrow()));
    }
    return checked(
        () ->
            ServerSource.addresses(
                arguments.value(ADDRESSES).orElseThrow(), port, ADDRESSES_INTERVAL));
  }

  private static ConsulOptions consul(Arguments arguments, int port) {
    requireBoth(arguments, AUTH_METHOD, BEARER);
    requireBoth(arguments, CERTIFICATE, KEY);
    if (arguments.has(TOKEN) && arguments.has(AUTH_METHOD)) {
      throw usage("--token-file and --auth-method exclude each other");
    }
    var uris = arguments.values(CONSUL).stream().map(ControllerCommand::uri).toList();
    var query = ConsulOptions.Query.CONSUL;
    return ConsulOptions.of(uris)
        .withQuery(arguments.value(DATACENTER).map(query::withDatacenter).orElse(query))
        .withToken(token(arguments))
        .withTls(tls(arguments))
        .withInstances(new ConsulOptions.Instances(!arguments.has(PLAINTEXT), port, true));
  }

  private static void requireBoth(Arguments arguments, Option one, Option other) {
    if (arguments.has(one) != arguments.has(other)) {
      throw usage(one.spelled() + " and " + other.spelled() + " belong together");
    }
  }

  private static URI uri(String text) {
    try {
      return URI.create(text);
    } catch (IllegalArgumentException e) {
      throw usage("\"" + text + "\" is no URI such as https://10.0.0.1:8501");
    }
  }

  private static ConsulToken token(Arguments arguments) {
    if (arguments.has(AUTH_METHOD)) {
      return new ConsulToken.FromLogin(
          arguments.value(AUTH_METHOD).orElseThrow(),
          Path.of(arguments.value(BEARER).orElseThrow()));
    }
    return arguments
        .value(TOKEN)
        .<ConsulToken>map(file -> new ConsulToken.FromFile(Path.of(file)))
        .orElseGet(ConsulToken.Anonymous::new);
  }

  private static ConsulTls tls(Arguments arguments) {
    return new ConsulTls(
        arguments.value(CA).map(Path::of),
        arguments
            .value(CERTIFICATE)
            .map(
                file ->
                    new ConsulTls.ClientCertificate(
                        Path.of(file), Path.of(arguments.value(KEY).orElseThrow()))),
        arguments.value(SERVER_NAME));
  }

  private static ControllerOptions options(Arguments arguments) {
    var vips = new LinkedHashSet<VirtualAddress>();
    for (var text : arguments.values(VIP)) {
      var vip = Mapping.parseVip(text);
      if (!vips.add(vip)) {
        throw usage(vip + " is given twice; leave one --vip out");
      }
    }
    if (vips.isEmpty() && !arguments.has(RANGE)) {
      throw usage(
          "name what programs connect to: %s or %s".formatted(VIP.spelled(), RANGE.spelled()));
    }
    if (arguments.has(KEEP) && !arguments.has(RANGE)) {
      throw usage(KEEP.name() + " means nothing without " + RANGE.spelled());
    }
    var hold = time(arguments, HOLD).orElse(Patience.DEFAULT.hold());
    var most = Patience.DEFAULT.mostHold();
    return new ControllerOptions(
        vips.stream().map(Service::of).toList(),
        arguments
            .value(RANGE)
            .map(
                text ->
                    new ContainerAddresses(
                        checked(() -> AddressRange.parse(text)),
                        time(arguments, KEEP).orElse(ContainerAddresses.KEEP))),
        new Patience(
            hold,
            hold.compareTo(most) > 0 ? hold : most,
            Patience.DEFAULT.calm(),
            Patience.DEFAULT.quorum()),
        arguments.has(NO_CHECKS) ? Optional.empty() : Optional.of(HealthCheck.DEFAULT),
        Optional.of(
            new Leaving(
                time(arguments, DEADLINE).orElse(Leaving.DEFAULT.deadline()),
                Leaving.DEFAULT.perSecond())),
        Optional.of(
            new Evening(
                Evening.DEFAULT.settle(),
                Evening.DEFAULT.slack(),
                arguments
                    .value(SHARE)
                    .map(text -> checked(() -> ShareText.parse(text)))
                    .orElse(Evening.DEFAULT.share()))));
  }

  private static Optional<Duration> time(Arguments arguments, Option option) {
    return arguments.value(option).map(text -> checked(() -> KeepaliveText.duration(text)));
  }

  private static int port(String text) {
    if (!text.matches("[1-9][0-9]{0,4}") || Integer.parseInt(text) > 65_535) {
      throw usage("\"" + text + "\" is no port from 1 to 65535");
    }
    return Integer.parseInt(text);
  }

  /** What is refused as an argument is a wrong command line. */
  private static <T> T checked(Supplier<T> made) {
    try {
      return made.get();
    } catch (IllegalArgumentException e) {
      throw new CommandException(ExitCode.USAGE, "controller: " + e.getMessage(), e);
    }
  }

  private static CommandException usage(String what) {
    return new CommandException(ExitCode.USAGE, "controller: " + what);
  }
}
