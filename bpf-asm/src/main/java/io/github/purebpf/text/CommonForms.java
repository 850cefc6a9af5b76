package io.github.purebpf.text;

import io.github.purebpf.insn.AddrSpaceCast;
import io.github.purebpf.insn.Alu;
import io.github.purebpf.insn.ByteSwap;
import io.github.purebpf.insn.Imm;
import io.github.purebpf.insn.Imm64;
import io.github.purebpf.insn.Kfunc;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.insn.MemSize;
import io.github.purebpf.insn.MovSx;
import io.github.purebpf.insn.Neg;
import io.github.purebpf.insn.Reg;
import io.github.purebpf.insn.Slot;
import io.github.purebpf.insn.Src;
import io.github.purebpf.insn.Width;

/** The forms that both dialects print alike. */
final class CommonForms {
  private CommonForms() {}

  static String alu(Alu insn) {
    return reg(insn.width(), insn.dst())
        + " "
        + insn.op().symbol()
        + " "
        + src(insn.width(), insn.src());
  }

  static String neg(Neg insn) {
    var dst = reg(insn.width(), insn.dst());
    return dst + " = -" + dst;
  }

  static String movSx(MovSx insn) {
    return reg(insn.width(), insn.dst())
        + " = (s"
        + insn.from().bytes() * 8
        + ")"
        + reg(insn.width(), insn.src());
  }

  static String byteSwap(ByteSwap insn) {
    return insn.dst() + " = " + insn.order().mnemonic() + insn.bits() + " " + insn.dst();
  }

  static String addrSpaceCast(AddrSpaceCast insn) {
    return insn.dst()
        + " = addr_space_cast("
        + insn.src()
        + ", "
        + insn.to()
        + ", "
        + insn.from()
        + ")";
  }

  /** {@code (u32 *)}. */
  static String pointer(boolean signed, MemSize size) {
    return (signed ? "(s" : "(u") + size.bytes() * 8 + " *)";
  }

  static String reg(Width width, Reg reg) {
    return width == Width.W32 ? "w" + reg.number() : reg.toString();
  }

  static String src(Width width, Src src) {
    return switch (src) {
      case Reg reg -> reg(width, reg);
      case Imm imm -> imm.toString();
    };
  }

  /** With a sign in any case. */
  static String signed(int offset) {
    return offset < 0 ? Integer.toString(offset) : "+" + offset;
  }

  static String pc(int offset) {
    return "pc" + signed(offset);
  }

  static String map(MapRef map) {
    return "map[" + map + "]";
  }

  static String mapValue(Imm64.NamedMapValue value) {
    return map(value.map()) + "[0]" + signed(value.offset());
  }

  /** A kfunc that no dialect has a text for that would be read back. */
  static String kfunc(Kfunc kfunc) {
    return switch (kfunc) {
      case Kfunc.ById(int id, int fdIndex) ->
          "call kfunc[" + id + (fdIndex == 0 ? "" : ":" + fdIndex) + "]";
      case Kfunc.Named(var name) -> "call kfunc[" + name + "]";
    };
  }

  static String raw(Slot slot) {
    return ".slot 0x"
        + Integer.toHexString(slot.opcode())
        + ", "
        + slot.dst()
        + ", "
        + slot.src()
        + ", "
        + slot.offset()
        + ", 0x"
        + Integer.toHexString(slot.imm());
  }
}
