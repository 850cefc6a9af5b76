package io.github.purebpf.redirect.cli;

import io.github.purebpf.redirect.cli.metrics.Answer;
import io.github.purebpf.redirect.cli.metrics.HttpEndpoint;
import io.github.purebpf.redirect.cli.metrics.Routes;
import io.github.purebpf.redirect.cli.metrics.UnixEndpoint;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** Tells the figures to Prometheus. */
record MetricsCommand() implements Command {
  private static final Option LISTEN =
      Option.optional("--listen", "ADDRESS:PORT", "serve them at http://ADDRESS:PORT/metrics");
  private static final Option UNIX =
      Option.optional("--unix", "PATH", "serve them on a Unix socket, by HTTP/1.0");
  private static final Syntax SYNTAX =
      new Syntax(
          "metrics",
          "Tell the figures of a redirector that runs to Prometheus",
          List.of(PinOption.PIN, LISTEN, UNIX),
          List.of(),
          """
          Prints them once, in the text exposition format 0.0.4. With --listen or --unix
          or both it serves them until a signal, prints a line that begins with "ready"
          for each once it does, and ends with exit status 0. While there is no table it
          answers 503 with the reason. Port 0 takes a free one. Listen on 127.0.0.1 unless
          others may see the figures, which are told to whoever asks.
          """);

  @Override
  public Syntax syntax() {
    return SYNTAX;
  }

  @Override
  public void run(Arguments arguments, PrintStream out) throws IOException, InterruptedException {
    if (!arguments.has(LISTEN) && !arguments.has(UNIX)) {
      out.print(figures(arguments));
      return;
    }
    var routes = Routes.metrics(() -> scrape(arguments));
    var address = arguments.value(LISTEN).map(MetricsCommand::address);
    var endpoints = new Endpoints();
    try {
      if (address.isPresent()) {
        var http = endpoints.add(HttpEndpoint.open(address.get(), routes));
        out.println("ready: http://%s/metrics".formatted(text(http.address())));
      }
      if (arguments.has(UNIX)) {
        var path = Path.of(arguments.value(UNIX).orElseThrow());
        endpoints.add(UnixEndpoint.open(path, routes));
        out.println("ready: " + path);
      }
    } catch (IOException e) {
      endpoints.close();
      throw new CommandException(ExitCode.IN_USE, "metrics: cannot listen: " + e.getMessage(), e);
    }
    out.flush();
    Runtime.getRuntime().addShutdownHook(new Thread(endpoints::stop, "stop"));
    new CountDownLatch(1).await(); // a signal ends it
  }

  private static String figures(Arguments arguments) {
    try (var table = PinOption.open(arguments)) {
      var state = table.snapshot();
      return Metrics.of(state, CgroupNames.find(state.cgroups()));
    }
  }

  /** From a table that is opened anew, because it may be another one since the last time. */
  private static Answer scrape(Arguments arguments) {
    try {
      return Answer.figures(figures(arguments));
    } catch (RuntimeException e) {
      return Answer.sentence(503, Diagnosis.of(e).sentence());
    }
  }

  static InetSocketAddress address(String text) {
    int colon = text.lastIndexOf(':');
    try {
      var host = text.substring(0, colon);
      var literal =
          host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
      return new InetSocketAddress(
          InetAddress.ofLiteral(literal), Integer.parseInt(text.substring(colon + 1)));
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      throw new CommandException(
          ExitCode.USAGE, "metrics: \"" + text + "\" is no ADDRESS:PORT such as 127.0.0.1:9400", e);
    }
  }

  private static String text(InetSocketAddress address) {
    var host = address.getAddress().getHostAddress();
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
  }

  /** What is served, until a signal. */
  private static final class Endpoints {
    private final List<AutoCloseable> open = new ArrayList<>();

    <T extends AutoCloseable> T add(T endpoint) {
      open.add(endpoint);
      return endpoint;
    }

    void close() {
      for (var endpoint : open) {
        try {
          endpoint.close();
        } catch (Exception e) {
          System.err.println(Main.NAME + ": " + Diagnosis.of(e).sentence());
        }
      }
    }

    /** The shutdown hook; a supervisor takes no other status than this for well. */
    void stop() {
      close();
      Runtime.getRuntime().halt(ExitCode.OK.status());
    }
  }
}
