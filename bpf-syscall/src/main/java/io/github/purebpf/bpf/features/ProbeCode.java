package io.github.purebpf.bpf.features;

import static io.github.purebpf.insn.Reg.R0;
import static io.github.purebpf.insn.Reg.R1;
import static io.github.purebpf.insn.Reg.R10;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.insn.Alu;
import io.github.purebpf.insn.AluOp;
import io.github.purebpf.insn.Atomic;
import io.github.purebpf.insn.AtomicOp;
import io.github.purebpf.insn.Branch;
import io.github.purebpf.insn.Cond;
import io.github.purebpf.insn.Exit;
import io.github.purebpf.insn.HelperCall;
import io.github.purebpf.insn.Imm;
import io.github.purebpf.insn.Imm64;
import io.github.purebpf.insn.Insn;
import io.github.purebpf.insn.KernelVersion;
import io.github.purebpf.insn.Kfunc;
import io.github.purebpf.insn.KfuncCall;
import io.github.purebpf.insn.LoadAcquire;
import io.github.purebpf.insn.LoadImm64;
import io.github.purebpf.insn.LocalCall;
import io.github.purebpf.insn.MayGoto;
import io.github.purebpf.insn.Mem;
import io.github.purebpf.insn.MemSize;
import io.github.purebpf.insn.MovSx;
import io.github.purebpf.insn.Reg;
import io.github.purebpf.insn.Store;
import io.github.purebpf.insn.Width;
import io.github.purebpf.uapi.Helper;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The code of programs that are loaded to see whether a kernel takes them. */
final class ProbeCode {
  private static final Mem SLOT = new Mem(R10, -8);
  private static final Insn ONE = mov(R1, 1);
  private static final Insn ZERO_SLOT = new Store(MemSize.DW, SLOT, new Imm(0));

  static final BpfCode JUMP_LESS = before(ONE, branch(Width.W64, Cond.ULT, 0));
  static final BpfCode JUMP32 = before(ONE, branch(Width.W32, Cond.EQ, 0));
  static final BpfCode FUNCTION_CALL =
      BpfCode.of(List.of(new LocalCall(1), new Exit(), mov(R0, 0), new Exit()));
  static final BpfCode ATOMICS =
      before(ONE, ZERO_SLOT, new Atomic(AtomicOp.FETCH_ADD, MemSize.DW, SLOT, R1));
  static final BpfCode CPU_V4 = before(ONE, new MovSx(Width.W64, MemSize.B, R1, R1));
  static final BpfCode MAY_GOTO = before(new MayGoto(MayGoto.Kind.MAY_GOTO, 0));
  static final BpfCode LOAD_ACQUIRE = before(ZERO_SLOT, new LoadAcquire(MemSize.DW, R1, SLOT));

  /** Counts from 3 to 0. */
  static final BpfCode LOOP =
      before(
          mov(R1, 3),
          new Alu(Width.W64, AluOp.SUB, R1, new Imm(1)),
          branch(Width.W64, Cond.NE, -2));

  /** More instructions than the 4096 of old. */
  static final BpfCode LARGE = before(Collections.nCopies(4096, mov(R1, 0)).toArray(Insn[]::new));

  private ProbeCode() {}

  /** Returns a number. */
  static BpfCode returning(int result) {
    return BpfCode.of(List.of(mov(R0, result), new Exit()));
  }

  /** Loads the address of the first value of a map. */
  static BpfCode globalData(int mapFd) {
    return before(new LoadImm64(R1, new Imm64.MapValueFd(mapFd, 0)));
  }

  /** Calls a kernel function by its number in the kernel's types. */
  static BpfCode kfuncCall(int btfId) {
    return before(new KfuncCall(new Kfunc.ById(btfId, 0)));
  }

  /** Calls a helper without a thought for its arguments. */
  static BpfCode call(Helper helper) {
    return before(new HelperCall(helper.id()));
  }

  private static BpfCode before(Insn... insns) {
    return BpfCode.of(Stream.concat(Stream.of(insns), Stream.of(mov(R0, 0), new Exit())).toList());
  }

  private static Insn mov(Reg to, int value) {
    return new Alu(Width.W64, AluOp.MOV, to, new Imm(value));
  }

  private static Insn branch(Width width, Cond cond, int offset) {
    return new Branch(width, cond, R1, new Imm(0), offset);
  }

  /** The first kernel that has all instructions of a program. */
  static KernelVersion since(BpfCode code) {
    return code.insns().stream()
        .map(Insn::since)
        .flatMap(Optional::stream)
        .max(Comparator.naturalOrder())
        .orElseThrow();
  }
}
