package io.github.purebpf.insn;

import java.util.Optional;

/** The condition of a branch, over {@code dst} and {@code src}. */
public enum Cond {
  /** Equal, {@code BPF_JEQ}. */
  EQ(0x1, "=="),
  /** Unsigned greater, {@code BPF_JGT}. */
  UGT(0x2, ">"),
  /** Unsigned greater or equal, {@code BPF_JGE}. */
  UGE(0x3, ">="),
  /** Some bit set in both, {@code BPF_JSET}; the only condition without an inverse. */
  SET(0x4, "&"),
  /** Not equal, {@code BPF_JNE}. */
  NE(0x5, "!="),
  /** Signed greater, {@code BPF_JSGT}. */
  SGT(0x6, "s>"),
  /** Signed greater or equal, {@code BPF_JSGE}. */
  SGE(0x7, "s>="),
  /** Unsigned less, {@code BPF_JLT}; Linux 4.14. */
  ULT(0xa, "<"),
  /** Unsigned less or equal, {@code BPF_JLE}; Linux 4.14. */
  ULE(0xb, "<="),
  /** Signed less, {@code BPF_JSLT}; Linux 4.14. */
  SLT(0xc, "s<"),
  /** Signed less or equal, {@code BPF_JSLE}; Linux 4.14. */
  SLE(0xd, "s<=");

  private final int code;
  private final String symbol;

  Cond(int code, String symbol) {
    this.code = code;
    this.symbol = symbol;
  }

  /** The operator as assembler text writes it, such as {@code s>=}. */
  public String symbol() {
    return symbol;
  }

  /** The condition that holds exactly when this one does not; SET has none. */
  public Optional<Cond> inverse() {
    return Optional.ofNullable(
        switch (this) {
          case EQ -> NE;
          case NE -> EQ;
          case UGT -> ULE;
          case ULE -> UGT;
          case UGE -> ULT;
          case ULT -> UGE;
          case SGT -> SLE;
          case SLE -> SGT;
          case SGE -> SLT;
          case SLT -> SGE;
          case SET -> null;
        });
  }

  /** The upper four bits of the opcode. */
  int code() {
    return code;
  }
}
