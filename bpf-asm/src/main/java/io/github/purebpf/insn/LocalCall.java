package io.github.purebpf.insn;

/**
 * A call of another function of the same program, {@code BPF_PSEUDO_CALL}: {@code call pc+5}. Linux
 * 4.16.
 *
 * @param offset slots from the next instruction to the function
 */
public record LocalCall(int offset) implements Insn {}
