package io.github.purebpf.redirect;

import java.util.Objects;

/**
 * How a redirector works, beside what is in its table.
 *
 * @param scope which cgroups are redirected, of those below one that it is attached to
 * @param peerName whether {@code getpeername(2)} answers with the virtual address on connections
 *     that were redirected; else it tells the server. Proxies that look at it for the identity of
 *     the server want the server
 */
public record RedirectOptions(Scope scope, boolean peerName) {
  /** All cgroups, and the server is what {@code getpeername} tells. */
  public static final RedirectOptions DEFAULT = new RedirectOptions(Scope.ALL, false);

  /** Refuses null. */
  public RedirectOptions {
    Objects.requireNonNull(scope, "scope");
  }

  /** The same in another scope. */
  public RedirectOptions withScope(Scope newScope) {
    return new RedirectOptions(newScope, peerName);
  }

  /** The same with another answer to {@code getpeername}. */
  public RedirectOptions withPeerName(boolean vip) {
    return new RedirectOptions(scope, vip);
  }
}
