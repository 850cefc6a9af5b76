package io.github.purebpf.redirect;

import java.util.Objects;

/**
 * The address and the TCP port that programs connect to, and that needs no one to listen there.
 *
 * @param address the virtual IP, VIP for short
 * @param port 1 to 65535
 */
public record VirtualAddress(Ipv4 address, int port) implements Comparable<VirtualAddress> {
  /** Refuses a port out of range. */
  public VirtualAddress {
    Objects.requireNonNull(address, "address");
    AddressAndPort.requirePort(port);
  }

  /**
   * Reads {@code "10.0.0.1:8500"}.
   *
   * @throws IllegalArgumentException if the text is anything else; the message says what is wrong
   */
  public static VirtualAddress parse(String text) {
    return AddressAndPort.parse(text, VirtualAddress::new);
  }

  @Override
  public int compareTo(VirtualAddress other) {
    int order = address.compareTo(other.address);
    return order == 0 ? Integer.compare(port, other.port) : order;
  }

  /** {@code 10.0.0.1:8500}: what {@link #parse} reads. */
  @Override
  public String toString() {
    return address + ":" + port;
  }
}
