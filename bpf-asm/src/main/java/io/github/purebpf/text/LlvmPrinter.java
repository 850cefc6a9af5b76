package io.github.purebpf.text;

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
import io.github.purebpf.insn.Mem;
import io.github.purebpf.insn.MemSize;
import io.github.purebpf.insn.MovSx;
import io.github.purebpf.insn.Neg;
import io.github.purebpf.insn.PacketLoad;
import io.github.purebpf.insn.RawInsn;
import io.github.purebpf.insn.Reg;
import io.github.purebpf.insn.Store;
import io.github.purebpf.insn.StoreRelease;
import io.github.purebpf.insn.Width;
import java.util.Locale;

/** Prints as llvm-mc and clang -S do. */
final class LlvmPrinter implements InsnPrinter {
  static final LlvmPrinter INSTANCE = new LlvmPrinter();

  private LlvmPrinter() {}

  @Override
  public String print(Insn insn, String target) {
    return switch (insn) {
      case Alu alu -> CommonForms.alu(alu);
      case Neg neg -> CommonForms.neg(neg);
      case MovSx movSx -> CommonForms.movSx(movSx);
      case ByteSwap byteSwap -> CommonForms.byteSwap(byteSwap);
      case AddrSpaceCast cast -> CommonForms.addrSpaceCast(cast);
      // A load that sign-extends fills the whole register.
      case Load(var size, boolean signed, var dst, var mem) ->
          (signed ? dst.toString() : reg(width(size), dst))
              + " = *"
              + pointer(signed, size)
              + place(mem);
      case LoadAcquire(var size, var dst, var mem) ->
          reg(width(size), dst) + " = load_acquire(" + pointer(false, size) + place(mem) + ")";
      case Store(var size, var mem, var src) ->
          "*" + pointer(false, size) + place(mem) + " = " + src(width(size), src);
      case StoreRelease(var size, var mem, var src) ->
          "store_release(" + pointer(false, size) + place(mem) + ", " + reg(width(size), src) + ")";
      case Atomic atomic -> atomic(atomic);
      case PacketLoad load -> packetLoad(load);
      case LoadImm64(var dst, var value) -> lddw(dst, value, target);
      case Jump(int offset) -> "goto " + to(offset, target);
      case LongJump(int offset) -> "gotol " + to(offset, target);
      case IndirectJump(var register) -> "gotox " + register;
      case Branch(var width, var cond, var dst, var src, int offset) ->
          "if "
              + reg(width, dst)
              + " "
              + cond.symbol()
              + " "
              + src(width, src)
              + " goto "
              + to(offset, target);
      case MayGoto(var kind, int offset) ->
          kind.name().toLowerCase(Locale.ROOT) + " " + to(offset, target);
      case HelperCall(int id) -> "call " + id;
      case LocalCall(int offset) -> "call " + (target == null ? CommonForms.pc(offset) : target);
      case KfuncCall(Kfunc.Named(var name)) when HelperNames.id(name).isEmpty() -> "call " + name;
      case KfuncCall(var kfunc) -> CommonForms.kfunc(kfunc);
      case IndirectCall(var register) -> "callx " + register;
      case Exit() -> "exit";
      case RawInsn(var slot) -> CommonForms.raw(slot);
    };
  }

  private static String to(int offset, String target) {
    return target == null ? signed(offset) : target;
  }

  private static Width width(MemSize size) {
    return size == MemSize.DW ? Width.W64 : Width.W32;
  }

  private static String place(Mem mem) {
    return "(" + sum(mem) + ")";
  }

  private static String sum(Mem mem) {
    int offset = mem.offset();
    return mem.base() + (offset < 0 ? " - " + -offset : " + " + offset);
  }

  private static String packetLoad(PacketLoad load) {
    var index = load.index().map(Reg::toString).orElse("");
    // LLVM has no text for an index and an offset.
    var offset =
        index.isEmpty()
            ? Integer.toString(load.offset())
            : load.offset() == 0 ? "" : " + " + load.offset();
    return "r0 = *" + pointer(false, load.size()) + "skb[" + index + offset + "]";
  }

  private static String atomic(Atomic atomic) {
    var width = width(atomic.size());
    var place = pointer(false, atomic.size()) + place(atomic.mem());
    var src = reg(width, atomic.src());
    var suffix = width == Width.W64 ? "_64(" : "32_32(";
    return switch (atomic.op()) {
      case ADD -> "lock *" + place + " += " + src;
      case OR -> "lock *" + place + " |= " + src;
      case AND -> "lock *" + place + " &= " + src;
      case XOR -> "lock *" + place + " ^= " + src;
      case FETCH_ADD, FETCH_OR, FETCH_AND, FETCH_XOR ->
          src
              + " = atomic_"
              + atomic.op().name().toLowerCase(Locale.ROOT)
              + "("
              + place
              + ", "
              + src
              + ")";
      case XCHG -> src + " = xchg" + suffix + sum(atomic.mem()) + ", " + src + ")";
      case CMPXCHG -> {
        var r0 = reg(width, Reg.R0);
        yield r0 + " = cmpxchg" + suffix + sum(atomic.mem()) + ", " + r0 + ", " + src + ")";
      }
    };
  }

  private static String lddw(Reg dst, Imm64 value, String target) {
    return switch (value) {
      case Imm64.Const(long number) -> dst + " = " + number + " ll";
      case Imm64.MapFd(int fd) -> pseudo(dst, 1, fd, 0);
      case Imm64.MapValueFd(int fd, int offset) -> pseudo(dst, 2, fd, offset);
      case Imm64.BtfId(int typeId, int btfFd) -> pseudo(dst, 3, typeId, btfFd);
      case Imm64.Function(int offset) when target == null -> pseudo(dst, 4, offset, 0);
      case Imm64.Function _ -> dst + " = " + target + " ll";
      case Imm64.MapIndex(int index) -> pseudo(dst, 5, index, 0);
      case Imm64.MapValueIndex(int index, int offset) -> pseudo(dst, 6, index, offset);
      case Imm64.NamedMap(var map) when Names.isPlain(map.name()) -> dst + " = " + map + " ll";
      case Imm64.NamedMap(var map) -> dst + " = " + CommonForms.map(map) + " ll";
      case Imm64.NamedMapValue named -> dst + " = " + CommonForms.mapValue(named) + " ll";
    };
  }

  /** LLVM prints the number of the first slot only, which is not enough unless the next is 0. */
  private static String pseudo(Reg dst, int kind, int imm, int next) {
    return "ld_pseudo "
        + dst
        + ", "
        + kind
        + ", "
        + Integer.toUnsignedString(imm)
        + (next == 0 ? "" : ", " + Integer.toUnsignedString(next));
  }
}
