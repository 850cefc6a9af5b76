package io.github.purebpf.redirect;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.regex.Pattern;

/** An IPv4 address. Addresses are ordered as their numbers are, part by part. */
public final class Ipv4 implements Comparable<Ipv4> {
  private static final Pattern PART = Pattern.compile("0|[1-9][0-9]{0,2}");

  /** The first part in the highest byte. */
  private final int bits;

  private Ipv4(int bits) {
    this.bits = bits;
  }

  /**
   * Reads four numbers from 0 to 255 with dots between them, such as {@code "10.0.0.1"}. Nothing
   * else is an address here: no name, no leading zero (which some programs take for octal), no IPv6
   * address.
   *
   * @throws IllegalArgumentException if the text is anything else; the message says what is wrong
   */
  public static Ipv4 parse(String text) {
    if (text.indexOf(':') >= 0) {
      throw new IllegalArgumentException(
          "\"" + text + "\" is an IPv6 address; this version redirects IPv4 only");
    }
    var parts = text.split("\\.", -1);
    if (parts.length != 4) {
      throw malformed(text, "it has " + parts.length + (parts.length == 1 ? " part" : " parts"));
    }
    int bits = 0;
    for (var part : parts) {
      if (!PART.matcher(part).matches() || Integer.parseInt(part) > 255) {
        throw malformed(text, "\"" + part + "\" is no number from 0 to 255 without leading zeros");
      }
      bits = bits << 8 | Integer.parseInt(part);
    }
    return new Ipv4(bits);
  }

  private static IllegalArgumentException malformed(String text, String why) {
    return new IllegalArgumentException(
        "\"" + text + "\" is no IPv4 address such as 10.0.0.1: " + why);
  }

  /** The address of an {@code Inet4Address}. */
  public static Ipv4 of(Inet4Address address) {
    return new Ipv4(ByteBuffer.wrap(address.getAddress()).getInt());
  }

  /** The number whose highest byte is the first part, as a big endian read of the four bytes. */
  static Ipv4 ofBits(int bits) {
    return new Ipv4(bits);
  }

  /** The first part in the highest byte. */
  int bits() {
    return bits;
  }

  /** The same address for {@code java.net}. */
  public Inet4Address toInetAddress() {
    try {
      return (Inet4Address)
          InetAddress.getByAddress(ByteBuffer.allocate(Integer.BYTES).putInt(bits).array());
    } catch (UnknownHostException e) {
      throw new AssertionError("four bytes are an IPv4 address", e);
    }
  }

  @Override
  public int compareTo(Ipv4 other) {
    return Integer.compareUnsigned(bits, other.bits);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Ipv4 address && bits == address.bits;
  }

  @Override
  public int hashCode() {
    return bits;
  }

  /** Four numbers with dots: what {@link #parse} reads. */
  @Override
  public String toString() {
    return (bits >>> 24)
        + "."
        + (bits >>> 16 & 255)
        + "."
        + (bits >>> 8 & 255)
        + "."
        + (bits & 255);
  }
}
