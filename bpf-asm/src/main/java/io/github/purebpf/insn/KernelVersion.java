package io.github.purebpf.insn;

/**
 * A Linux release such as 5.7, as {@code major.minor}: the one that brought a feature.
 *
 * @param major the first number
 * @param minor the second number
 */
public record KernelVersion(int major, int minor) implements Comparable<KernelVersion> {
  /** Refuses negative numbers. */
  public KernelVersion {
    if (major < 0 || minor < 0) {
      throw new IllegalArgumentException("not a kernel version: " + major + "." + minor);
    }
  }

  /**
   * Reads {@code "5.7"}; anything behind the second number, as in {@code "6.18.44-generic"}, is
   * passed over.
   *
   * @throws IllegalArgumentException if the text does not begin with two numbers and a dot
   */
  public static KernelVersion parse(String text) {
    var matcher = java.util.regex.Pattern.compile("^(\\d{1,5})\\.(\\d{1,5})").matcher(text);
    if (!matcher.find()) {
      throw new IllegalArgumentException("not a kernel version: " + text);
    }
    return new KernelVersion(
        Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)));
  }

  @Override
  public int compareTo(KernelVersion other) {
    return major != other.major
        ? Integer.compare(major, other.major)
        : Integer.compare(minor, other.minor);
  }

  @Override
  public String toString() {
    return major + "." + minor;
  }
}
