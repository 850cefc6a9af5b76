package io.github.purebpf.redirect.source;

import io.github.purebpf.redirect.Ipv4;
import io.github.purebpf.redirect.Server;
import io.github.purebpf.redirect.WeightedServer;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** The IPv4 addresses of a host, by the JVM's resolver. */
record HostAddresses(String name, int port) implements PollingSource.Look {
  static HostAddresses of(String name, int port) {
    if (name.isBlank()) {
      throw new IllegalArgumentException("the addresses of servers are empty; give a host's name");
    }
    return new HostAddresses(name.strip(), port);
  }

  @Override
  public Optional<Finding> look() {
    InetAddress[] addresses;
    try {
      addresses = InetAddress.getAllByName(name);
    } catch (UnknownHostException e) {
      return Optional.of(new Finding.Failed("the name " + name + " has no address"));
    }
    var servers =
        Stream.of(addresses)
            .filter(Inet4Address.class::isInstance)
            .map(address -> Ipv4.parse(address.getHostAddress()))
            .distinct()
            .sorted()
            .map(address -> new WeightedServer(new Server(address, port)))
            .toList();
    return Optional.of(
        servers.isEmpty()
            ? new Finding.Failed("the name " + name + " has only IPv6 addresses")
            : new Finding.Servers(servers, Set.of()));
  }
}
