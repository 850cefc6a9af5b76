package io.github.purebpf.text;

import static io.github.purebpf.text.CommonForms.pc;
import static io.github.purebpf.text.CommonForms.pointer;
import static io.github.purebpf.text.CommonForms.reg;
import static io.github.purebpf.text.CommonForms.signed;
import static io.github.purebpf.text.CommonForms.src;

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
import io.github.purebpf.insn.Src;
import io.github.purebpf.insn.Store;
import io.github.purebpf.insn.StoreRelease;
import io.github.purebpf.insn.Width;
import java.util.Locale;

/** Prints as the verifier's log and bpftool do. */
final class KernelPrinter implements InsnPrinter {
  /** Exactly as the kernel, which tells r1 = 5 from a 64-bit r1 = 0x5 by the opcode in front. */
  static final KernelPrinter LOG = new KernelPrinter("");

  /** Such that no opcode in front is needed. */
  static final KernelPrinter ROUND_TRIP = new KernelPrinter(" ll");

  private final String constSuffix;

  private KernelPrinter(String constSuffix) {
    this.constSuffix = constSuffix;
  }

  @Override
  public String print(Insn insn, String target) {
    return switch (insn) {
      case Alu alu -> CommonForms.alu(alu);
      case Neg neg -> CommonForms.neg(neg);
      case MovSx movSx -> CommonForms.movSx(movSx);
      case ByteSwap byteSwap -> CommonForms.byteSwap(byteSwap);
      case AddrSpaceCast cast -> CommonForms.addrSpaceCast(cast);
      case Load(var size, boolean signed, var dst, var mem) ->
          dst + " = *" + pointer(signed, size) + mem;
      case LoadAcquire(var size, var dst, var mem) ->
          dst + " = load_acquire(" + pointer(false, size) + mem + ")";
      case Store(var size, var mem, var src) ->
          "*" + pointer(false, size) + mem + " = " + src(Width.W64, src);
      case StoreRelease(var size, var mem, var src) ->
          "store_release(" + pointer(false, size) + mem + ", " + src + ")";
      case Atomic atomic -> atomic(atomic);
      case PacketLoad(var size, var index, int offset) ->
          "r0 = *"
              + pointer(false, size)
              + "skb["
              + index.map(reg -> reg + " + ").orElse("")
              + offset
              + "]";
      case LoadImm64(var dst, var value) -> dst + " = " + imm64(value, target);
      case Jump(int offset) -> "goto " + to(offset, target);
      case LongJump(int offset) -> "gotol " + to(offset, target);
      case IndirectJump(var register) -> "gotox " + register;
      case Branch(var width, var cond, var dst, var src, int offset) ->
          "if "
              + reg(width, dst)
              + " "
              + cond.symbol()
              + " "
              + compared(width, src)
              + " goto "
              + to(offset, target);
      case MayGoto(var kind, int offset) ->
          kind.name().toLowerCase(Locale.ROOT) + " " + to(offset, target);
      case HelperCall(int id) -> "call " + HelperNames.name(id) + "#" + id;
      case LocalCall(int offset) -> "call " + to(offset, target);
      case KfuncCall(var kfunc) -> kfunc(kfunc);
      case IndirectCall(var register) -> "callx " + register;
      case Exit() -> "exit";
      case RawInsn(var slot) -> CommonForms.raw(slot);
    };
  }

  private static String to(int offset, String target) {
    return target == null ? pc(offset) : target;
  }

  private static String compared(Width width, Src src) {
    return switch (src) {
      case Reg reg -> reg(width, reg);
      case Imm(int value) -> "0x" + Integer.toHexString(value);
    };
  }

  private static String kfunc(Kfunc kfunc) {
    return switch (kfunc) {
      case Kfunc.ById(int id, int fdIndex) when fdIndex == 0 -> "call kernel-function#" + id;
      case Kfunc.Named(var name) when HelperNames.id(name).isEmpty() -> "call " + name;
      case Kfunc.ById _, Kfunc.Named _ -> CommonForms.kfunc(kfunc);
    };
  }

  private static String atomic(Atomic atomic) {
    var place = pointer(false, atomic.size()) + atomic.mem();
    var src = atomic.src();
    var wide = atomic.size() == MemSize.DW ? "64" : "";
    return switch (atomic.op()) {
      case ADD -> "lock *" + place + " += " + src;
      case OR -> "lock *" + place + " |= " + src;
      case AND -> "lock *" + place + " &= " + src;
      case XOR -> "lock *" + place + " ^= " + src;
      case FETCH_ADD, FETCH_OR, FETCH_AND, FETCH_XOR, XCHG -> {
        var name = atomic.op().name().toLowerCase(Locale.ROOT);
        yield src + " = atomic" + wide + "_" + name + "(" + place + ", " + src + ")";
      }
      case CMPXCHG -> "r0 = atomic" + wide + "_cmpxchg(" + place + ", r0, " + src + ")";
    };
  }

  private String imm64(Imm64 value, String target) {
    return switch (value) {
      case Imm64.Const(long number) -> "0x" + Long.toHexString(number) + constSuffix;
      case Imm64.MapFd(int fd) -> "map[fd:" + fd + "]";
      case Imm64.MapValueFd(int fd, int offset) -> "map[fd:" + fd + "][0]" + signed(offset);
      case Imm64.BtfId(int typeId, int btfFd) ->
          "btf[" + typeId + (btfFd == 0 ? "" : ":" + btfFd) + "]";
      case Imm64.Function(int offset) ->
          "subprog[" + (target == null ? signed(offset) : target) + "]";
      case Imm64.MapIndex(int index) -> "map[idx:" + index + "]";
      case Imm64.MapValueIndex(int index, int offset) -> "map[idx:" + index + "]" + signed(offset);
      case Imm64.NamedMap(var map) -> CommonForms.map(map);
      case Imm64.NamedMapValue named -> CommonForms.mapValue(named);
    };
  }
}
