package io.github.purebpf.text;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.insn.AddrSpaceCast;
import io.github.purebpf.insn.Alu;
import io.github.purebpf.insn.Atomic;
import io.github.purebpf.insn.Branch;
import io.github.purebpf.insn.ByteSwap;
import io.github.purebpf.insn.Exit;
import io.github.purebpf.insn.HelperCall;
import io.github.purebpf.insn.Imm;
import io.github.purebpf.insn.Imm64;
import io.github.purebpf.insn.IndirectCall;
import io.github.purebpf.insn.IndirectJump;
import io.github.purebpf.insn.Insn;
import io.github.purebpf.insn.InsnEncoder;
import io.github.purebpf.insn.Jump;
import io.github.purebpf.insn.Kfunc;
import io.github.purebpf.insn.KfuncCall;
import io.github.purebpf.insn.Load;
import io.github.purebpf.insn.LoadAcquire;
import io.github.purebpf.insn.LoadImm64;
import io.github.purebpf.insn.LocalCall;
import io.github.purebpf.insn.LongJump;
import io.github.purebpf.insn.MayGoto;
import io.github.purebpf.insn.MemSize;
import io.github.purebpf.insn.MovSx;
import io.github.purebpf.insn.Neg;
import io.github.purebpf.insn.PacketLoad;
import io.github.purebpf.insn.RawInsn;
import io.github.purebpf.insn.Reg;
import io.github.purebpf.insn.Slot;
import io.github.purebpf.insn.Src;
import io.github.purebpf.insn.Store;
import io.github.purebpf.insn.StoreRelease;
import io.github.purebpf.insn.Width;
import io.github.purebpf.uapi.Helper;
import java.util.Locale;

/** Instructions in the kernel's own dialect, as the verifier's log and bpftool print them. */
public final class KernelText {
  private KernelText() {}

  /**
   * A program, one instruction a line: the number of its first slot, the opcode in hexadecimal, the
   * text.
   *
   * <pre>{@code
   * 0: (bf) r6 = r1
   * 1: (18) r1 = map[services]
   * 3: (95) exit
   * }</pre>
   */
  public static String listing(BpfCode code) {
    var out = new StringBuilder();
    int slot = 0;
    for (var insn : code.insns()) {
      out.append(
          "%3d: (%02x) %s%n".formatted(slot, opcode(insn), print(insn)).replace("\r\n", "\n"));
      slot += insn.slots();
    }
    return out.toString();
  }

  private static int opcode(Insn insn) {
    // What is not bound yet cannot be encoded, but its opcode is known.
    return switch (insn) {
      case LoadImm64 _ -> 0x18;
      case KfuncCall _ -> 0x85;
      default -> InsnEncoder.slot(insn).opcode();
    };
  }

  /** One instruction. */
  public static String print(Insn insn) {
    return switch (insn) {
      case Alu(var width, var op, var dst, var src) ->
          reg(width, dst) + " " + op.symbol() + " " + src(width, src);
      case Neg(var width, var dst) -> reg(width, dst) + " = -" + reg(width, dst);
      case MovSx(var width, var from, var dst, var src) ->
          reg(width, dst) + " = (s" + from.bytes() * 8 + ")" + reg(width, src);
      case ByteSwap(var order, int bits, var dst) ->
          dst + " = " + order.mnemonic() + bits + " " + dst;
      case AddrSpaceCast(var dst, var src, int to, int from) ->
          "%s = addr_space_cast(%s, %d, %d)".formatted(dst, src, to, from);
      case Load(var size, boolean signed, var dst, var mem) ->
          dst + " = *" + pointer(signed ? "s" : "u", size) + mem;
      case LoadAcquire(var size, var dst, var mem) ->
          dst + " = load_acquire(" + pointer("u", size) + mem + ")";
      case Store(var size, var mem, var src) ->
          "*" + pointer("u", size) + mem + " = " + src(Width.W64, src);
      case StoreRelease(var size, var mem, var src) ->
          "store_release(" + pointer("u", size) + mem + ", " + src + ")";
      case Atomic atomic -> atomic(atomic);
      case PacketLoad(var size, var index, int offset) ->
          "r0 = *"
              + pointer("u", size)
              + "skb["
              + index.map(reg -> reg + " + ").orElse("")
              + offset
              + "]";
      case LoadImm64(var dst, var value) -> dst + " = " + imm64(value);
      case Jump(int offset) -> "goto " + pc(offset);
      case LongJump(int offset) -> "gotol " + pc(offset);
      case IndirectJump(var target) -> "gotox " + target;
      case Branch(var width, var cond, var dst, Imm(int imm), int offset) ->
          "if %s %s 0x%x goto %s".formatted(reg(width, dst), cond.symbol(), imm, pc(offset));
      case Branch(var width, var cond, var dst, Reg src, int offset) ->
          "if %s %s %s goto %s"
              .formatted(reg(width, dst), cond.symbol(), reg(width, src), pc(offset));
      case MayGoto(var kind, int offset) -> kind.name().toLowerCase(Locale.ROOT) + " " + pc(offset);
      case HelperCall(int id) ->
          "call " + Helper.byId(id).map(Helper::kernelName).orElse("unknown") + "#" + id;
      case LocalCall(int offset) -> "call " + pc(offset);
      case KfuncCall(Kfunc.ById(int btfId, int fdIndex)) ->
          "call kernel-function#" + btfId + (fdIndex == 0 ? "" : ":" + fdIndex);
      case KfuncCall(Kfunc.Named(var name)) -> "call " + name;
      case IndirectCall(var target) -> "callx " + target;
      case Exit() -> "exit";
      case RawInsn(var slot) -> raw(slot);
    };
  }

  private static String atomic(Atomic atomic) {
    var place = pointer("u", atomic.size()) + atomic.mem();
    var src = atomic.src();
    var wide = atomic.size() == MemSize.DW ? "64" : "";
    return switch (atomic.op()) {
      case ADD -> "lock *" + place + " += " + src;
      case OR -> "lock *" + place + " |= " + src;
      case AND -> "lock *" + place + " &= " + src;
      case XOR -> "lock *" + place + " ^= " + src;
      case FETCH_ADD, FETCH_OR, FETCH_AND, FETCH_XOR, XCHG ->
          "%s = atomic%s_%s(%s, %s)"
              .formatted(src, wide, atomic.op().name().toLowerCase(Locale.ROOT), place, src);
      case CMPXCHG -> "r0 = atomic%s_cmpxchg(%s, r0, %s)".formatted(wide, place, src);
    };
  }

  private static String imm64(Imm64 value) {
    return switch (value) {
      case Imm64.Const(long number) -> "0x" + Long.toHexString(number);
      case Imm64.MapFd(int fd) -> "map[fd:" + fd + "]";
      case Imm64.MapValueFd(int fd, int offset) -> "map[fd:" + fd + "][0]+" + offset;
      case Imm64.BtfId(int typeId, int btfFd) -> "btf[" + typeId + ":" + btfFd + "]";
      case Imm64.Function(int offset) -> "func[" + pc(offset) + "]";
      case Imm64.MapIndex(int index) -> "map[idx:" + index + "]";
      case Imm64.MapValueIndex(int index, int offset) -> "map[idx:" + index + "][0]+" + offset;
      case Imm64.NamedMap(var map) -> "map[" + map + "]";
      case Imm64.NamedMapValue(var map, int offset) -> "map[" + map + "][0]+" + offset;
    };
  }

  private static String raw(Slot slot) {
    return ".slot 0x%02x, %d, %d, %d, 0x%x"
        .formatted(slot.opcode(), slot.dst(), slot.src(), slot.offset(), slot.imm());
  }

  private static String reg(Width width, Reg reg) {
    return width == Width.W32 ? "w" + reg.number() : reg.toString();
  }

  private static String src(Width width, Src src) {
    return switch (src) {
      case Reg reg -> reg(width, reg);
      case Imm imm -> imm.toString();
    };
  }

  private static String pointer(String sign, MemSize size) {
    return "(" + sign + size.bytes() * 8 + " *)";
  }

  private static String pc(int offset) {
    return offset < 0 ? "pc" + offset : "pc+" + offset;
  }
}
