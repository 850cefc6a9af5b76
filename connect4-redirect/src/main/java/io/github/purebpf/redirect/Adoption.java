package io.github.purebpf.redirect;

import java.util.List;

/**
 * What came of {@link RedirectTable#adopt}.
 *
 * @param connections how many were counted in
 * @param unreachable which network namespaces could not be looked at, and why, in one line each;
 *     connections there are not counted
 */
public record Adoption(long connections, List<String> unreachable) {
  /** Keeps a copy. */
  public Adoption {
    unreachable = List.copyOf(unreachable);
  }
}
