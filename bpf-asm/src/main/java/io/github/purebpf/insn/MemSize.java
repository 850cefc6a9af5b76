package io.github.purebpf.insn;

/**
 * How many bytes a memory access covers: {@code BPF_B}, {@code BPF_H}, {@code BPF_W}, {@code
 * BPF_DW}.
 */
public enum MemSize {
  /** One byte, {@code BPF_B}. */
  B(1, 0x10),
  /** Two bytes, {@code BPF_H}. */
  H(2, 0x08),
  /** Four bytes, {@code BPF_W}. */
  W(4, 0x00),
  /** Eight bytes, {@code BPF_DW}. */
  DW(8, 0x18);

  private final int bytes;
  private final int code;

  MemSize(int bytes, int code) {
    this.bytes = bytes;
    this.code = code;
  }

  /** The number of bytes accessed: 1, 2, 4 or 8. */
  public int bytes() {
    return bytes;
  }

  /** The size bits of the opcode. */
  int code() {
    return code;
  }
}
