package io.github.purebpf.redirect.dataplane;

/**
 * What {@link Selection} computes for each server before it takes the one with the least. Who wants
 * to tell beforehand where a connect goes computes it here.
 */
public final class Score {
  private Score() {}

  /** Of a server with a load, among those that are compared by it. */
  public static long ofLoad(long load, int weight) {
    return Long.divideUnsigned((load + 1) << Selection.LOAD_SHIFT, weight);
  }

  /**
   * Of a server for a client that sticks to one; never negative.
   *
   * @param client the id of the cgroup or the cookie of the socket
   * @param server the {@link ServerWord}
   */
  public static long ofClient(long client, long server) {
    long mixed = (server * Selection.MIX_SERVER) ^ (client * Selection.MIX_CLIENT);
    mixed ^= mixed >>> Integer.SIZE;
    return (mixed * Selection.MIX_CLIENT) >>> 1;
  }
}
