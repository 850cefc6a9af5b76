package io.github.purebpf.insn;

/**
 * The second operand of arithmetic, stores and branches: a register ({@code BPF_X}) or a constant
 * ({@code BPF_K}).
 */
public sealed interface Src permits Reg, Imm {}
