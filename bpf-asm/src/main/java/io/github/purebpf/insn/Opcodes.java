package io.github.purebpf.insn;

/** The bits that opcodes are made of, in the kernel's spelling. */
final class Opcodes {
  static final int LD = 0x00;
  static final int LDX = 0x01;
  static final int ST = 0x02;
  static final int STX = 0x03;
  static final int ALU = 0x04;
  static final int JMP = 0x05;
  static final int JMP32 = 0x06;
  static final int ALU64 = 0x07;
  static final int CLASS_MASK = 0x07;

  static final int X = 0x08;
  static final int CODE_SHIFT = 4;

  static final int IMM = 0x00;
  static final int ABS = 0x20;
  static final int IND = 0x40;
  static final int MEM = 0x60;
  static final int MEMSX = 0x80;
  static final int ATOMIC = 0xc0;
  static final int MODE_MASK = 0xe0;
  static final int SIZE_MASK = 0x18;

  static final int NEG = 0x80;
  static final int MOV = 0xb0;
  static final int END = 0xd0;
  static final int ADDR_SPACE_CAST_OFFSET = 1;

  static final int JA = 0x05;
  static final int GOTOL = 0x06;
  static final int GOTOX = 0x0d;
  static final int CALL = 0x85;
  static final int CALLX = 0x8d;
  static final int EXIT = 0x95;
  static final int JCOND = 0xe5;
  static final int LDDW = 0x18;

  static final int LOAD_ACQ = 0x100;
  static final int STORE_REL = 0x110;

  static final int CALL_HELPER = 0;
  static final int CALL_LOCAL = 1;
  static final int CALL_KFUNC = 2;

  static final int PSEUDO_CONST = 0;
  static final int PSEUDO_MAP_FD = 1;
  static final int PSEUDO_MAP_VALUE = 2;
  static final int PSEUDO_BTF_ID = 3;
  static final int PSEUDO_FUNC = 4;
  static final int PSEUDO_MAP_IDX = 5;
  static final int PSEUDO_MAP_IDX_VALUE = 6;

  private Opcodes() {}
}
