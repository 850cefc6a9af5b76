package io.github.purebpf.redirect.dataplane;

/** Which cgroups below the one that the programs are attached to are redirected. */
public enum CgroupFilter {
  /** All. */
  ALL,
  /** Those that are in the map {@code cgroups}, and what is below them. */
  LISTED,
  /** All but those. */
  NOT_LISTED
}
