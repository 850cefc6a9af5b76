package io.github.purebpf.insn;

/** An atomic read-modify-write operation: the {@code imm} of a {@code BPF_ATOMIC} store. */
public enum AtomicOp {
  /** Add without a result, {@code BPF_ADD}; Linux 3.18. */
  ADD(0x00),
  /** Or without a result, {@code BPF_OR}; Linux 5.12. */
  OR(0x40),
  /** And without a result, {@code BPF_AND}; Linux 5.12. */
  AND(0x50),
  /** Exclusive or without a result, {@code BPF_XOR}; Linux 5.12. */
  XOR(0xa0),
  /** Add; src becomes the old value; Linux 5.12. */
  FETCH_ADD(0x01),
  /** Or; src becomes the old value; Linux 5.12. */
  FETCH_OR(0x41),
  /** And; src becomes the old value; Linux 5.12. */
  FETCH_AND(0x51),
  /** Exclusive or; src becomes the old value; Linux 5.12. */
  FETCH_XOR(0xa1),
  /** Exchange; src becomes the old value, {@code BPF_XCHG}; Linux 5.12. */
  XCHG(0xe1),
  /** Store src if memory equals r0; r0 becomes the old value, {@code BPF_CMPXCHG}; Linux 5.12. */
  CMPXCHG(0xf1);

  private final int imm;

  AtomicOp(int imm) {
    this.imm = imm;
  }

  /** Whether the source register receives the old value. */
  public boolean fetchesIntoSource() {
    return (imm & 1) != 0 && this != CMPXCHG;
  }

  int imm() {
    return imm;
  }
}
