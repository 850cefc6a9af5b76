package io.github.purebpf.bpf.sockdiag;

import io.github.purebpf.bpf.internal.sys.NlAttr;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** An attribute of a netlink message ({@code struct nlattr} and what follows it). */
record Attribute(int type, Bytes value) {
  /** {@code NLA_F_NESTED} and {@code NLA_F_NET_BYTEORDER}, which are no part of the type. */
  private static final int TYPE_MASK = 0x3fff;

  /** {@code NLA_ALIGNTO}. */
  static long align(long length) {
    return length + 3 & ~3L;
  }

  /** The first of a type among those that fill some bytes. */
  static Optional<Bytes> first(Bytes attributes, int type) {
    return all(attributes).stream()
        .filter(attribute -> attribute.type == type)
        .map(Attribute::value)
        .findFirst();
  }

  static List<Attribute> all(Bytes attributes) {
    var found = new ArrayList<Attribute>();
    for (long at = 0; at < attributes.size(); ) {
      var header = attributes.part(at, NlAttr.SIZE, "the head of an attribute");
      int length = header.u16(NlAttr.NLA_LEN);
      var value = attributes.part(at + NlAttr.SIZE, length - (long) NlAttr.SIZE, "an attribute");
      found.add(new Attribute(header.u16(NlAttr.NLA_TYPE) & TYPE_MASK, value));
      at += align(length);
    }
    return found;
  }

  /** Writes the head; the room for the value. */
  static Bytes write(Bytes to, long offset, int type, int length) {
    to.u16(offset + NlAttr.NLA_LEN, NlAttr.SIZE + length).u16(offset + NlAttr.NLA_TYPE, type);
    return to.part(offset + NlAttr.SIZE, length, "an attribute");
  }
}
