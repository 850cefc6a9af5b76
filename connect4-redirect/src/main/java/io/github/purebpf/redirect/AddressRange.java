package io.github.purebpf.redirect;

import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * Virtual addresses of one port, to be given out one by one: those of a block of IPv4 addresses,
 * but for the first and the last of a block of four or more, which name the network and everybody
 * in it.
 *
 * @param first the first address of the block
 * @param prefix how many leading bits all addresses have in common, {@value #SHORTEST_PREFIX} to 32
 * @param port 1 to 65535
 */
public record AddressRange(Ipv4 first, int prefix, int port) {
  /** Of the largest block: more addresses than those of one have no room in a table. */
  public static final int SHORTEST_PREFIX = 16;

  /** Refuses a prefix and a port out of range, and a first address that is not the first. */
  public AddressRange {
    Objects.requireNonNull(first, "first");
    AddressAndPort.requirePort(port);
    if (prefix < SHORTEST_PREFIX || prefix > Integer.SIZE) {
      throw new IllegalArgumentException(
          "a prefix of %d bits is not from %d to %d"
              .formatted(prefix, SHORTEST_PREFIX, Integer.SIZE));
    }
    int rest = block(prefix) - 1;
    if ((first.bits() & rest) != 0) {
      throw new IllegalArgumentException(
          "%s is not the first address with %d bits in common; write %s/%d"
              .formatted(first, prefix, Ipv4.ofBits(first.bits() & ~rest), prefix));
    }
  }

  /**
   * Reads {@code "127.64.0.0/16:8502"}.
   *
   * @throws IllegalArgumentException if the text is anything else; the message says what is wrong
   */
  public static AddressRange parse(String text) {
    int slash = text.indexOf('/');
    int colon = text.indexOf(':', slash + 1);
    if (slash < 0 || colon < 0 || !text.substring(slash + 1, colon).matches("[1-9][0-9]?")) {
      throw new IllegalArgumentException(
          "\"" + text + "\" is no ADDRESS/PREFIX:PORT such as 127.64.0.0/16:8502");
    }
    var first = VirtualAddress.parse(text.substring(0, slash) + text.substring(colon));
    return new AddressRange(
        first.address(), Integer.parseInt(text.substring(slash + 1, colon)), first.port());
  }

  private static int block(int prefix) {
    return 1 << (Integer.SIZE - prefix);
  }

  private boolean hasEnds() {
    return block(prefix) > 2;
  }

  /** How many there are. */
  public int size() {
    return hasEnds() ? block(prefix) - 2 : block(prefix);
  }

  private VirtualAddress address(int index) {
    return new VirtualAddress(Ipv4.ofBits(first.bits() + index + (hasEnds() ? 1 : 0)), port);
  }

  /** Whether an address is one of them. */
  public boolean contains(VirtualAddress vip) {
    int index = vip.address().bits() - first.bits() - (hasEnds() ? 1 : 0);
    return vip.port() == port && index >= 0 && index < size();
  }

  /**
   * One that is free. The same name gets the same one as long as that is free, and else the next;
   * so addresses that were given back are seldom given out again at once.
   *
   * @param name whom it is for
   * @return empty if all are taken
   */
  public Optional<VirtualAddress> choose(String name, Predicate<VirtualAddress> taken) {
    int begin = Integer.remainderUnsigned(mixed(name.hashCode()), size());
    return IntStream.range(0, size())
        .mapToObj(i -> address((begin + i) % size()))
        .filter(taken.negate())
        .findFirst();
  }

  /** Spreads what differs in few bits: the last step of MurmurHash3. */
  private static int mixed(int hash) {
    int mixed = (hash ^ hash >>> 16) * 0x85ebca6b;
    mixed = (mixed ^ mixed >>> 13) * 0xc2b2ae35;
    return mixed ^ mixed >>> 16;
  }

  /** {@code 127.64.0.0/16:8502}: what {@link #parse} reads. */
  @Override
  public String toString() {
    return first + "/" + prefix + ":" + port;
  }
}
