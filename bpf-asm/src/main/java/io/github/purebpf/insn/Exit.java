package io.github.purebpf.insn;

/** The end of the program or of a function, with the result in r0: {@code exit}. */
public record Exit() implements Insn {}
