package io.github.purebpf.redirect;

/** The options of a redirector in one word, by which other processes know them. */
final class OptionsWord {
  /** Set in each, so that none is 0. */
  private static final long WRITTEN = 1;

  private static final long PEER_NAME = 2;
  private static final int SCOPE_SHIFT = 8;

  private OptionsWord() {}

  static long of(RedirectOptions options) {
    long scope =
        switch (options.scope()) {
          case ALL -> 0;
          case LISTED -> 1;
          case NOT_LISTED -> 2;
        };
    return WRITTEN | (options.peerName() ? PEER_NAME : 0) | scope << SCOPE_SHIFT;
  }

  /** The options of a word; the default ones of 0. */
  static RedirectOptions options(long word) {
    var scope =
        switch ((int) (word >>> SCOPE_SHIFT) & 0xff) {
          case 1 -> Scope.LISTED;
          case 2 -> Scope.NOT_LISTED;
          default -> Scope.ALL;
        };
    return RedirectOptions.DEFAULT.withScope(scope).withPeerName((word & PEER_NAME) != 0);
  }
}
