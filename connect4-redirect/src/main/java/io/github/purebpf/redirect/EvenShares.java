package io.github.purebpf.redirect;

/**
 * How many connections each server has when all were placed by {@link Policy#LEAST_CONNECTIONS}:
 * each goes where (connections + 1) / weight is least, which is the method of d'Hondt.
 */
final class EvenShares {
  private EvenShares() {}

  /**
   * Where two servers could have a connection, the one has it that has more by now, so that the
   * fewest have to move.
   *
   * @param loads what each has now
   * @param weights of each, in the same order
   * @param total how many there are to place
   */
  static long[] of(long[] loads, int[] weights, long total) {
    long sum = 0;
    for (int weight : weights) {
      sum += weight;
    }
    var shares = new long[loads.length];
    long left = total;
    for (int i = 0; i < shares.length; i++) {
      shares[i] = total * weights[i] / sum; // nobody gets less, so it need not be counted up
      left -= shares[i];
    }
    for (; left > 0; left--) {
      int best = 0;
      for (int i = 1; i < shares.length; i++) {
        long order = (shares[i] + 1) * weights[best] - (shares[best] + 1) * weights[i];
        boolean holdsMore = loads[i] - shares[i] > loads[best] - shares[best];
        if (order < 0 || (order == 0 && holdsMore)) {
          best = i;
        }
      }
      shares[best]++;
    }
    return shares;
  }
}
