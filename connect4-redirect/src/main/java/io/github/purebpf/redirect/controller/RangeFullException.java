package io.github.purebpf.redirect.controller;

import io.github.purebpf.redirect.AddressRange;
import java.io.Serial;

/** All addresses of a range belong to containers, or are in the table by other means. */
public final class RangeFullException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  RangeFullException(AddressRange range, int leased) {
    super(
        "none of the %d addresses of %s is free: %d belong to cgroups, the others are in the table; "
                .formatted(range.size(), range, leased)
            + "take a larger range, or wait until a cgroup is gone");
  }
}
