package io.github.purebpf.redirect.source;

import io.github.purebpf.redirect.WeightedServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/**
 * Where servers are known. It looks by itself, as often as suits it, and tells what it found.
 *
 * <p>It never ends by itself: what goes wrong is a {@link Finding.Failed}, and it tries again at a
 * pace of its own.
 */
public interface ServerSource extends AutoCloseable {
  /** Servers that never change. */
  static ServerSource fixed(List<WeightedServer> servers) {
    return new FixedSource(List.copyOf(servers));
  }

  /**
   * Servers in a file, one in a line as {@code 10.0.0.1:8502} or {@code 10.0.0.1:8502*3} with a
   * weight; what is behind {@code #} is a comment. It is read again at least twice a second, and a
   * content counts when it is seen twice.
   */
  static ServerSource file(Path file) {
    return new PollingSource("file " + file, new ServerFile(file), ServerFile.INTERVAL);
  }

  /**
   * Addresses as consul-dataplane and consul-k8s take them: the name of a host, all of whose IPv4
   * addresses are servers, or {@code exec=COMMAND ARGUMENTS}, a command split at spaces that prints
   * IPv4 addresses separated by white space and ends with 0.
   *
   * <p>A name is looked up by the JVM, which keeps answers for 30 seconds unless it is told
   * otherwise. IPv6 addresses are left out.
   *
   * @param addresses the text
   * @param port of all servers
   * @param interval between two looks, by chance up to half shorter; after failures longer, up to a
   *     minute
   * @throws IllegalArgumentException if the text is empty
   */
  static ServerSource addresses(String addresses, int port, Duration interval) {
    var look =
        addresses.startsWith(CommandAddresses.PREFIX)
            ? CommandAddresses.parse(addresses, port)
            : HostAddresses.of(addresses, port);
    return new PollingSource(addresses, look, interval);
  }

  /** What it is, in a few words for people, such as {@code consul https://10.0.0.1:8501}. */
  String description();

  /**
   * Begins to look; is called once.
   *
   * @param told gets each finding, from a thread of the source, one after the other, also if it is
   *     the same as before
   */
  void start(Consumer<Finding> told);

  /** Stops looking; when it returns, nothing more is told. */
  @Override
  void close();
}
