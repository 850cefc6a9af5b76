package io.github.purebpf.redirect;

import java.util.function.BiFunction;
import java.util.regex.Pattern;

/** What {@link VirtualAddress} and {@link Server} have in common: how they are written. */
final class AddressAndPort {
  static final int MAX_PORT = 65_535;
  private static final Pattern PORT = Pattern.compile("[1-9][0-9]{0,4}");

  private AddressAndPort() {}

  static <T> T parse(String text, BiFunction<Ipv4, Integer, T> constructor) {
    int colon = text.indexOf(':');
    if (text.startsWith("[") || text.lastIndexOf(':') != colon) {
      throw new IllegalArgumentException(
          "\"" + text + "\" holds an IPv6 address; this version redirects IPv4 only");
    }
    if (colon < 0) {
      throw new IllegalArgumentException(
          "\"" + text + "\" has no port; write ADDRESS:PORT such as 10.0.0.1:8500");
    }
    var address = Ipv4.parse(text.substring(0, colon));
    var port = text.substring(colon + 1);
    if (!PORT.matcher(port).matches() || Integer.parseInt(port) > MAX_PORT) {
      throw new IllegalArgumentException(
          "\"" + text + "\": \"" + port + "\" is no port, a number from 1 to 65535");
    }
    return constructor.apply(address, Integer.parseInt(port));
  }

  static void requirePort(int port) {
    if (port < 1 || port > MAX_PORT) {
      throw new IllegalArgumentException("port " + port + " is not from 1 to 65535");
    }
  }
}
