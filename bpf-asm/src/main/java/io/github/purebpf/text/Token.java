package io.github.purebpf.text;

/**
 * A word, number or mark of a text.
 *
 * @param kind what it is
 * @param text its characters; of BAD, what is wrong
 * @param start the offset in the whole text of its first character
 * @param end the offset behind its last character
 */
record Token(Kind kind, String text, int start, int end) {
  enum Kind {
    /** A name, register, keyword or directive. */
    WORD,
    /** Begins with a digit, or is a character in single quotes. */
    NUMBER,
    /** In double quotes, which belong to it. */
    STRING,
    /** An operator or a bracket. */
    MARK,
    /** The {@code 12: (b7)} in front of an instruction in a listing. */
    PREFIX,
    /** The end of a statement: of a line, or a separator. */
    END,
    /** The end of the text; the last token. */
    EOF,
    /** What no token can be. */
    BAD
  }

  /** Whether it is this word or mark. */
  boolean is(String expected) {
    return (kind == Kind.WORD || kind == Kind.MARK) && text.equals(expected);
  }

  boolean endsStatement() {
    return kind == Kind.END || kind == Kind.EOF;
  }

  /** For messages of what was found. */
  String describe() {
    return switch (kind) {
      case END -> "the end of the line";
      case EOF -> "the end of the text";
      case PREFIX -> "the start of a listing's line";
      case WORD, NUMBER, STRING, MARK, BAD ->
          "\"" + (text.length() > 40 ? text.substring(0, 40) + "..." : text) + "\"";
    };
  }
}
