package io.github.purebpf.asm;

/** What a jump or a call refers to before it has an offset. */
sealed interface Target permits Label, FunctionRef {}
