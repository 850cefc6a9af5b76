package io.github.purebpf.redirect.controller;

import io.github.purebpf.redirect.AddressLease;
import io.github.purebpf.redirect.DrainReport;
import io.github.purebpf.redirect.RebalanceReport;
import io.github.purebpf.redirect.Server;
import io.github.purebpf.redirect.VirtualAddress;
import io.github.purebpf.redirect.WeightedServer;
import java.util.Optional;

/** What a controller has done, or has found. */
public sealed interface ControllerEvent {
  /** A server is used from now on that was not known. */
  record Joined(WeightedServer server) implements ControllerEvent {}

  /** A server stands otherwise than before, or has another weight. */
  record Changed(WeightedServer server, Standing before, Standing now) implements ControllerEvent {}

  /** A server has left, and is not used any more. */
  record Left(Server server) implements ControllerEvent {}

  /** The connections to a server that has left were ended, as far as the report says. */
  record Drained(VirtualAddress vip, Server server, DrainReport report)
      implements ControllerEvent {}

  /** Connections were moved, as far as the report says. */
  record Rebalanced(VirtualAddress vip, RebalanceReport report) implements ControllerEvent {}

  /** A container has got an address of its own. */
  record Leased(AddressLease lease) implements ControllerEvent {}

  /** The container is gone, and its address was taken out of the table. */
  record Released(AddressLease lease) implements ControllerEvent {}

  /**
   * An address of a container has got another server: so that all have their shares, and the report
   * says what became of its connections; or without a report because those did not last.
   */
  record Moved(VirtualAddress vip, Server from, Server to, Optional<DrainReport> report)
      implements ControllerEvent {}

  /** The source says nothing that can be believed, and why; it is told again when that changes. */
  record SourceTrouble(String reason) implements ControllerEvent {}

  /** The source can be believed again. */
  record SourceFine() implements ControllerEvent {}

  /** Something could not be done; it is tried again, unless it says otherwise. */
  record Failed(String what, RuntimeException why) implements ControllerEvent {}
}
