package io.github.purebpf.redirect;

/**
 * How much the tests with the tag {@link #TAG} do: those that take minutes, which {@code mvn verify
 * -Plong} runs and a build does not. With {@code -Dpurebpf.long.scale=0.1} they do a tenth of it.
 */
final class LongRun {
  static final String TAG = "long";

  private LongRun() {}

  /** So many, as the scale says. */
  static int times(int count) {
    double scale = Double.parseDouble(System.getProperty("purebpf.long.scale", "1"));
    return (int) Math.max(1, Math.round(count * scale));
  }
}
