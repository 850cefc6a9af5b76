package io.github.purebpf.tool;

import io.github.purebpf.insn.AsmException;
import io.github.purebpf.text.TextError;
import java.io.Serial;
import java.util.List;

/** A program in the input that cannot be read or written in the format asked for. */
final class InputException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1;

  private final transient List<TextError> errors;

  InputException(List<TextError> errors) {
    super(errors.getFirst().describe());
    this.errors = List.copyOf(errors);
  }

  InputException(TextError error) {
    this(List.of(error));
  }

  /** What the assembler says of a program; where it names no line, the first one stands for all. */
  static InputException of(AsmException e, String file) {
    return new InputException(
        e.where()
            .map(
                line ->
                    new TextError(
                        line.file(),
                        line.line(),
                        Math.max(1, line.column()),
                        1,
                        line.text(),
                        e.problem()))
            .orElseGet(() -> new TextError(file, 1, 1, 1, "", e.problem())));
  }

  /** At least one. */
  List<TextError> errors() {
    return errors;
  }

  /** {@code error: LINE:COL: problem}, for scripts that ask for many programs at once. */
  String line() {
    var first = errors.getFirst();
    int more = errors.size() - 1;
    return "error: %d:%d: %s%s"
        .formatted(
            first.line(),
            first.column(),
            first.problem().replace('\n', ' '),
            more == 0 ? "" : " (and " + more + " more)");
  }
}
