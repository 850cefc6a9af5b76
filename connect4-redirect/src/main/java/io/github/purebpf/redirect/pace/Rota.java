package io.github.purebpf.redirect.pace;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Whose turn it is among those who can do the same. The first is a random one, and so is who
 * follows one that was of use until now; from then on each has a turn before one has another.
 *
 * @param <T> they
 */
public final class Rota<T> {
  private final List<T> order;
  private final RandomGenerator random;

  /** How many turns in a row were of no use. */
  private int inVain;

  /**
   * @param all at least one
   */
  public Rota(List<T> all, RandomGenerator random) {
    this.order = new ArrayList<>(all);
    this.random = random;
    Collections.shuffle(order, random);
  }

  /** Whose turn it is. */
  public T now() {
    return order.getFirst();
  }

  /** It is of use: who follows it is left to chance again. */
  public void serves() {
    inVain = 0;
  }

  /**
   * It is of no use: it is the turn of the next.
   *
   * @return whether with it all have been tried in vain, once more
   */
  public boolean next() {
    if (inVain == 0) {
      Collections.shuffle(order.subList(1, order.size()), random);
    }
    Collections.rotate(order, -1);
    inVain++;
    return inVain % order.size() == 0;
  }
}
