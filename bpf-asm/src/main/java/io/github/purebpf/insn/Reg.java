package io.github.purebpf.insn;

/**
 * A BPF register.
 *
 * <p>r0 holds return values, r1 to r5 arguments (a call destroys them), r6 to r9 survive calls, r10
 * is the frame pointer and can only be read.
 */
public enum Reg implements Src {
  /** The return value of helpers, functions and the program. */
  R0(0),
  /** First argument; the context when a program starts. */
  R1(1),
  /** Second argument. */
  R2(2),
  /** Third argument. */
  R3(3),
  /** Fourth argument. */
  R4(4),
  /** Fifth argument. */
  R5(5),
  /** Survives calls. */
  R6(6),
  /** Survives calls. */
  R7(7),
  /** Survives calls. */
  R8(8),
  /** Survives calls. */
  R9(9),
  /** The frame pointer: the end of 512 bytes of stack; read-only. */
  R10(10);

  /** Another name of {@link #R10}, the frame pointer. */
  public static final Reg FP = R10;

  private static final Reg[] BY_NUMBER = values();

  private final int number;
  private final String text;

  Reg(int number) {
    this.number = number;
    this.text = "r" + number;
  }

  /**
   * The register of a number.
   *
   * @throws AsmException if the number is not 0 to 10
   */
  public static Reg of(int number) {
    if (number < 0 || number > 10) {
      throw new AsmException("no register r" + number + "; there are r0 to r10");
    }
    return BY_NUMBER[number];
  }

  /** The number in the encoding, 0 to 10. */
  public int number() {
    return number;
  }

  /**
   * The memory at this register plus an offset.
   *
   * @param offset bytes, -32768 to 32767
   * @throws AsmException if the offset does not fit 16 bits
   */
  public Mem at(int offset) {
    return new Mem(this, offset);
  }

  /** The field of the struct that this register points to. */
  public <S> FieldRef<S> at(Field<S> field) {
    return new FieldRef<>(this, 0, field);
  }

  /** Refuses r10, which no instruction may write. */
  Reg writable(String insn) {
    if (this == R10) {
      throw new AsmException(insn + " cannot write r10: the frame pointer is read-only");
    }
    return this;
  }

  /** The register as assemblers spell it: {@code r0} to {@code r10}. */
  @Override
  public String toString() {
    return text;
  }
}
