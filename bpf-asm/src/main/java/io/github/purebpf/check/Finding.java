package io.github.purebpf.check;

import io.github.purebpf.insn.SourceLine;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/**
 * One thing that the checker has to say about a program.
 *
 * @param severity whether every kernel rejects the program for it
 * @param rule which of the checks
 * @param slot the instruction, as the verifier numbers it; 0 for what concerns the whole program
 * @param line the line that the instruction came from, where it is known
 * @param why what is wrong, in one sentence
 * @param remedy what to do about it
 */
public record Finding(
    Severity severity, Rule rule, int slot, Optional<SourceLine> line, String why, String remedy) {
  /** How bad a finding is. */
  public enum Severity {
    /** Every kernel up to Linux 6.18 rejects the program. */
    ERROR,
    /** A kernel may accept the program, but it is probably not what was meant. */
    WARNING
  }

  /** Refuses nulls. */
  public Finding {
    Objects.requireNonNull(severity, "severity");
    Objects.requireNonNull(rule, "rule");
    Objects.requireNonNull(line, "line");
    Objects.requireNonNull(why, "why");
    Objects.requireNonNull(remedy, "remedy");
  }

  /** One line: {@code Connect4.java:12: error at 5: WHY; REMEDY [rule-name]}. */
  @Override
  public String toString() {
    return "%s%s at %d: %s; %s [%s]"
        .formatted(
            line.map(place -> place + ": ").orElse(""),
            severity.name().toLowerCase(Locale.ROOT),
            slot,
            why,
            remedy,
            rule);
  }
}
