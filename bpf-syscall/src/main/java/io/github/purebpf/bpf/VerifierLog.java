package io.github.purebpf.bpf;

import io.github.purebpf.insn.SourceLine;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the verifier wrote: a trace of the instructions that it went through, the reason why it
 * stopped, and statistics. Its texts change from kernel to kernel, so that only their shape is
 * relied on.
 *
 * @param text all of it
 */
record VerifierLog(String text) {
  /** {@code 4: (61) r1 = *(u32 *)(r0 +0) ; R0=map_value(…)}. */
  private static final Pattern INSN = Pattern.compile("(\\d+): (\\([0-9a-f]{2}\\) [^;]*).*");

  /** Lines that show the state of the verification and no verdict. */
  private static final Pattern TRACE =
      Pattern.compile(
          "(\\d+: \\([0-9a-f]{2}\\)|\\d+: (R\\d|[.0-9]{10} \\(|safe)|from \\d+ to \\d+|; "
              + "|R\\d+(_\\w+)?=|frame\\d+: |fp-|func#\\d|Func#\\d|Validating |cur state:|old state:"
              + "|mark_precise|parent |regs=|last_idx|Live regs|caller:|callee:"
              + "|returning from callee:|propagating|to caller at"
              + "|func '\\w+' arg\\d+ has btf_id).*");

  /** The first line of the report that Linux 7.3 puts behind its old reason. */
  private static final String REPORT = "Verification failed: ";

  /** The statistics, which may follow the reason without a new line. */
  private static final Pattern STATISTICS =
      Pattern.compile(
          "(verification time \\d+ usec|stack depth [\\d+]|processed \\d+ insns"
              + "|max_states_per_insn \\d|\\(limit \\d+\\)).*");

  /** {@code ; r1 = r0 @ Redirect.java:17}, written where a new line of the source begins. */
  private static final Pattern SOURCE = Pattern.compile("; .* @ (.+):(\\d{1,9})");

  /** Characters of the end that are searched for the verdict. */
  private static final int TAIL = 256 * 1024;

  private static final Pattern MENTION = Pattern.compile("\\binsn (\\d+)");

  /** The log in a buffer, which the kernel ends with a NUL. */
  static VerifierLog of(MemorySegment buffer) {
    long end = 0;
    while (end < buffer.byteSize() && buffer.get(ValueLayout.JAVA_BYTE, end) != 0) {
      end++;
    }
    // Names in it come from anywhere: what is no UTF-8 is replaced, never an error.
    byte[] text = buffer.asSlice(0, end).toArray(ValueLayout.JAVA_BYTE);
    return new VerifierLog(new String(text, StandardCharsets.UTF_8));
  }

  /**
   * What stands behind the trace, in one line; empty for a log without a reason. What the report of
   * a newer kernel says about it follows.
   */
  String reason() {
    var reasons = new ArrayList<String>(List.of(terseReason()));
    reasons.removeIf(String::isEmpty);
    reasons.addAll(section("Reason").stream().toList());
    return String.join(": ", reasons);
  }

  private String terseReason() {
    var reasons = new ArrayList<String>();
    for (String line : lines()) {
      if (TRACE.matcher(line).matches()) {
        reasons.clear();
      } else {
        reasons.add(line);
      }
    }
    if (reasons.isEmpty()) {
      // The trace hides it, as the states behind "infinite loop detected" do.
      reasons.addAll(lines().stream().filter(line -> !TRACE.matcher(line).matches()).toList());
    }
    return String.join("; ", reasons);
  }

  /**
   * The end of the log, where the verdict stands. A program that is too large leaves hundreds of
   * megabytes of trace before it.
   */
  private String tail() {
    if (text.length() <= TAIL) {
      return text;
    }
    int start = text.length() - TAIL;
    int line = text.indexOf('\n', start);
    return text.substring(line < 0 ? start : line + 1);
  }

  /** What the kernel itself suggests; Linux 7.3. */
  Optional<String> suggestion() {
    return section("Suggestion");
  }

  /** The indented lines of a section of the report, in one. */
  private Optional<String> section(String title) {
    var words =
        tail()
            .lines()
            .dropWhile(line -> !line.startsWith(REPORT))
            .dropWhile(line -> !line.equals(title + ":"))
            .skip(1)
            .takeWhile(line -> line.startsWith(" "))
            .map(String::strip)
            .toList();
    return words.isEmpty() ? Optional.empty() : Optional.of(String.join(" ", words));
  }

  /** Lines of the end without their statistics and the report, blank ones left out. */
  private List<String> lines() {
    return tail()
        .lines()
        .takeWhile(line -> !line.startsWith(REPORT))
        .map(line -> STATISTICS.matcher(line).replaceFirst("").strip())
        .filter(line -> !line.isEmpty())
        .toList();
  }

  /** The slot of the instruction that it stopped at. */
  OptionalInt slot() {
    var last = lastInsn();
    if (last.isPresent()) {
      return number(last.get().group(1));
    }
    var mention = MENTION.matcher(reason() + ' ' + section("At").orElse(""));
    return mention.find() ? number(mention.group(1)) : OptionalInt.empty();
  }

  /** The last source line that it wrote. */
  Optional<SourceLine> source() {
    return tail()
        .lines()
        .map(SOURCE::matcher)
        .filter(Matcher::matches)
        .map(match -> new SourceLine(match.group(1), Integer.parseInt(match.group(2))))
        .reduce((first, second) -> second);
  }

  private static OptionalInt number(String digits) {
    // More digits than any program has slots are no slot.
    return digits.length() > 9 ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(digits));
  }

  /** That instruction as the verifier prints it: {@code (61) r1 = *(u32 *)(r0 +0)}. */
  Optional<String> insn() {
    return lastInsn().map(match -> match.group(2).strip());
  }

  private Optional<java.util.regex.MatchResult> lastInsn() {
    return tail()
        .lines()
        .map(INSN::matcher)
        .filter(Matcher::matches)
        .map(java.util.regex.Matcher::toMatchResult)
        .reduce((first, second) -> second);
  }
}
