package io.github.purebpf.insn;

/** A two-operand arithmetic operation: {@code dst = dst op src}, or {@code dst = src} for MOV. */
public enum AluOp {
  /** {@code +=}, {@code BPF_ADD}. */
  ADD(0x0, 0, "+="),
  /** {@code -=}, {@code BPF_SUB}. */
  SUB(0x1, 0, "-="),
  /** {@code *=}, {@code BPF_MUL}. */
  MUL(0x2, 0, "*="),
  /** Unsigned {@code /=}, {@code BPF_DIV}; by a register that is zero it gives zero. */
  DIV(0x3, 0, "/="),
  /** {@code |=}, {@code BPF_OR}. */
  OR(0x4, 0, "|="),
  /** {@code &=}, {@code BPF_AND}. */
  AND(0x5, 0, "&="),
  /** {@code <<=}, {@code BPF_LSH}. */
  LSH(0x6, 0, "<<="),
  /** {@code >>=} filling with zeros, {@code BPF_RSH}. */
  RSH(0x7, 0, ">>="),
  /** Unsigned {@code %=}, {@code BPF_MOD}; by a register that is zero it leaves dst. */
  MOD(0x9, 0, "%="),
  /** {@code ^=}, {@code BPF_XOR}. */
  XOR(0xa, 0, "^="),
  /** {@code =}, {@code BPF_MOV}. */
  MOV(0xb, 0, "="),
  /** {@code >>=} filling with the sign, {@code BPF_ARSH}. */
  ARSH(0xc, 0, "s>>="),
  /** Signed {@code /=}: {@code BPF_DIV} with offset 1; Linux 6.6. */
  SDIV(0x3, 1, "s/="),
  /** Signed {@code %=}: {@code BPF_MOD} with offset 1; Linux 6.6. */
  SMOD(0x9, 1, "s%=");

  private final int code;
  private final int offset;
  private final String symbol;

  AluOp(int code, int offset, String symbol) {
    this.code = code;
    this.offset = offset;
    this.symbol = symbol;
  }

  /** The operator as assembler text writes it, such as {@code s>>=}. */
  public String symbol() {
    return symbol;
  }

  /** The upper four bits of the opcode. */
  int code() {
    return code;
  }

  /** The offset field, which tells the signed division from the unsigned one. */
  int offset() {
    return offset;
  }

  boolean isShift() {
    return this == LSH || this == RSH || this == ARSH;
  }

  boolean isDivision() {
    return code == DIV.code || code == MOD.code;
  }
}
