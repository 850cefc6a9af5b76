package io.github.purebpf.insn;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Eight bytes of a program, the kernel's {@code struct bpf_insn}, with no meaning attached.
 *
 * @param opcode 0 to 255
 * @param dst the destination register's nibble, 0 to 15
 * @param src the source register's nibble, 0 to 15
 * @param offset a signed 16-bit number
 * @param imm a 32-bit number
 */
public record Slot(int opcode, int dst, int src, int offset, int imm) {
  /** Bytes in a slot. */
  public static final int BYTES = 8;

  /** Refuses what does not fit its bits. */
  public Slot {
    check("opcode", opcode, 0, 255);
    check("dst", dst, 0, 15);
    check("src", src, 0, 15);
    check("offset", offset, Short.MIN_VALUE, Short.MAX_VALUE);
  }

  private static void check(String name, int value, int min, int max) {
    if (value < min || value > max) {
      throw new AsmException(name + " " + value + " is outside " + min + " to " + max);
    }
  }

  /** Reads the next eight bytes in the buffer's byte order. */
  public static Slot read(ByteBuffer in) {
    int opcode = in.get() & 0xff;
    int regs = in.get() & 0xff;
    boolean little = in.order() == ByteOrder.LITTLE_ENDIAN;
    int dst = little ? regs & 15 : regs >> 4;
    int src = little ? regs >> 4 : regs & 15;
    return new Slot(opcode, dst, src, in.getShort(), in.getInt());
  }

  /** Writes eight bytes in the buffer's byte order, which also decides the order of the nibbles. */
  public void write(ByteBuffer out) {
    write(bits(opcode, dst, src, offset, imm), out);
  }

  /** A slot as a number: its eight bytes in little endian. What does not fit must not be passed. */
  static long bits(int opcode, int dst, int src, int offset, int imm) {
    return (long) imm << 32 | (offset & 0xffffL) << 16 | src << 12 | dst << 8 | opcode;
  }

  /** The slot of a number. */
  static Slot of(long bits) {
    int low = (int) bits;
    return new Slot(low & 0xff, low >> 8 & 15, low >> 12 & 15, low >> 16, (int) (bits >> 32));
  }

  /** Writes the slot of a number. */
  static void write(long bits, ByteBuffer out) {
    if (out.order() == ByteOrder.LITTLE_ENDIAN) {
      out.putLong(bits);
      return;
    }
    long nibbles = (bits >> 12 & 15) | (bits >> 4 & 0xf0);
    out.putLong(bits << 56 | nibbles << 48 | (bits >> 16 & 0xffff) << 32 | bits >>> 32);
  }
}
