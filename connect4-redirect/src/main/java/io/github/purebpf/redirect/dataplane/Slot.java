package io.github.purebpf.redirect.dataplane;

import io.github.purebpf.insn.Field;
import io.github.purebpf.layout.Struct;

/**
 * Where a virtual address is in {@code services}: the value of {@code vips}.
 *
 * @param index never changed while the entry is there
 */
record Slot(int index) {
  static final Struct<Slot> STRUCT = Struct.of(Slot.class);
  static final Field<Slot> INDEX = STRUCT.field("index");
}
