package io.github.purebpf.redirect;

import io.github.purebpf.insn.Field;
import io.github.purebpf.layout.NetworkOrder;
import io.github.purebpf.layout.Struct;

/**
 * The key of the map that holds the table: {@code struct { __be32 address; __be16 port; __u16
 * protocol; }}. Address and port are as the kernel hands them to the programs, so that they are
 * copied and never swapped.
 */
record TableKey(@NetworkOrder int address, @NetworkOrder short port, short protocol) {
  /** {@code IPPROTO_TCP}. */
  static final int TCP = 6;

  static final Struct<TableKey> STRUCT = Struct.of(TableKey.class);
  static final Field<TableKey> ADDRESS = STRUCT.field("address");
  static final Field<TableKey> PORT = STRUCT.field("port");
  static final Field<TableKey> PROTOCOL = STRUCT.field("protocol");

  static TableKey of(VirtualAddress vip) {
    return new TableKey(vip.address().bits(), (short) vip.port(), (short) TCP);
  }

  VirtualAddress vip() {
    return new VirtualAddress(Ipv4.ofBits(address), Short.toUnsignedInt(port));
  }
}
