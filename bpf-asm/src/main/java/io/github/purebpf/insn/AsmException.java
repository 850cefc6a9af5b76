package io.github.purebpf.insn;

import java.util.Optional;

/**
 * A program that cannot be assembled: an operand out of range, an instruction that no kernel takes,
 * a label that is bound twice or never.
 *
 * <p>The message begins with the Java file and line that asked for it, where one is known.
 */
public final class AsmException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  /** What is wrong, without the place. */
  private final String problem;

  private final transient SourceLine where;

  /** A problem at the line that called the assembler. */
  public AsmException(String problem) {
    this(problem, SourceLine.ofCaller().orElse(null));
  }

  /**
   * A problem at a given line.
   *
   * @param where the line, or null when it is not known
   */
  public AsmException(String problem, SourceLine where) {
    super(where == null ? problem : where + ": " + problem);
    this.problem = problem;
    this.where = where;
  }

  /** What is wrong, without the place. */
  public String problem() {
    return problem;
  }

  /** The line that asked for it. */
  public Optional<SourceLine> where() {
    return Optional.ofNullable(where);
  }
}
