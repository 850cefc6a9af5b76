package io.github.purebpf.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.check.Finding.Severity;
import io.github.purebpf.rejected.AcceptedCases;
import io.github.purebpf.rejected.Case;
import io.github.purebpf.rejected.DataflowCases;
import io.github.purebpf.rejected.StructureCases;
import io.github.purebpf.rejected.TableCases;
import java.util.EnumSet;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CheckerCasesTest {
  static Stream<Case> cases() {
    return Stream.of(StructureCases.all(), DataflowCases.all(), TableCases.all()).flatMap(c -> c);
  }

  static Stream<AcceptedCases.Accepted> accepted() {
    return AcceptedCases.all();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void findsWhatIsWrongWhereItIs(Case wrong) {
    var findings = Checker.check(wrong.code(), wrong.options());
    var found =
        findings.stream()
            .filter(finding -> finding.rule() == wrong.rule() && finding.slot() == wrong.slot())
            .findFirst();
    assertTrue(found.isPresent(), () -> "found only " + findings);
    assertEquals(wrong.severity(), found.get().severity());
    if (wrong.code().slots() > 0) {
      assertEquals(wrong.code().sourceLine(wrong.slot()), found.get().line());
    }
  }

  /** A checker that finds something everywhere would pass the test above. */
  @ParameterizedTest
  @MethodSource("cases")
  void aSingleMistakeIsFoundInOnePlace(Case wrong) {
    var places =
        Checker.check(wrong.code(), wrong.options()).stream()
            .filter(finding -> finding.severity() == Severity.ERROR)
            .map(Finding::slot)
            .distinct()
            .toList();
    // A function that is called where it cannot be makes the one before it run out, and a record
    // that is not checked is not given back either.
    assertTrue(places.size() <= 2, () -> "errors at " + places);
  }

  @ParameterizedTest
  @MethodSource("accepted")
  void saysNoErrorAboutAProgramThatKernelsAccept(AcceptedCases.Accepted accepted) {
    var findings = Checker.check(accepted.code(), accepted.options());
    assertEquals(List.of(), findings.stream().filter(f -> f.severity() == Severity.ERROR).toList());
    if (accepted.clean()) {
      assertEquals(List.of(), findings);
    }
  }

  @Test
  void thereIsACaseForEveryRule() {
    var missing = EnumSet.allOf(Rule.class);
    cases().map(Case::rule).forEach(missing::remove);
    assertEquals(EnumSet.noneOf(Rule.class), missing);
  }
}
