package io.github.purebpf.redirect.dataplane;

import io.github.purebpf.insn.Field;
import io.github.purebpf.layout.Struct;

/**
 * What the processes that share a table tell one another: the one element of the array {@code
 * meta}. Programs look at {@code heardUntil} alone.
 *
 * @param layout {@link #LAYOUT_3}; 0 until all maps have been made
 * @param epoch odd while somebody changes the table, and another number after each change. It stays
 *     odd if he was killed
 * @param generation how many owners a pinned redirector has had; only the last may change it
 * @param ownerPid the process of the last owner, in its own pid namespace
 * @param ownerPidNamespace the inode number of that namespace
 * @param foldersMade how many folders above the maps were made for them
 * @param options how the redirector works, as its owner has written it; 0 if nobody has
 * @param heardUntil until when somebody listens to events, in nanoseconds of {@code
 *     CLOCK_MONOTONIC}, so that one who was killed does not cost for ever; 0 if nobody does
 * @param unheard how many events found no room in the ring buffer
 */
record MetaEntry(
    long layout,
    long epoch,
    long generation,
    long ownerPid,
    long ownerPidNamespace,
    long foldersMade,
    long options,
    long heardUntil,
    long unheard) {
  static final Struct<MetaEntry> STRUCT = Struct.of(MetaEntry.class);
  static final Field<MetaEntry> LAYOUT = STRUCT.field("layout");
  static final Field<MetaEntry> EPOCH = STRUCT.field("epoch");
  static final Field<MetaEntry> GENERATION = STRUCT.field("generation");
  static final Field<MetaEntry> OWNER_PID = STRUCT.field("ownerPid");
  static final Field<MetaEntry> OWNER_PID_NAMESPACE = STRUCT.field("ownerPidNamespace");
  static final Field<MetaEntry> FOLDERS_MADE = STRUCT.field("foldersMade");
  static final Field<MetaEntry> OPTIONS = STRUCT.field("options");

  static final Field<MetaEntry> HEARD_UNTIL = STRUCT.field("heardUntil");
  static final Field<MetaEntry> UNHEARD = STRUCT.field("unheard");

  /** "purebpf" and the number of the layout. */
  static final long LAYOUT_3 = 0x7075_7265_6270_6603L;
}
