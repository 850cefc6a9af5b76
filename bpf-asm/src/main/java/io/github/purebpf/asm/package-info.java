/**
 * The assembler: programs as values, built by a lambda that calls a {@link
 * io.github.purebpf.asm.BpfBuilder}.
 *
 * <p>The builder has exactly two levels. At level 1 ({@link io.github.purebpf.asm.AluMnemonics},
 * {@link io.github.purebpf.asm.MemoryMnemonics}, {@link io.github.purebpf.asm.JumpMnemonics}) one
 * call is one instruction, the destination first. Level 2 ({@link
 * io.github.purebpf.asm.StructuredCode}) takes over what is bookkeeping, and is defined by the
 * level 1 calls that it makes; it chooses no registers.
 */
package io.github.purebpf.asm;
