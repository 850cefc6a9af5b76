package io.github.purebpf.redirect;

import java.util.Objects;

/**
 * The address and the TCP port where a connect really goes.
 *
 * @param address the server's IP
 * @param port 1 to 65535
 */
public record Server(Ipv4 address, int port) {
  /** Refuses a port out of range. */
  public Server {
    Objects.requireNonNull(address, "address");
    AddressAndPort.requirePort(port);
  }

  /**
   * Reads {@code "10.0.0.1:8500"}.
   *
   * @throws IllegalArgumentException if the text is anything else; the message says what is wrong
   */
  public static Server parse(String text) {
    return AddressAndPort.parse(text, Server::new);
  }

  // What a record has by itself is slow to link, and every start of the command needs it.
  @Override
  public boolean equals(Object other) {
    return other instanceof Server server && port == server.port && address.equals(server.address);
  }

  @Override
  public int hashCode() {
    return 31 * address.hashCode() + port;
  }

  /** {@code 10.0.0.1:8500}: what {@link #parse} reads. */
  @Override
  public String toString() {
    return address + ":" + port;
  }
}
