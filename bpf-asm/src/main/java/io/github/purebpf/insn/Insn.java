package io.github.purebpf.insn;

import java.util.Optional;

/** One BPF instruction: a value that exists only if it can be encoded. */
public sealed interface Insn
    permits Alu,
        Neg,
        MovSx,
        ByteSwap,
        AddrSpaceCast,
        Load,
        LoadAcquire,
        Store,
        StoreRelease,
        Atomic,
        PacketLoad,
        LoadImm64,
        Jump,
        LongJump,
        IndirectJump,
        Branch,
        MayGoto,
        HelperCall,
        LocalCall,
        KfuncCall,
        IndirectCall,
        Exit,
        RawInsn {
  /** How many slots of eight bytes it takes: 2 for {@link LoadImm64}, else 1. */
  default int slots() {
    return this instanceof LoadImm64 ? 2 : 1;
  }

  /**
   * The kernel that brought the instruction; empty for what no released kernel takes: a call
   * through a register, {@code goto_or_nop}, and unknown slots.
   */
  default Optional<KernelVersion> since() {
    return Since.of(this);
  }

  /** Whether control never continues with the next instruction. */
  default boolean endsFlow() {
    return switch (this) {
      case Jump _, LongJump _, IndirectJump _, Exit _ -> true;
      case Alu _, Neg _, MovSx _, ByteSwap _, AddrSpaceCast _, Load _, LoadAcquire _, Store _ ->
          false;
      case StoreRelease _, Atomic _, PacketLoad _, LoadImm64 _, Branch _, MayGoto _ -> false;
      case HelperCall _, LocalCall _, KfuncCall _, IndirectCall _, RawInsn _ -> false;
    };
  }
}
