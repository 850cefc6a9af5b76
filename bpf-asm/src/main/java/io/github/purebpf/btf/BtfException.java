package io.github.purebpf.btf;

/** The bytes are not valid BTF. The message names the byte at which reading stopped. */
public final class BtfException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** The byte at which the fault was found. */
  private final int position;

  /**
   * Says what is wrong and where.
   *
   * @param position the byte, counted from the start of the BTF
   * @param reason what is wrong there
   */
  public BtfException(int position, String reason) {
    super("BTF byte " + position + ": " + reason);
    this.position = position;
  }

  /** The byte at which the fault was found, counted from the start of the BTF. */
  public int position() {
    return position;
  }
}
