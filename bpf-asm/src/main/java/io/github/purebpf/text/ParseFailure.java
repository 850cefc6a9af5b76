package io.github.purebpf.text;

/** Ends the reading of one statement; the parser turns it into a {@link TextError}. */
final class ParseFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int start;
  private final int end;

  /**
   * @param start the offset in the text of the first wrong character
   * @param end the offset behind the last
   */
  ParseFailure(int start, int end, String problem) {
    super(problem, null, false, false); // nobody sees its stack
    this.start = start;
    this.end = end;
  }

  ParseFailure(Token token, String problem) {
    this(token.start(), token.end(), problem);
  }

  int start() {
    return start;
  }

  int end() {
    return end;
  }

  String problem() {
    return getMessage();
  }
}
