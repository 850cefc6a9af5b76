package io.github.purebpf.benchmarks;

/**
 * How much is measured.
 *
 * @param processes how often the peers are started
 * @param warmUps rounds after each start that do not count
 * @param rounds after each start that do
 * @param share of the operations of a case, 1/share
 */
record Mode(String name, int processes, int warmUps, int rounds, int share) {
  /** The values of the first few keys are compared. */
  private static final int LEAST = 16;

  /** What figures are published from. */
  static final Mode FULL = new Mode("full", 3, 4, 4, 1);

  /** A rough table in less than three minutes. */
  static final Mode QUICK = new Mode("quick", 2, 2, 3, 8);

  /** Whether everything runs; the figures mean nothing. */
  static final Mode SMOKE = new Mode("smoke", 1, 0, 1, 100_000);

  /** The rounds that count. */
  int allRounds() {
    return processes * rounds;
  }

  int operations(int full) {
    return Math.max(LEAST, full / share);
  }
}
