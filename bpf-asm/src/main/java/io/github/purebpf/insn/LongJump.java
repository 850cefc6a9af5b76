package io.github.purebpf.insn;

/**
 * An unconditional jump with 32 bits of reach, {@code gotol pc+70000}. Linux 6.6.
 *
 * @param offset slots from the next instruction
 */
public record LongJump(int offset) implements Insn {}
