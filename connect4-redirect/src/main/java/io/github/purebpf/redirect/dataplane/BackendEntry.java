package io.github.purebpf.redirect.dataplane;

import io.github.purebpf.insn.Field;
import io.github.purebpf.layout.Struct;

/**
 * A server of one virtual address and what came of the connects to it: an element of the array
 * {@code backends}. One that two virtual addresses share is there twice.
 *
 * @param word address and port as the kernel wants them, see {@link ServerWord}; 0 while it is free
 * @param load the connections that are open or being made
 * @param attempted how many connects were sent to it
 * @param established how many of them got a connection
 * @param failed how many of them did not
 * @param open the connections that are open
 * @param service the index of its {@link ServiceEntry}, or {@link #NOBODY} when that is no more
 * @param uncounted connections whose container was not counted, because {@code holders} was full
 */
record BackendEntry(
    long word,
    long load,
    long attempted,
    long established,
    long failed,
    long open,
    long service,
    long uncounted) {
  static final Struct<BackendEntry> STRUCT = Struct.of(BackendEntry.class);
  static final Field<BackendEntry> WORD = STRUCT.field("word");
  static final Field<BackendEntry> LOAD = STRUCT.field("load");
  static final Field<BackendEntry> ATTEMPTED = STRUCT.field("attempted");
  static final Field<BackendEntry> ESTABLISHED = STRUCT.field("established");
  static final Field<BackendEntry> FAILED = STRUCT.field("failed");
  static final Field<BackendEntry> OPEN = STRUCT.field("open");
  static final Field<BackendEntry> SERVICE = STRUCT.field("service");
  static final Field<BackendEntry> UNCOUNTED = STRUCT.field("uncounted");

  static final int NOBODY = Integer.MAX_VALUE;
}
