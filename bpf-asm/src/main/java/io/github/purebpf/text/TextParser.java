package io.github.purebpf.text;

import io.github.purebpf.insn.Insn;
import io.github.purebpf.text.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads a whole text, statement by statement; an error in one does not hide the next. */
final class TextParser {
  private static final int MAX_ERRORS = 100;

  private final SourceText source;
  private final Dialect dialect;
  private final TokenCursor in;
  private final InsnParser insns;
  private final DirectiveParser directives;
  private final ParsedText out = new ParsedText();
  private final LocalLabels localLabels = new LocalLabels();
  private final List<TextError> errors = new ArrayList<>();

  /** The slot that the next line of a listing must have, or -1 where any will do. */
  private int nextSlot = -1;

  private TextParser(SourceText source, Dialect dialect) {
    this.source = source;
    this.dialect = dialect;
    in = new TokenCursor(Lexer.tokens(source.text(), dialect));
    insns = new InsnParser(in, dialect);
    directives = new DirectiveParser(in, dialect, out);
  }

  static TextProgram parse(SourceText source, Dialect dialect) {
    var parser = new TextParser(source, dialect);
    parser.statements();
    if (parser.errors.isEmpty()) {
      var linked = Linker.link(parser.out, parser::report);
      if (parser.errors.isEmpty()) {
        try {
          return new TextProgram(
              linked.build(source),
              Optional.ofNullable(parser.out.entryName()),
              Optional.ofNullable(parser.out.programSection()),
              Optional.ofNullable(parser.out.license()),
              parser.out.maps());
        } catch (ParseFailure failure) {
          parser.report(failure);
        }
      }
    }
    throw new TextException(parser.errors);
  }

  private void statements() {
    while (in.peek().kind() != Kind.EOF && errors.size() < MAX_ERRORS) {
      try {
        statement();
      } catch (ParseFailure failure) {
        report(failure);
        in.skipStatement();
        nextSlot = -1;
      }
      in.nextStatement();
    }
  }

  private void report(ParseFailure failure) {
    if (errors.size() < MAX_ERRORS) {
      errors.add(source.error(failure.start(), failure.end(), failure.problem()));
    }
  }

  private void statement() {
    var first = in.peek();
    if (first.kind() == Kind.PREFIX) {
      in.next();
      listed(first);
    } else {
      labels();
      if (DirectiveParser.begins(in.peek())) {
        directives.parse();
      } else if (!in.peek().endsStatement()) {
        int slots = instruction(-1).slots();
        nextSlot = nextSlot < 0 ? -1 : nextSlot + slots;
      }
    }
    if (!in.peek().endsStatement()) {
      throw in.expected("the end of the line");
    }
  }

  private void labels() {
    while (in.peek(1).is(":")) {
      var token = in.peek();
      boolean isLocal = dialect == Dialect.LLVM && token.kind() == Kind.NUMBER;
      if (token.kind() != Kind.WORD && !isLocal) {
        return;
      }
      in.next();
      in.next();
      bind(token, isLocal ? localLabels.bind(token.text()) : token.text());
    }
  }

  private void bind(Token token, String name) {
    if (token.kind() == Kind.WORD && !Names.isPlain(name)) {
      throw new ParseFailure(token, token.describe() + " has a meaning already and is no label");
    }
    if (!out.bind(name, token)) {
      throw new ParseFailure(
          token,
          "label "
              + token.describe()
              + " is defined already, in line "
              + source.line(out.label(name).start()));
    }
  }

  private Insn instruction(int listed) {
    int start = in.peek().start();
    var parsed = insns.parse(listed, localLabels);
    if (!out.inCode()) {
      throw new ParseFailure(
          start,
          in.end(),
          "an instruction in section "
              + out.section()
              + ", which holds data; a section of code has the flags \"ax\"");
    }
    out.add(new Statement.Code(parsed, source.line(start), start, in.end()));
    return parsed.insn();
  }

  /** A line of a listing, which tells what it must be. */
  private void listed(Token prefix) {
    int slot = KernelLog.slot(prefix);
    if (nextSlot >= 0 && slot != nextSlot) {
      throw new ParseFailure(
          prefix,
          "expected slot "
              + nextSlot
              + ", found "
              + slot
              + ": a log of what the verifier walks through is no listing of the program");
    }
    int start = in.peek().start();
    var insn = instruction(KernelLog.opcode(prefix));
    int opcode = Opcode.of(insn);
    if (opcode != KernelLog.opcode(prefix)) {
      throw new ParseFailure(
          start,
          in.end(),
          "its opcode is %02x, the listing says %02x".formatted(opcode, KernelLog.opcode(prefix)));
    }
    nextSlot = slot + insn.slots();
  }
}
