package io.github.purebpf.text;

/** What a line of a text adds to the program. */
sealed interface Statement {
  /**
   * An instruction.
   *
   * @param line the number of its line, from 1
   * @param start the offset in the text of its first character
   * @param end the offset behind its last character
   */
  record Code(Parsed parsed, int line, int start, int end) implements Statement {
    int slots() {
      return parsed.insn().slots();
    }
  }

  /** A label in front of the next instruction. */
  record Bind(String name, Token token) implements Statement {}
}
