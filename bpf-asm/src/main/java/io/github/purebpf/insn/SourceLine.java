package io.github.purebpf.insn;

import java.lang.StackWalker.StackFrame;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A line of the source that an instruction came from: Java code that called the builder, or an
 * assembler text.
 *
 * @param file the file's name, such as {@code Connect4.java}
 * @param line the line's number, from 1
 * @param column where in the line, from 1; 0 if unknown
 * @param text the line itself; empty if unknown, as it is for Java
 */
public record SourceLine(String file, int line, int column, String text) {
  private static final StackWalker WALKER =
      StackWalker.getInstance(Set.of(StackWalker.Option.RETAIN_CLASS_REFERENCE));

  /** The packages whose frames are ours: the first frame outside of them is the user's line. */
  private static final Set<String> OURS =
      Set.of(
          "io.github.purebpf.insn",
          "io.github.purebpf.layout",
          "io.github.purebpf.uapi",
          "io.github.purebpf.asm",
          "io.github.purebpf.text");

  /** Refuses lines below 1 and columns below 0. */
  public SourceLine {
    Objects.requireNonNull(file, "file");
    Objects.requireNonNull(text, "text");
    if (line < 1) {
      throw new IllegalArgumentException("line " + line + " of " + file + " is below 1");
    }
    if (column < 0) {
      throw new IllegalArgumentException("column " + column + " of " + file + " is below 0");
    }
  }

  /** A line of which only the number is known. */
  public SourceLine(String file, int line) {
    this(file, line, 0, "");
  }

  /** The line of the innermost frame outside the assembler's own packages, where there is one. */
  public static Optional<SourceLine> ofCaller() {
    return Optional.ofNullable(WALKER.walk(SourceLine::firstForeign));
  }

  private static SourceLine firstForeign(Stream<StackFrame> frames) {
    var all = frames.iterator();
    while (all.hasNext()) {
      var frame = all.next();
      if (!isOurs(frame.getDeclaringClass())) {
        // One lookup that gives file and line; asking the frame for them means two.
        var element = frame.toStackTraceElement();
        return element.getFileName() == null || element.getLineNumber() < 1
            ? null
            : new SourceLine(element.getFileName(), element.getLineNumber());
      }
    }
    return null;
  }

  private static boolean isOurs(Class<?> type) {
    var name = type.getPackageName();
    // A builder's lambda may be called by a stream or a collection.
    return OURS.contains(name) || name.startsWith("java.util");
  }

  /** {@code file:line}, as compilers print it. */
  @Override
  public String toString() {
    return file + ":" + line;
  }
}
