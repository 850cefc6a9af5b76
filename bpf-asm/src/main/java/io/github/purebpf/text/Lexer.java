package io.github.purebpf.text;

import io.github.purebpf.text.Token.Kind;
import java.util.ArrayList;
import java.util.List;

/** Cuts a text into tokens. Whatever it is given, it comes to the end of it. */
final class Lexer {
  /** Longer ones first, so that the first match is the longest. */
  private static final List<String> MARKS =
      List.of(
          "<<=", ">>=", "+=", "-=", "*=", "/=", "|=", "&=", "%=", "^=", "==", "!=", "<=", ">=", "+",
          "-", "*", "/", "%", "&", "|", "^", "=", "<", ">", "(", ")", "[", "]", ",", ":", "@");

  /** The operators that begin with a letter. */
  private static final List<String> SIGNED_MARKS =
      List.of("s>>=", "s>=", "s<=", "s/=", "s%=", "s>", "s<");

  private final String text;
  private final Dialect dialect;
  private final List<Token> tokens = new ArrayList<>();
  private int at;

  private Lexer(String text, Dialect dialect) {
    this.text = text;
    this.dialect = dialect;
  }

  /** The tokens of a text; the last is its end. */
  static List<Token> tokens(String text, Dialect dialect) {
    var lexer = new Lexer(text, dialect);
    lexer.startLine();
    while (lexer.at < text.length()) {
      lexer.next();
    }
    lexer.add(Kind.END, text.length());
    lexer.add(Kind.EOF, text.length());
    return lexer.tokens;
  }

  private void next() {
    char c = text.charAt(at);
    if (c == '\n') {
      add(Kind.END, at + 1);
      startLine();
    } else if (c == ' ' || c == '\t' || c == '\r' || c == '\f') {
      at++;
    } else if (beginsLineComment(c)) {
      at = lineEnd();
    } else if (text.startsWith("/*", at)) {
      blockComment();
    } else if (c == ';') {
      add(Kind.END, at + 1);
    } else if (c == '"') {
      string();
    } else if (c == '\'') {
      character();
    } else if (!mark(SIGNED_MARKS, c == 's')) {
      word(c);
    }
  }

  private void word(char c) {
    if (isDigit(c)) {
      add(Kind.NUMBER, wordEnd());
    } else if (isWord(c)) {
      add(Kind.WORD, wordEnd());
    } else if (c == '#') { // not a comment, so it stands between a name and its number
      add(Kind.MARK, at + 1);
    } else if (!mark(MARKS, true)) {
      bad(at + 1, "no instruction has the character " + shown(c));
    }
  }

  private static String shown(char c) {
    return c > ' ' && c < 127 ? "'" + c + "'" : "U+%04X".formatted((int) c);
  }

  private boolean beginsLineComment(char c) {
    return switch (c) {
      case '/' -> text.startsWith("//", at);
      case ';' -> dialect == Dialect.KERNEL;
      // The kernel writes call bpf_ktime_get_ns#5.
      case '#' -> dialect == Dialect.LLVM || at == 0 || !isWord(text.charAt(at - 1));
      default -> false;
    };
  }

  private void blockComment() {
    int end = text.indexOf("*/", at + 2);
    if (end < 0) {
      bad(at + 2, "this comment has no end; \"*/\" is expected");
      at = text.length();
    } else {
      at = end + 2;
    }
  }

  private void string() {
    int end = at + 1;
    // A look ahead to the end of the line, for each string of it, would take quadratic time.
    while (end < text.length() && text.charAt(end) != '"' && text.charAt(end) != '\n') {
      boolean escapes = text.charAt(end) == '\\' && !text.startsWith("\n", end + 1);
      end += escapes ? 2 : 1;
    }
    if (end < text.length() && text.charAt(end) == '"') {
      add(Kind.STRING, end + 1);
    } else {
      bad(Math.min(end, text.length()), "this string has no end in its line; '\"' is expected");
    }
  }

  private void character() {
    if (at + 2 < text.length() && text.charAt(at + 2) == '\'' && isPlain(text.charAt(at + 1))) {
      add(Kind.NUMBER, at + 3);
    } else {
      bad(at + 1, "a character is expected between two of '");
    }
  }

  private boolean mark(List<String> marks, boolean possible) {
    if (possible) {
      for (var mark : marks) {
        if (text.startsWith(mark, at)) {
          add(Kind.MARK, at + mark.length());
          return true;
        }
      }
    }
    return false;
  }

  /** In a kernel's log, lines that are no instructions are passed over. */
  private void startLine() {
    if (dialect != Dialect.KERNEL) {
      return;
    }
    int end = lineEnd();
    var line = text.substring(at, end);
    int prefix = KernelLog.prefixLength(line);
    if (prefix > 0) {
      add(Kind.PREFIX, at + prefix);
    } else if (KernelLog.isPassedOver(line)) {
      at = end;
    }
  }

  private int lineEnd() {
    int end = text.indexOf('\n', at);
    return end < 0 ? text.length() : end;
  }

  private int wordEnd() {
    int end = at + 1;
    while (end < text.length() && isWord(text.charAt(end))) {
      end++;
    }
    return end;
  }

  private void add(Kind kind, int end) {
    tokens.add(new Token(kind, text.substring(at, end), at, end));
    at = end;
  }

  private void bad(int end, String problem) {
    tokens.add(new Token(Kind.BAD, problem, at, Math.min(end, text.length())));
    at = end;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static boolean isWord(char c) {
    return isLetter(c) || isDigit(c) || c == '_' || c == '.' || c == '$';
  }

  private static boolean isLetter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }

  private static boolean isPlain(char c) {
    return c >= ' ' && c < 127 && c != '\'' && c != '\\';
  }
}
