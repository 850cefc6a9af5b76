package io.github.purebpf.check.rules;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.check.CheckOptions;
import io.github.purebpf.check.Finding;
import io.github.purebpf.check.Finding.Severity;
import io.github.purebpf.check.Rule;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Collects what the rules find: one finding for each rule and slot, the most severe. */
public final class Findings {
  private record Place(int slot, Rule rule) {}

  private record Found(Severity severity, Flaw flaw) {}

  private final CheckOptions options;
  private final Map<Place, Found> found =
      new TreeMap<>(Comparator.comparingInt(Place::slot).thenComparing(Place::rule));
  private boolean shapeHolds = true;

  /** Nothing found yet. */
  public Findings(CheckOptions options) {
    this.options = options;
  }

  /** Whether the program's shape allows to follow its paths. */
  public boolean shapeHolds() {
    return shapeHolds;
  }

  /** An error in the shape of the program: its paths cannot be followed. */
  void breaks(int slot, Flaw flaw) {
    shapeHolds = false;
    error(slot, flaw);
  }

  void error(int slot, Flaw flaw) {
    add(slot, Severity.ERROR, flaw);
  }

  void warning(int slot, Flaw flaw) {
    add(slot, Severity.WARNING, flaw);
  }

  /** An error if it is certain that the verifier comes there, else a warning. */
  void add(int slot, boolean certain, Flaw flaw) {
    add(slot, certain ? Severity.ERROR : Severity.WARNING, flaw);
  }

  private void add(int slot, Severity severity, Flaw flaw) {
    if (!options.off().contains(flaw.rule())) {
      found.merge(
          new Place(slot, flaw.rule()),
          new Found(severity, flaw),
          (old, now) -> now.severity.compareTo(old.severity) < 0 ? now : old);
    }
  }

  /** The findings in the order of their slots, with the lines of the code. */
  public List<Finding> in(BpfCode code) {
    var findings = new ArrayList<Finding>();
    found.forEach(
        (place, what) ->
            findings.add(
                new Finding(
                    what.severity,
                    place.rule,
                    place.slot,
                    place.slot < code.slots() ? code.sourceLine(place.slot) : Optional.empty(),
                    what.flaw.why(),
                    what.flaw.remedy())));
    return List.copyOf(findings);
  }
}
