package io.github.purebpf.redirect.dataplane;

import java.util.List;

/**
 * What came of the connects to a virtual address.
 *
 * @param image what it is
 * @param refused how many found no server
 * @param untracked how many connections could not be counted for want of memory
 * @param backends its servers, those first that are in its set, then those that are not any more
 *     and have connections left
 */
public record ServiceFigures(
    ServiceImage image, long refused, long untracked, List<BackendFigures> backends) {
  /** Keeps a copy. */
  public ServiceFigures {
    backends = List.copyOf(backends);
  }

  /**
   * Of one server.
   *
   * @param index in {@code backends}
   * @param server the {@link ServerWord}
   * @param active whether it is in the set
   * @param load connections that are open or being made
   * @param attempted how many connects were sent to it
   * @param established how many of them got a connection
   * @param failed how many did not
   * @param open connections that are open
   */
  public record BackendFigures(
      int index,
      long server,
      boolean active,
      long load,
      long attempted,
      long established,
      long failed,
      long open) {}
}
