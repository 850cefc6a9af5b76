package io.github.purebpf.insn;

import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * A line of the source that an instruction came from: Java code that called the builder, or an
 * assembler text.
 *
 * @param file the file's name, such as {@code Connect4.java}
 * @param line the line's number, from 1
 */
public record SourceLine(String file, int line) {
  private static final String ROOT = "io.github.purebpf.";

  /** The packages whose frames are ours: the first frame outside of them is the user's line. */
  private static final Set<String> OURS = Set.of("insn", "layout", "uapi", "asm", "text");

  /** Refuses lines below 1. */
  public SourceLine {
    Objects.requireNonNull(file, "file");
    if (line < 1) {
      throw new IllegalArgumentException("line " + line + " of " + file + " is below 1");
    }
  }

  /** The line of the innermost frame outside the assembler's own packages, where there is one. */
  public static Optional<SourceLine> ofCaller() {
    return StackWalker.getInstance()
        .walk(
            frames ->
                frames
                    .filter(frame -> !isOurs(frame.getClassName()))
                    .findFirst()
                    .filter(frame -> frame.getFileName() != null && frame.getLineNumber() > 0)
                    .map(frame -> new SourceLine(frame.getFileName(), frame.getLineNumber())));
  }

  private static boolean isOurs(String className) {
    if (!className.startsWith(ROOT)) {
      return className.startsWith("java.util.");
    }
    int end = className.indexOf('.', ROOT.length());
    return end > 0
        && OURS.contains(className.substring(ROOT.length(), end))
        && className.lastIndexOf('.') == end;
  }

  /** {@code file:line}, as compilers print it. */
  @Override
  public String toString() {
    return file + ":" + line;
  }
}
