package io.github.purebpf.redirect.controller;

/** How a controller sees a server. */
public enum Standing {
  /** It gets connects. */
  ACTIVE,
  /** The source does not name it any more; it gets connects until it has been away long enough. */
  HELD,
  /** Connects to it fail, so it gets none, as long as enough others are healthy. */
  UNHEALTHY,
  /** Connects to it fail as well as those to most others: it gets connects all the same. */
  PANIC,
  /** It has left, gets no connects, and its connections are being ended. */
  LEAVING
}
