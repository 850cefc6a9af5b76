package io.github.purebpf.redirect;

/** What happens to another controller that has what one wants to have. */
public enum Takeover {
  /** It keeps it, and the newcomer gets an {@link OwnedException}. */
  REFUSE,
  /**
   * It loses it: the next change that it makes fails with a {@link TakenOverException}. It need not
   * answer for that, and may be stopped or hang. Only in the middle of a change it is waited for,
   * up to ten seconds.
   */
  TAKE
}
