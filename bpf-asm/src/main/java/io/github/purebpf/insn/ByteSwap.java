package io.github.purebpf.insn;

import java.util.Objects;

/**
 * A change of byte order of the low bits of a register, {@code BPF_END}; higher bits are cleared.
 *
 * @param order what it does
 * @param bits how many of the low bits: 16, 32 or 64
 * @param dst the register
 */
public record ByteSwap(Order order, int bits, Reg dst) implements Insn {
  /** To which byte order. */
  public enum Order {
    /** From the machine's order to little endian: {@code r1 = le16 r1}. */
    TO_LE("le"),
    /** From the machine's order to big endian, the network's: {@code r1 = be16 r1}. */
    TO_BE("be"),
    /** Always swaps: {@code r1 = bswap16 r1}; Linux 6.6. */
    SWAP("bswap");

    private final String mnemonic;

    Order(String mnemonic) {
      this.mnemonic = mnemonic;
    }

    /** {@code le}, {@code be} or {@code bswap}. */
    public String mnemonic() {
      return mnemonic;
    }
  }

  /** Refuses r10 and widths other than 16, 32 and 64. */
  public ByteSwap {
    Objects.requireNonNull(order, "order");
    dst.writable(order.mnemonic());
    if (bits != 16 && bits != 32 && bits != 64) {
      throw new AsmException("no " + order.mnemonic() + bits + "; there are 16, 32 and 64");
    }
  }
}
