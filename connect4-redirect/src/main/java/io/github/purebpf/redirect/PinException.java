package io.github.purebpf.redirect;

import java.io.Serial;

/**
 * A directory that no table is or can be pinned in: it is on no BPF file system, holds no table, or
 * one of another layout. The message says which, and the remedy.
 */
public final class PinException extends IllegalArgumentException {
  @Serial private static final long serialVersionUID = 1;

  PinException(String message) {
    super(message);
  }

  PinException(String message, Throwable cause) {
    super(message, cause);
  }
}
