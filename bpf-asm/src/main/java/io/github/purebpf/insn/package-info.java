/**
 * The instruction model: one record for each shape of BPF instruction, and the bytes of each.
 *
 * <p>The data model, as a grammar (a slot is the eight bytes of the kernel's {@code struct
 * bpf_insn}):
 *
 * <pre>{@code
 * Insn       = Alu | Neg | MovSx | ByteSwap | AddrSpaceCast           registers
 *            | Load | LoadAcquire | Store | StoreRelease | Atomic     memory
 *            | PacketLoad | LoadImm64                                 packet, 64-bit constants
 *            | Jump | LongJump | IndirectJump | Branch | MayGoto      control
 *            | HelperCall | LocalCall | KfuncCall | IndirectCall | Exit
 *            | RawInsn                                                anything else, one slot
 * Src        = Reg | Imm
 * MemOperand = Mem | FieldRef | StructRef                             base register and offset
 * Imm64      = constant | map | map value | BTF id | function
 * }</pre>
 *
 * <p>Every record checks its operands when it is made, so an {@code Insn} that exists can be
 * encoded, and nothing is cut silently. What the kernel refuses in every program (a shift by more
 * than the width, a division by the constant zero, r10 as a destination) cannot be made; {@link
 * io.github.purebpf.insn.RawInsn} is the way around for those who want such bytes.
 *
 * <p>Any sequence of slots decodes ({@link io.github.purebpf.insn.InsnDecoder}) and encodes ({@link
 * io.github.purebpf.insn.InsnEncoder}) to itself.
 */
package io.github.purebpf.insn;
