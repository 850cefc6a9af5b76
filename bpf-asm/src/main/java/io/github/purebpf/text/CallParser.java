package io.github.purebpf.text;

import io.github.purebpf.insn.HelperCall;
import io.github.purebpf.insn.Kfunc;
import io.github.purebpf.insn.KfuncCall;
import io.github.purebpf.insn.LocalCall;
import io.github.purebpf.text.Parsed.Reference;
import io.github.purebpf.text.Token.Kind;

/** Reads what follows {@code call}. */
final class CallParser {
  private final TokenCursor in;
  private final NumberReader numbers;

  CallParser(TokenCursor in, NumberReader numbers) {
    this.in = in;
    this.numbers = numbers;
  }

  /**
   * @param isListed whether the line is one of a listing
   */
  Parsed parse(boolean isListed) {
    var token = in.peek();
    var behind = in.peek(1);
    if (token.kind() != Kind.WORD) {
      return Parsed.of(new HelperCall(numbers.signed32("a function's name or number", "")));
    }
    in.next();
    if (token.is("pc") && (behind.is("+") || behind.is("-"))) {
      return local();
    }
    if (token.is("kernel") && behind.is("-")) {
      return kernelFunction();
    }
    if (token.is("kfunc") && behind.is("[")) {
      return kfunc();
    }
    if (behind.is("#")) {
      return numbered(token, isListed);
    }
    return new Parsed(new LocalCall(0), new Reference(Reference.Kind.CALL, token.text(), token));
  }

  private Parsed local() {
    int offset = numbers.signed32("an offset", "");
    // bpftool appends the name or the address of the function.
    if (in.accept("#")) {
      in.next();
    }
    return Parsed.of(new LocalCall(offset));
  }

  /** {@code kernel-function#123}, what the kernel prints when it has no name. */
  private Parsed kernelFunction() {
    in.expect("-");
    in.expect("function");
    in.expect("#");
    return Parsed.of(new KfuncCall(new Kfunc.ById(numbers.signed32("a BTF id", ""), 0)));
  }

  /** {@code kfunc[name]}, {@code kfunc[123]} or {@code kfunc[123:4]}. */
  private Parsed kfunc() {
    in.expect("[");
    Kfunc target;
    if (in.peek().kind() == Kind.WORD) {
      target = new Kfunc.Named(in.next().text());
    } else {
      int id = numbers.signed32("a name or a BTF id", "");
      target = new Kfunc.ById(id, in.accept(":") ? numbers.index("an index", Short.MAX_VALUE) : 0);
    }
    in.expect("]");
    return Parsed.of(new KfuncCall(target));
  }

  /** {@code bpf_ktime_get_ns#5}: the name and the number must agree. */
  private Parsed numbered(Token name, boolean isListed) {
    in.expect("#");
    var number = in.peek();
    int id = numbers.signed32("the helper's number", "");
    if (name.is("unknown")) {
      return Parsed.of(new HelperCall(id));
    }
    var helper = HelperNames.id(name.text());
    if (helper.isEmpty()) {
      // A kfunc's number differs from kernel to kernel, its name does not.
      return Parsed.of(new KfuncCall(new Kfunc.Named(name.text())));
    }
    // In what it has loaded, the kernel puts an address there, which bpftool prints.
    boolean isAddress = isListed && !HelperNames.isKnown(id);
    if (helper.getAsInt() != id && !isAddress) {
      throw new ParseFailure(
          name.start(),
          number.end(),
          name.text() + " is helper " + helper.getAsInt() + ", not " + id);
    }
    return Parsed.of(new HelperCall(helper.getAsInt()));
  }
}
