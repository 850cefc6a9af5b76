package io.github.purebpf.btf;

/** Names as the kernel takes them for the functions, structs and members of BTF. */
public final class CName {
  /** The kernel's symbols are longer, but those of 5.x were at most this long. */
  private static final int MAX_LENGTH = 127;

  private CName() {}

  /**
   * The C identifier that comes closest to a name: every other character becomes an underscore, one
   * is put in front of a leading digit, and the rest beyond 127 characters is cut. A dot, which
   * only newer kernels take, becomes an underscore, too.
   *
   * @param name not empty
   */
  public static String of(String name) {
    if (name.isEmpty()) {
      throw new IllegalArgumentException("an empty name is no C identifier");
    }
    var c = new StringBuilder();
    if (isDigit(name.charAt(0))) {
      c.append('_');
    }
    name.codePoints().forEach(point -> c.append(isAllowed(point) ? (char) point : '_'));
    c.setLength(Math.min(c.length(), MAX_LENGTH));
    return c.toString();
  }

  private static boolean isAllowed(int point) {
    return (point >= 'A' && point <= 'Z')
        || (point >= 'a' && point <= 'z')
        || point == '_'
        || isDigit(point);
  }

  private static boolean isDigit(int point) {
    return point >= '0' && point <= '9';
  }
}
