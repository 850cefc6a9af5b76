package io.github.purebpf.redirect.cli.demo;

import io.github.purebpf.redirect.Ipv4;
import io.github.purebpf.redirect.VirtualAddress;
import java.io.IOException;
import java.net.BindException;
import java.net.ServerSocket;

/** The virtual address of a demo: on loopback, so that no network answers for it. */
final class DemoVip {
  static final Ipv4 ADDRESS = Ipv4.parse("127.77.0.1");

  private DemoVip() {}

  /**
   * One where nobody listens, not even on all addresses.
   *
   * @param preferred its port, if that is free
   */
  static VirtualAddress free(int preferred) throws IOException {
    try (var socket = new ServerSocket(preferred, 1, ADDRESS.toInetAddress())) {
      return new VirtualAddress(ADDRESS, socket.getLocalPort());
    } catch (BindException taken) {
      try (var socket = new ServerSocket(0, 1, ADDRESS.toInetAddress())) {
        return new VirtualAddress(ADDRESS, socket.getLocalPort());
      }
    }
  }
}
