package io.github.purebpf.tool;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.check.Finding;
import io.github.purebpf.check.Finding.Severity;
import io.github.purebpf.insn.SourceLine;
import io.github.purebpf.text.KernelText;
import io.github.purebpf.text.TextError;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** What the checker has found in a program. */
record Verdict(List<Finding> findings) {
  /** Whether it has none of the findings that count. */
  boolean passes(boolean strict) {
    return findings.stream().noneMatch(f -> strict || f.severity() == Severity.ERROR);
  }

  /** One line: the worst finding, or ok. */
  String line() {
    if (findings.isEmpty()) {
      return "ok";
    }
    var worst = findings.stream().min(Comparator.comparing(Finding::severity)).orElseThrow();
    var line = worst.line().map(l -> " (line " + l.line() + ")").orElse("");
    int more = findings.size() - 1;
    return sentence(worst, line) + (more == 0 ? "" : " (and " + more + " more)");
  }

  /**
   * All findings, each with its place in the text, or else with the instruction.
   *
   * @param named whether a good program is named
   */
  String describe(BpfCode code, String file, boolean named) {
    if (findings.isEmpty()) {
      return named ? file + ": ok\n" : "ok\n";
    }
    var out = new StringBuilder();
    for (var finding : findings) {
      if (finding.line().isPresent()) {
        out.append(inText(finding, finding.line().get())).append('\n');
      } else {
        out.append(file).append(": ").append(sentence(finding, "")).append('\n');
        instruction(code, finding.slot(), out);
      }
    }
    return out.toString();
  }

  private static String inText(Finding finding, SourceLine line) {
    int column = Math.max(1, line.column());
    return new TextError(line.file(), line.line(), column, 1, line.text(), sentence(finding, ""))
        .describe();
  }

  private static void instruction(BpfCode code, int slot, StringBuilder out) {
    int next = 0;
    for (var insn : code.insns()) {
      next += insn.slots();
      if (slot < next) {
        out.append("  ").append(KernelText.print(insn)).append('\n');
        return;
      }
    }
  }

  private static String sentence(Finding finding, String place) {
    return "%s at %d%s: %s; %s [%s]"
        .formatted(
            finding.severity().name().toLowerCase(Locale.ROOT),
            finding.slot(),
            place,
            finding.why(),
            finding.remedy(),
            finding.rule());
  }
}
