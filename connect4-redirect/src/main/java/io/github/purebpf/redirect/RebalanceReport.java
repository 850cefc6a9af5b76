package io.github.purebpf.redirect;

import java.util.List;
import java.util.Optional;

/**
 * What was done to even out the connections of a virtual address.
 *
 * @param closed how many were closed, so that the programs connect again
 * @param gone how many ended by themselves in the moment before
 * @param even whether no server holds more than its share now; those that were closed may still
 *     have to connect again
 * @param failing the server because of which it stopped: connects to it have failed meanwhile
 * @param unreachable where connections may be that could not be reached, and why, in one line each;
 *     what it says is of no consequence if they are even
 */
public record RebalanceReport(
    long closed, long gone, boolean even, Optional<Server> failing, List<String> unreachable) {
  /** Keeps a copy. */
  public RebalanceReport {
    unreachable = List.copyOf(unreachable);
  }
}
