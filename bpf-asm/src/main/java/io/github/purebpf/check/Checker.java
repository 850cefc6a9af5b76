package io.github.purebpf.check;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.check.flow.Program;
import io.github.purebpf.check.rules.Findings;
import io.github.purebpf.check.rules.PathRules;
import io.github.purebpf.check.rules.ProgramRules;
import io.github.purebpf.check.rules.StructureRules;
import java.util.List;
import java.util.Objects;

/**
 * Checks a program before it is loaded. It needs no privilege, no kernel and no particular system.
 *
 * <p>It first looks at the shape of the program: instructions, jumps, functions. If that holds it
 * follows the paths that the verifier follows, with what is known of each register and stack slot.
 * What it finds on a path that the verifier cannot leave out is an error; on a path that the
 * verifier might prove dead it is a warning.
 */
public final class Checker {
  private Checker() {}

  /**
   * What there is to say about a program, in the order of its slots; empty if there is nothing.
   *
   * @param code the program
   * @param options what is known about it, and which rules are off
   */
  public static List<Finding> check(BpfCode code, CheckOptions options) {
    Objects.requireNonNull(options, "options");
    var program = new Program(code);
    var findings = new Findings(options);
    var effective = ProgramRules.effective(options);
    ProgramRules.check(effective, findings);
    StructureRules.check(program, findings);
    if (findings.shapeHolds()) {
      PathRules.check(program, effective, findings);
    }
    return findings.in(code);
  }
}
