package io.github.purebpf.redirect;

/** Which cgroups are redirected, of all that are below one that a redirector is attached to. */
public enum Scope {
  /** All of them. */
  ALL,
  /** Those that {@link RedirectTable#listCgroup} names, and the cgroups below them. */
  LISTED,
  /** All but those. */
  NOT_LISTED
}
