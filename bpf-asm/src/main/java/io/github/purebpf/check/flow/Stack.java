package io.github.purebpf.check.flow;

import java.util.Arrays;
import java.util.function.UnaryOperator;

/** The 512 bytes of stack of one function: what was written to it, and which values are whole. */
public final class Stack {
  /** Bytes of stack that a function has. */
  public static final int BYTES = 512;

  // From the lowest address up; null where the bytes are not one whole value.
  private final Value[] doubleWords;
  private final Value[] words;
  private final long[] written;

  private Stack(Value[] doubleWords, Value[] words, long[] written) {
    this.doubleWords = doubleWords;
    this.words = words;
    this.written = written;
  }

  static Stack unwritten() {
    return new Stack(new Value[BYTES / 8], new Value[BYTES / 4], new long[BYTES / Long.SIZE]);
  }

  Stack copy() {
    return new Stack(doubleWords.clone(), words.clone(), written.clone());
  }

  /**
   * The whole value that these bytes hold, or null.
   *
   * @param offset from r10, below 0 and a multiple of the size
   */
  public Value load(int offset, int size) {
    int at = offset + BYTES;
    return switch (size) {
      case 8 -> doubleWords[at / 8];
      case 4 -> words[at / 4];
      default -> null;
    };
  }

  /** The pointer that these bytes are but a part of, or null. */
  public Pointer cutPointer(int offset, int size) {
    return size < 8 && doubleWords[(offset + BYTES) / 8] instanceof Pointer cut ? cut : null;
  }

  /** Stores a value at an aligned offset; null for one that is not known. */
  public void store(int offset, int size, Value value) {
    overwrite(offset, offset + size);
    int at = offset + BYTES;
    if (size == 8) {
      doubleWords[at / 8] = value;
    } else if (size == 4 && value instanceof Scalar scalar) {
      boolean fits = Long.compareUnsigned(scalar.max(), Scalar.MAX_32) <= 0;
      words[at / 4] = fits ? scalar : Scalar.upTo(Scalar.MAX_32);
    }
  }

  /** Forgets what these bytes hold, as far as they are on the stack; they count as written. */
  public void overwrite(int from, int to) {
    int first = Math.max(from + BYTES, 0);
    int last = Math.min(to + BYTES, BYTES);
    for (int at = first; at < last; at++) {
      written[at / Long.SIZE] |= 1L << at;
      doubleWords[at / 8] = null;
      words[at / 4] = null;
    }
  }

  /** Whether something was written to all these bytes. */
  public boolean isWritten(int offset, int size) {
    for (int at = offset + BYTES; at < offset + BYTES + size; at++) {
      if ((written[at / Long.SIZE] & 1L << at) == 0) {
        return false;
      }
    }
    return true;
  }

  /** Where paths meet, addresses are in doubt. */
  void meet() {
    for (int i = 0; i < doubleWords.length; i++) {
      if (doubleWords[i] instanceof Pointer pointer) {
        doubleWords[i] = pointer.inDoubt();
      }
    }
  }

  void replaceAll(UnaryOperator<Value> change) {
    replaceAll(doubleWords, change);
    replaceAll(words, change);
  }

  private static void replaceAll(Value[] values, UnaryOperator<Value> change) {
    for (int i = 0; i < values.length; i++) {
      if (values[i] != null) {
        values[i] = change.apply(values[i]);
      }
    }
  }

  /** Keeps what holds in both; returns whether that is less than before. */
  boolean join(Stack other) {
    var before = copy();
    for (int i = 0; i < doubleWords.length; i++) {
      doubleWords[i] = joined(doubleWords[i], other.doubleWords[i]);
    }
    for (int i = 0; i < words.length; i++) {
      words[i] = joined(words[i], other.words[i]);
    }
    // What may be written counts as written: only what is not written on any path is told.
    for (int i = 0; i < written.length; i++) {
      written[i] |= other.written[i];
    }
    return !isSame(before);
  }

  private static Value joined(Value one, Value other) {
    return one == null || !one.equals(other) ? null : one;
  }

  boolean isSame(Stack other) {
    return Arrays.equals(doubleWords, other.doubleWords)
        && Arrays.equals(words, other.words)
        && Arrays.equals(written, other.written);
  }
}
