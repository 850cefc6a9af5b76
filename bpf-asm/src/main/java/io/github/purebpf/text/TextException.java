package io.github.purebpf.text;

import java.util.List;

/**
 * An assembler text that cannot be assembled. The message describes the first error, the line and
 * the place in it.
 */
public final class TextException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  private final transient List<TextError> errors;

  TextException(List<TextError> errors) {
    super(message(errors));
    this.errors = List.copyOf(errors);
  }

  private static String message(List<TextError> errors) {
    var first = errors.getFirst().describe();
    return errors.size() == 1 ? first : first + "\n(and " + (errors.size() - 1) + " more)";
  }

  /** All errors in the order of the text, at least one; behind the hundredth it stops looking. */
  public List<TextError> errors() {
    return errors;
  }

  /** The first error. */
  public TextError first() {
    return errors.getFirst();
  }
}
