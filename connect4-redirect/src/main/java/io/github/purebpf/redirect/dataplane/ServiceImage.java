package io.github.purebpf.redirect.dataplane;

import java.util.List;

/**
 * A virtual address as the programs know it.
 *
 * @param vip its key
 * @param policy a {@code POLICY_…} of {@link Head}
 * @param errno what a connect fails with where there is no server; 0 to let it go where it was
 *     going
 * @param probes the word of {@link Probes}, 0 for none
 * @param members its servers, at most {@link Head#MOST_MEMBERS}
 */
public record ServiceImage(
    long vip, int policy, int errno, long probes, List<MemberImage> members) {
  /** Keeps a copy. */
  public ServiceImage {
    members = List.copyOf(members);
  }

  /**
   * A server of a set.
   *
   * @param server the {@link ServerWord}
   * @param weight 1 to 65,535
   */
  public record MemberImage(long server, int weight) {}
}
