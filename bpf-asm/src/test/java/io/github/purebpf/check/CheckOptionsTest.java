package io.github.purebpf.check;

import static io.github.purebpf.insn.Reg.FP;
import static io.github.purebpf.insn.Reg.R0;
import static io.github.purebpf.insn.Reg.R1;
import static io.github.purebpf.insn.Reg.R2;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.purebpf.asm.BpfBuilder;
import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.asm.MapShape;
import io.github.purebpf.check.CheckOptions.License;
import io.github.purebpf.check.Finding.Severity;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.uapi.AttachType;
import io.github.purebpf.uapi.Helper;
import io.github.purebpf.uapi.MapType;
import io.github.purebpf.uapi.ProgramType;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class CheckOptionsTest {
  private static final MapRef MAP = new MapRef("map");
  private static final CheckOptions CONNECT4 =
      CheckOptions.of(ProgramType.CGROUP_SOCK_ADDR, AttachType.CGROUP_INET4_CONNECT);

  private static List<Rule> rules(CheckOptions options, Consumer<? super BpfBuilder> body) {
    return Checker.check(BpfCode.build(body), options).stream().map(Finding::rule).toList();
  }

  @Test
  void aRuleThatIsTurnedOffIsNotTold() {
    var options = CheckOptions.ofAnyType();
    assertEquals(List.of(Rule.UNINITIALISED_REGISTER), rules(options, b -> b.exit()));
    assertEquals(List.of(), rules(options.without(Rule.UNINITIALISED_REGISTER), b -> b.exit()));
  }

  @Test
  void aRuleOfTheShapeThatIsTurnedOffStillKeepsPathsFromBeingFollowed() {
    assertEquals(
        List.of(),
        rules(CheckOptions.ofAnyType().without(Rule.FALL_THROUGH), b -> b.mov(R0, R1).add(R0, 1)));
  }

  @Test
  void withoutATypeContextsHelpersAndResultsAreNotLookedAt() {
    assertEquals(
        List.of(),
        rules(
            CheckOptions.ofAnyType(),
            b -> b.ldxw(R2, R1.at(4000)).call(Helper.REDIRECT_PEER).returning(77)));
  }

  @Test
  void theContextOfAnotherAttachTypeIsTakenWhereNoneIsGiven() {
    var unknown = CheckOptions.of(ProgramType.CGROUP_SOCK_ADDR).without(Rule.ATTACH_TYPE);
    assertEquals(List.of(), rules(unknown, b -> b.ldxw(R0, R1.at(8)).returning(1)));
    assertEquals(
        List.of(Rule.CONTEXT_ACCESS), rules(CONNECT4, b -> b.ldxw(R0, R1.at(8)).returning(1)));
  }

  @Test
  void theResultMayBeWhatAnyAttachTypeAllowsWhereNoneIsGiven() {
    var unknown = CheckOptions.of(ProgramType.CGROUP_SOCK_ADDR).without(Rule.ATTACH_TYPE);
    assertEquals(List.of(), rules(unknown, b -> b.returning(3)));
    assertEquals(List.of(Rule.RETURN_RANGE), rules(unknown, b -> b.returning(4)));
    assertEquals(List.of(Rule.RETURN_RANGE), rules(CONNECT4, b -> b.returning(3)));
  }

  @Test
  void helpersOfTheGplAreForItAlone() {
    Consumer<BpfBuilder> print =
        b ->
            b.stdw(FP.at(-8), 0)
                .mov(R1, FP)
                .add(R1, -8)
                .mov(R2, 8)
                .call(Helper.TRACE_PRINTK)
                .returning(1);
    assertEquals(List.of(), rules(CONNECT4, print));
    assertEquals(List.of(), rules(CONNECT4.withLicense(License.GPL_COMPATIBLE), print));
    assertEquals(List.of(Rule.GPL_ONLY_HELPER), rules(CONNECT4.withLicense(License.OTHER), print));
    assertEquals(
        List.of(Rule.GPL_ONLY_HELPER),
        rules(CheckOptions.ofAnyType().withLicense(License.OTHER), print));
  }

  @Test
  void anUnknownMapMayHaveValuesOfAnySizeButTheyMayBeNull() {
    Consumer<BpfBuilder> far =
        b ->
            b.ldxw(R0, R1.at(0))
                .stxw(FP.at(-4), R0)
                .mapLookup(MAP, FP.at(-4))
                .ifNonNull(R0, v -> v.ldxw(R1, R0.at(96)))
                .returning(0);
    assertEquals(List.of(), rules(CheckOptions.of(ProgramType.SOCKET_FILTER), far));
    var known =
        CheckOptions.of(ProgramType.SOCKET_FILTER)
            .withMap(MAP, MapShape.of(MapType.HASH, 4, 96, 8));
    assertEquals(List.of(Rule.MAP_VALUE_BOUNDS), rules(known, far));
    Consumer<BpfBuilder> unchecked =
        b ->
            b.ldxw(R0, R1.at(0))
                .stxw(FP.at(-4), R0)
                .mapLookup(MAP, FP.at(-4))
                .ldxw(R0, R0.at(0))
                .exit();
    var finding =
        Checker.check(BpfCode.build(unchecked), CheckOptions.of(ProgramType.SOCKET_FILTER))
            .getFirst();
    assertEquals(Rule.NULL_CHECK, finding.rule());
    assertEquals(Severity.ERROR, finding.severity());
  }

  @Test
  void hostileOptionsAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> MapShape.of(MapType.HASH, -1, 4, 1));
    assertThrows(
        NullPointerException.class, () -> Checker.check(BpfCode.build(b -> b.exit()), null));
    assertThrows(NullPointerException.class, () -> Checker.check(null, CONNECT4));
  }
}
