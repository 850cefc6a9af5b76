package io.github.purebpf.text;

import io.github.purebpf.insn.Insn;

/**
 * An instruction of a text.
 *
 * @param insn what it is; where it refers to a name, its offset is 0
 * @param reference the name it refers to, or null
 */
record Parsed(Insn insn, Reference reference) {
  /** A name that an instruction refers to, and for what. */
  record Reference(Kind kind, String name, Token token) {
    enum Kind {
      /** Control goes there and does not come back: a label of the same function. */
      JUMP,
      /** A function of this program, a helper, or a kernel function. */
      CALL,
      /** A function of this program as a callback, or a map. */
      ADDRESS,
      /** A function of this program as a callback, nothing else. */
      CALLBACK
    }
  }

  static Parsed of(Insn insn) {
    return new Parsed(insn, null);
  }
}
