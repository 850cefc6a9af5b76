package io.github.purebpf.redirect.dataplane;

import io.github.purebpf.insn.MapRef;

/** The names by which the programs refer to their maps. */
final class Maps {
  /** {@link VipKey} to {@link Slot}. */
  static final MapRef VIPS = new MapRef("vips");

  /** An array of {@link ServiceEntry}. */
  static final MapRef SERVICES = new MapRef("services");

  /** An array of {@link MemberEntry}. */
  static final MapRef MEMBERS = new MapRef("members");

  /** An array of {@link BackendEntry}. */
  static final MapRef BACKENDS = new MapRef("backends");

  /** A {@link SocketEntry} with each socket that was redirected. */
  static final MapRef SOCKETS = new MapRef("sockets");

  /** {@link HolderKey} to {@link HolderEntry}. */
  static final MapRef HOLDERS = new MapRef("holders");

  /** The ids of the cgroups that the {@link CgroupFilter} speaks of. */
  static final MapRef CGROUPS = new MapRef("cgroups");

  /** An array of one {@link MetaEntry}. */
  static final MapRef META = new MapRef("meta");

  /** Ids of cgroups to paths, of which programs know nothing, see {@link Wishes}. */
  static final MapRef WISHES = new MapRef("wishes");

  /** {@link VipKey} to paths of cgroups, see {@link Leases}. */
  static final MapRef LEASES = new MapRef("leases");

  /** An array of one {@link SourceNote.Entry}. */
  static final MapRef SOURCE_NOTE = new MapRef("source");

  /** A ring buffer of {@link EventEntry}. */
  static final MapRef EVENTS = new MapRef("events");

  private Maps() {}
}
