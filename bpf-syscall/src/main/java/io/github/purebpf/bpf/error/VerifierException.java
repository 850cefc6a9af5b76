package io.github.purebpf.bpf.error;

import io.github.purebpf.insn.SourceLine;
import java.util.Optional;

/**
 * The kernel's verifier rejected a program. The message says in one line why, which Java line
 * appended the instruction, and what to do about it where that is known.
 */
public final class VerifierException extends BpfException {
  private static final long serialVersionUID = 1L;

  private final String log;
  private final String summary;
  private final String hint;
  private final transient SourceLine sourceLine;

  /**
   * A rejection.
   *
   * @param message one line: the program, the reason, the place
   * @param errno positive
   * @param log the whole log
   * @param summary the reason
   * @param hint what to do about it; null if that is not known
   * @param sourceLine the line of the instruction it stopped at; null if it is not known
   */
  public VerifierException(
      String message, int errno, String log, String summary, String hint, SourceLine sourceLine) {
    super(message, "BPF_PROG_LOAD", errno);
    this.log = log;
    this.summary = summary;
    this.hint = hint;
    this.sourceLine = sourceLine;
  }

  /** The whole log of the verifier; what is no UTF-8 in it is replaced. */
  public String log() {
    return log;
  }

  /** The verifier's reason, without its trace and its statistics. */
  public String summary() {
    return summary;
  }

  /**
   * What to do about it, in words of this library or, where it knows none, of the kernel (Linux
   * 7.3).
   */
  public Optional<String> hint() {
    return Optional.ofNullable(hint);
  }

  /** The line that appended the instruction it stopped at, where both are known. */
  public Optional<SourceLine> sourceLine() {
    return Optional.ofNullable(sourceLine);
  }
}
