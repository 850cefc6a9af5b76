package io.github.purebpf.check.flow;

/** What a raw opcode says, for slots that are no instruction. */
public final class Opcode {
  static final int JMP = 5;
  static final int JMP32 = 6;

  /** {@code goto} with 32 bits of reach. */
  public static final int GOTOL = 0x06;

  /** {@code call}. */
  public static final int CALL = 0x85;

  /** {@code exit}. */
  public static final int EXIT = 0x95;

  /** {@code may_goto}. */
  public static final int JCOND = 0xe5;

  /** The first slot of a 64-bit constant. */
  public static final int LDDW = 0x18;

  static final int CALL_LOCAL = 1;
  static final int PSEUDO_FUNCTION = 4;

  private static final int K = 0;
  private static final int X = 8;

  private static final boolean[] KNOWN = new boolean[256];

  static {
    for (int alu : new int[] {4, 7}) {
      for (int code = 0; code <= 0xc0; code += 0x10) {
        KNOWN[code | K | alu] = true;
        KNOWN[code | X | alu] = code != 0x80;
      }
    }
    for (int jump : new int[] {JMP, JMP32}) {
      for (int code = 0x10; code <= 0xd0; code += 0x10) {
        boolean condition = code < 0x80 || code >= 0xa0;
        KNOWN[code | K | jump] = condition;
        KNOWN[code | X | jump] = condition;
      }
    }
    int[] others = {
      0xd4,
      0xdc,
      0xd7, // byte swaps
      0x05,
      GOTOL,
      CALL,
      EXIT,
      JCOND, // jumps
      LDDW,
      0x20,
      0x28,
      0x30,
      0x40,
      0x48,
      0x50, // constants and packet loads
      0x61,
      0x69,
      0x71,
      0x79,
      0x81,
      0x89,
      0x91, // loads
      0x62,
      0x6a,
      0x72,
      0x7a, // stores of constants
      0x63,
      0x6b,
      0x73,
      0x7b,
      0xc3,
      0xcb,
      0xd3,
      0xdb // stores of registers and atomics
    };
    for (int opcode : others) {
      KNOWN[opcode] = true;
    }
  }

  private Opcode() {}

  /** Whether Linux 6.18 has an instruction with this opcode; 128 are. */
  public static boolean isKnown(int opcode) {
    return KNOWN[opcode];
  }
}
