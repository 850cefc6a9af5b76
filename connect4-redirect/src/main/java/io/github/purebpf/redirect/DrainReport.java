package io.github.purebpf.redirect;

import java.util.List;

/**
 * What became of the connections of a server that was drained.
 *
 * @param ended how many ended by themselves before the deadline
 * @param closed how many were closed after it
 * @param gone how many ended by themselves while others were closed
 * @param left how many are counted and were not closed: they were not found, or the kernel refused
 * @param unreachable where those may be and why they could not be reached, in one line each; what
 *     it says is of no consequence if none are left
 */
public record DrainReport(long ended, long closed, long gone, long left, List<String> unreachable) {
  /** Keeps a copy. */
  public DrainReport {
    unreachable = List.copyOf(unreachable);
  }

  /** Whether no connection is left. */
  public boolean isComplete() {
    return left == 0;
  }
}
