package io.github.purebpf.text;

import io.github.purebpf.text.Token.Kind;
import java.util.List;

/** A place in a sequence of tokens, and what the parser asks there. */
final class TokenCursor {
  private final List<Token> tokens;
  private int at;

  /** The last token must be the end of the text. */
  TokenCursor(List<Token> tokens) {
    this.tokens = tokens;
  }

  Token peek() {
    return tokens.get(at);
  }

  /** The token so many behind the next one, or the end of the text. */
  Token peek(int ahead) {
    return tokens.get(Math.min(at + ahead, tokens.size() - 1));
  }

  /** Takes a token; the end of a statement is never taken. */
  Token next() {
    var token = peek();
    if (token.kind() == Kind.BAD) {
      throw new ParseFailure(token, token.text());
    }
    if (!token.endsStatement()) {
      at++;
    }
    return token;
  }

  /** Takes the end of a statement. */
  void nextStatement() {
    if (peek().kind() == Kind.END) {
      at++;
    }
  }

  /** Goes to the end of the statement. */
  void skipStatement() {
    while (!peek().endsStatement()) {
      at++;
    }
  }

  boolean at(String text) {
    return peek().is(text);
  }

  /** Takes the word or mark if it is next. */
  boolean accept(String text) {
    boolean found = at(text);
    if (found) {
      at++;
    }
    return found;
  }

  /** Takes this word or mark and nothing else. */
  Token expect(String text) {
    if (!at(text)) {
      throw expected("\"" + text + "\"");
    }
    return next();
  }

  Token expect(Kind kind, String what) {
    if (peek().kind() != kind) {
      throw expected(what);
    }
    return next();
  }

  /** What to throw where something else stands. */
  ParseFailure expected(String what) {
    var found = peek();
    return found.kind() == Kind.BAD
        ? new ParseFailure(found, found.text())
        : new ParseFailure(found, "expected " + what + ", found " + found.describe());
  }

  /** The offset behind the last token taken. */
  int end() {
    return at == 0 ? 0 : tokens.get(at - 1).end();
  }
}
