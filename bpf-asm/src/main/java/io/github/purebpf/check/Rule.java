package io.github.purebpf.check;

import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What the checker looks for. Each constant names the message and the error number of the kernel.
 */
public enum Rule {
  /** There is no instruction. {@code E2BIG}, no message. */
  EMPTY_PROGRAM,
  /**
   * Control runs out of the program or of a function. {@code EINVAL}: {@code last insn is not an
   * exit or jmp}.
   */
  FALL_THROUGH,
  /** An instruction that nothing leads to. {@code EINVAL}: {@code unreachable insn 1}. */
  UNREACHABLE_CODE,
  /** A jump out of the program. {@code EINVAL}: {@code jump out of range from insn 0 to 6}. */
  JUMP_OUT_OF_RANGE,
  /**
   * A jump into the second slot of a 64-bit constant. {@code EINVAL}: {@code jump into the middle
   * of ldimm64 insn 2}.
   */
  JUMP_INTO_LDDW,
  /** A jump into another function. {@code EINVAL}: {@code jump out of range from insn 0 to 6}. */
  JUMP_ACROSS_FUNCTIONS,
  /** A loop without a way out. {@code EINVAL}: {@code infinite loop detected at insn 0}. */
  ENDLESS_LOOP,
  /**
   * A call or callback outside of the program, or into the second slot of a 64-bit constant. {@code
   * EINVAL}: {@code call to invalid destination}, {@code last insn is not an exit or jmp}.
   */
  CALL_TARGET,
  /** More than 256 functions. {@code E2BIG}: {@code too many subprograms}. */
  TOO_MANY_FUNCTIONS,
  /**
   * A function that calls itself. {@code E2BIG}: {@code the call stack of 9 frames is too deep}.
   */
  RECURSION,
  /**
   * More than 8 nested functions. {@code E2BIG}: {@code the call stack of 9 frames is too deep}.
   */
  CALL_DEPTH,
  /**
   * More than 512 bytes of stack in nested functions. {@code EACCES}: {@code combined stack size of
   * 2 calls is 528. Too large}.
   */
  COMBINED_STACK,
  /** Half of a 64-bit constant. {@code EINVAL}: {@code invalid bpf_ld_imm64 insn}. */
  LDDW_INCOMPLETE,
  /** No instruction at all. {@code EINVAL}: {@code unknown opcode ff}. */
  UNKNOWN_OPCODE,
  /** A field in use that must be zero. {@code EINVAL}: {@code BPF_XXX uses reserved fields}. */
  RESERVED_FIELD,
  /** A register above r10. {@code EINVAL}: {@code R11 is invalid}. */
  INVALID_REGISTER,
  /** A division by the constant zero. {@code EINVAL}: {@code div by zero}. */
  DIVISION_BY_ZERO,
  /** A shift by more than the operand's bits. {@code EINVAL}: {@code invalid shift 64}. */
  SHIFT_WIDTH,
  /**
   * A byte swap or sign extension of a width that does not exist. {@code EINVAL}: {@code BPF_END
   * uses reserved fields}, {@code BPF_MOV uses reserved fields}.
   */
  OPERAND_WIDTH,
  /**
   * An atomic operation or size that does not exist. {@code EINVAL}: {@code BPF_ATOMIC uses invalid
   * atomic opcode 22}, {@code invalid atomic operand size}.
   */
  ATOMIC_OPERATION,
  /** A write to r10. {@code EACCES}: {@code frame pointer is read only}. */
  FRAME_POINTER_WRITE,
  /** A read of a register that has no value. {@code EACCES}: {@code R0 !read_ok}. */
  UNINITIALISED_REGISTER,
  /**
   * A read of stack that nothing was written to. {@code EACCES} before Linux 6.3 and without
   * privilege: {@code invalid read from stack}.
   */
  UNINITIALISED_STACK,
  /**
   * An access outside of the 512 bytes of a function's stack. {@code EACCES}: {@code invalid write
   * to stack R10 off=-520 size=8}; as a helper's argument {@code EACCES} or {@code EINVAL}.
   */
  STACK_BOUNDS,
  /**
   * A stack access that is not aligned to its size. {@code EACCES}: {@code misaligned stack access
   * off 0+0+-4 size 8}.
   */
  STACK_ALIGNMENT,
  /**
   * An address stored to the stack or read from it in part. {@code EACCES}: {@code invalid size of
   * register fill}, {@code invalid size of register spill}.
   */
  PARTIAL_POINTER,
  /** A number used as an address. {@code EACCES}: {@code R1 invalid mem access 'scalar'}. */
  SCALAR_DEREFERENCE,
  /**
   * Arithmetic that makes no address. {@code EACCES}: {@code R1 pointer arithmetic with *= operator
   * prohibited} and the like.
   */
  POINTER_ARITHMETIC,
  /**
   * A pointer used that may be null. {@code EACCES}: {@code R0 invalid mem access
   * 'map_value_or_null'}.
   */
  NULL_CHECK,
  /** An access outside of a map's value. {@code EACCES}: {@code invalid access to map value}. */
  MAP_VALUE_BOUNDS,
  /**
   * An access outside of memory of known size. {@code EACCES}: {@code invalid access to memory}.
   */
  MEMORY_BOUNDS,
  /**
   * An access that this kind of pointer does not allow. {@code EACCES}: {@code R1 invalid mem
   * access 'pkt_end'}, {@code only read from bpf_array is supported}, {@code cannot write into
   * sock}.
   */
  POINTER_ACCESS,
  /**
   * A packet access that was not compared with the packet's end. {@code EACCES}: {@code invalid
   * access to packet, off=4 size=8, R2(id=0,off=4,r=8)}.
   */
  PACKET_BOUNDS,
  /**
   * An atomic operation on the context, a packet or a socket. {@code EACCES}: {@code BPF_ATOMIC
   * stores into R1 ctx is not allowed}.
   */
  ATOMIC_TARGET,
  /**
   * A packet load without the context in r6, or in a program of another type. {@code EINVAL}:
   * {@code at the time of BPF_LD_ABS|IND R6 != pointer to skb}.
   */
  PACKET_LOAD,
  /**
   * A function that gives an address of a stack to its caller. {@code EINVAL}: {@code cannot return
   * stack pointer to the caller}, {@code cannot spill pointers to stack into stack frame of the
   * caller}.
   */
  STACK_POINTER_ESCAPES,
  /**
   * A context access that the program type does not have. {@code EACCES}: {@code invalid
   * bpf_context access off=4 size=8}.
   */
  CONTEXT_ACCESS,
  /**
   * A context pointer that was added to. {@code EACCES}: {@code dereference of modified ctx ptr R1
   * off=4 disallowed}.
   */
  MODIFIED_CONTEXT_POINTER,
  /** A helper number that no kernel has. {@code EINVAL}: {@code invalid func unknown#9999}. */
  UNKNOWN_HELPER,
  /**
   * A helper that the program type does not have. {@code EINVAL}: {@code program of this type
   * cannot use helper bpf_redirect_map#51}.
   */
  HELPER_NOT_ALLOWED,
  /**
   * A helper reserved for the GPL. {@code EINVAL}: {@code cannot call GPL-restricted function from
   * non-GPL compatible program}.
   */
  GPL_ONLY_HELPER,
  /** A helper's argument of the wrong kind. {@code EACCES}: {@code R1 type=scalar expected=ctx}. */
  HELPER_ARGUMENT,
  /**
   * A map type that a helper does not take. {@code EINVAL}: {@code cannot pass map_type 2 into func
   * bpf_map_push_elem#87}.
   */
  MAP_TYPE,
  /**
   * A map's value addressed where it cannot be. {@code EINVAL}: {@code no direct value access
   * support for this map type}, {@code invalid access to map value pointer}.
   */
  MAP_VALUE_ADDRESS,
  /**
   * An access that the map's flags forbid programs. {@code EACCES}: {@code write into map
   * forbidden}, {@code read from map forbidden}.
   */
  MAP_ACCESS,
  /**
   * A result that the attach type does not allow. {@code EINVAL}: {@code At program exit the
   * register R0 has smin=2 smax=2 should have been in [0, 1]}.
   */
  RETURN_RANGE,
  /** An attach type that is missing or of another program type. {@code EINVAL}, no message. */
  ATTACH_TYPE,
  /**
   * An acquired socket or ring buffer record that is not given back. {@code EINVAL}: {@code
   * Unreleased reference id=2 alloc_insn=4}.
   */
  REFERENCE_LEAK;

  /** The stable name, such as {@code fall-through}, by which options and texts know the rule. */
  public String id() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The rule with a name; empty if there is none. */
  public static Optional<Rule> byId(String id) {
    return Stream.of(values()).filter(rule -> rule.id().equals(id)).findFirst();
  }

  /** The stable name, {@link #id}. */
  @Override
  public String toString() {
    return id();
  }
}
