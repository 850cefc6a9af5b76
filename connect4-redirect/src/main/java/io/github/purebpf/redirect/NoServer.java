package io.github.purebpf.redirect;

/**
 * What becomes of a connect to a virtual address that has no server. It is the same for blocking
 * and non-blocking sockets and for both families.
 */
public enum NoServer {
  /** It goes to the virtual address itself, as if there were no redirector. */
  PASS(0),
  /** It fails with {@code ECONNREFUSED}, as if nobody listened. */
  REFUSE(111),
  /** It fails with {@code EHOSTUNREACH}, as if there were no such host. */
  UNREACHABLE(113),
  /** It fails with {@code EPERM}. Before Linux 5.18 the two above do so, too. */
  DENY(1);

  private final int errno;

  NoServer(int errno) {
    this.errno = errno;
  }

  int errno() {
    return errno;
  }

  static NoServer of(int errno) {
    for (var value : values()) {
      if (value.errno == errno) {
        return value;
      }
    }
    throw new IllegalStateException(
        "the table holds an errno " + errno + " that is not known here");
  }
}
