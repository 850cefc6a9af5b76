package io.github.purebpf.check.flow;

/** What is known about a register or a piece of stack on one path. */
public sealed interface Value permits Value.Unset, Value.Anything, Scalar, Pointer {
  /**
   * No value.
   *
   * @param lostAt the slot of the call that destroyed it, or -1 if it was never written
   */
  record Unset(int lostAt) implements Value {
    /** Never written. */
    public static final Unset NEVER_SET = new Unset(-1);
  }

  /** Nothing is known, so nothing is found: it is neither a number nor a pointer for sure. */
  enum Anything implements Value {
    /** Any value at all. */
    ANYTHING
  }

  /** Tells the copies of one value from others; 0 for a value that has no copies. */
  default int id() {
    return switch (this) {
      case Unset _, Anything _ -> 0;
      case Scalar scalar -> scalar.identity();
      case Pointer pointer -> pointer.identity();
    };
  }
}
