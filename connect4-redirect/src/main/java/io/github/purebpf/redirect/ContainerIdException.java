package io.github.purebpf.redirect;

import java.io.Serial;

/**
 * What is no id of a container, or that of none that runs here, or the beginning of several. The
 * message says which, and the remedy.
 */
public final class ContainerIdException extends IllegalArgumentException {
  @Serial private static final long serialVersionUID = 1;

  ContainerIdException(String message) {
    super(message);
  }
}
