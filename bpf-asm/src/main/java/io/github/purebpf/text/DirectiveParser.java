package io.github.purebpf.text;

import io.github.purebpf.text.Token.Kind;
import java.util.Set;

/** Reads the directives that compilers print around instructions. */
final class DirectiveParser {
  /** They carry no code, and nothing that the program's bytes depend on. */
  private static final Set<String> IGNORED =
      Set.of(
          ".globl",
          ".global",
          ".weak",
          ".local",
          ".hidden",
          ".protected",
          ".internal",
          ".size",
          ".p2align",
          ".align",
          ".balign",
          ".ident",
          ".file",
          ".loc",
          ".addrsig",
          ".addrsig_sym",
          ".version");

  /** They carry data. */
  private static final Set<String> DATA =
      Set.of(
          ".byte",
          ".2byte",
          ".4byte",
          ".8byte",
          ".short",
          ".hword",
          ".half",
          ".value",
          ".word",
          ".long",
          ".int",
          ".quad",
          ".octa",
          ".ascii",
          ".asciz",
          ".string",
          ".zero",
          ".space",
          ".skip",
          ".fill",
          ".float",
          ".double",
          ".uleb128",
          ".sleb128",
          ".reloc");

  private final TokenCursor in;
  private final ParsedText out;
  private final MapDirective maps;

  DirectiveParser(TokenCursor in, Dialect dialect, ParsedText out) {
    this.in = in;
    this.out = out;
    maps = new MapDirective(in, dialect, out);
  }

  /** Whether a statement begins with a directive; .slot is an instruction. */
  static boolean begins(Token token) {
    return token.kind() == Kind.WORD && token.text().startsWith(".") && !token.is(".slot");
  }

  void parse() {
    var name = in.next();
    switch (name.text()) {
      case ".text" -> out.section(".text", true);
      case ".data", ".bss", ".rodata" -> out.section(name.text(), false);
      case ".section" -> section();
      case ".type" -> type();
      case ".map" -> maps.parse();
      case ".license" -> license("the license, in quotes if it has blanks");
      case ".asciz", ".string" -> {
        if (out.section().equals("license")) {
          license("the license in quotes");
        } else {
          other(name);
        }
      }
      case ".comm", ".lcomm" -> {
        out.common(symbol());
        rest();
      }
      default -> other(name);
    }
  }

  private void other(Token name) {
    if (DATA.contains(name.text())) {
      if (out.inCode()) {
        throw new ParseFailure(
            name, "data in a section of code; eight bytes of code as they are: .slot");
      }
    } else if (!IGNORED.contains(name.text()) && !name.text().startsWith(".cfi_")) {
      throw new ParseFailure(name, "unknown directive " + name.describe());
    }
    rest();
  }

  private void section() {
    var token = in.peek();
    if (token.kind() != Kind.WORD && token.kind() != Kind.STRING) {
      throw in.expected("a section's name");
    }
    in.next();
    var name = token.kind() == Kind.STRING ? unquoted(token) : hyphenated(token);
    boolean holdsCode = ParsedText.isCode(name);
    if (in.accept(",") && in.peek().kind() == Kind.STRING) {
      holdsCode = in.next().text().contains("x");
    }
    out.section(name, holdsCode);
    rest();
  }

  private static String unquoted(Token string) {
    return string.text().substring(1, string.text().length() - 1);
  }

  /** A name without quotes may hold marks, as {@code .note.GNU-stack} does. */
  private String hyphenated(Token first) {
    var name = new StringBuilder(first.text());
    while (!in.peek().endsStatement() && !in.at(",")) {
      name.append(in.next().text());
    }
    return name.toString();
  }

  private void license(String what) {
    var token = in.peek();
    if (token.kind() != Kind.WORD && token.kind() != Kind.STRING) {
      throw in.expected(what);
    }
    in.next();
    out.license(token.kind() == Kind.STRING ? unquoted(token) : token.text());
    rest();
  }

  private void type() {
    var name = symbol();
    boolean isFunction = false;
    while (!in.peek().endsStatement()) {
      var token = in.next();
      isFunction |= token.is("function") || token.is("STT_FUNC");
    }
    if (isFunction) {
      out.function(name);
    }
  }

  private String symbol() {
    return in.expect(Kind.WORD, "a name").text();
  }

  private void rest() {
    while (!in.peek().endsStatement()) {
      var _ = in.next();
    }
  }
}
