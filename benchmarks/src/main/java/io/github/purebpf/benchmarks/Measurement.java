package io.github.purebpf.benchmarks;

import java.util.OptionalLong;

/**
 * What one run of a case came to.
 *
 * @param operations how many were measured
 * @param nanos how long they took together, in nanoseconds
 * @param allocated the bytes that the measuring thread allocated meanwhile on the Java heap; empty
 *     if unknown
 * @param sum a number that all peers must come to, or "-"
 */
record Measurement(long operations, long nanos, OptionalLong allocated, String sum) {
  private static final String UNKNOWN = "-";

  /** Nanoseconds for each operation. */
  double nanosEach() {
    return (double) nanos / operations;
  }

  /** As a peer answers it. */
  String line() {
    return "ok " + operations + " " + nanos + " " + text(allocated) + " " + sum;
  }

  static String text(OptionalLong number) {
    return number.isPresent() ? Long.toString(number.getAsLong()) : UNKNOWN;
  }

  /**
   * From the words of an answer.
   *
   * @throws IllegalArgumentException if they are something else
   */
  static Measurement parse(String line) {
    var words = line.split(" ", -1);
    if (words.length != 5 || !words[0].equals("ok")) {
      throw new IllegalArgumentException("no measurement: " + line);
    }
    var allocated =
        words[3].equals(UNKNOWN) ? OptionalLong.empty() : OptionalLong.of(Long.parseLong(words[3]));
    return new Measurement(Long.parseLong(words[1]), Long.parseLong(words[2]), allocated, words[4]);
  }
}
