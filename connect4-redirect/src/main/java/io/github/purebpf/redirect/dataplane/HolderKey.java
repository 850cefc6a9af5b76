package io.github.purebpf.redirect.dataplane;

import io.github.purebpf.insn.Field;
import io.github.purebpf.layout.Struct;

/**
 * A container and a server that it has or had connections to: the key of {@code holders}.
 *
 * @param cgroup the id of the container's cgroup
 * @param backend the index of the server
 */
record HolderKey(long cgroup, int backend, int spare) {
  static final Struct<HolderKey> STRUCT = Struct.of(HolderKey.class);
  static final Field<HolderKey> CGROUP = STRUCT.field("cgroup");
  static final Field<HolderKey> BACKEND = STRUCT.field("backend");
  static final Field<HolderKey> SPARE = STRUCT.field("spare");
}
