package io.github.purebpf.bpf;

import io.github.purebpf.btf.Btf;
import io.github.purebpf.btf.BtfBuilder;
import io.github.purebpf.btf.BtfType;
import java.nio.ByteOrder;

/** Finds the spin lock in a value by its C type, as the kernel does. */
final class ValueLock {
  private static final String STRUCT = "bpf_spin_lock";

  private ValueLock() {}

  static boolean isIn(Codec<?> values) {
    var types = new BtfBuilder();
    int id = values.cType(types);
    return isIn(Btf.parse(types.build(ByteOrder.nativeOrder())), id);
  }

  static boolean isIn(Btf types, int value) {
    return types.resolve(value) instanceof BtfType.Struct struct
        && struct.members().stream()
            .anyMatch(
                member ->
                    types.resolve(member.type()) instanceof BtfType.Struct inner
                        && inner.name().equals(STRUCT));
  }
}
