package io.github.purebpf.bpf;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.check.CheckOptions;
import io.github.purebpf.check.CheckOptions.License;
import io.github.purebpf.check.Finding.Severity;
import io.github.purebpf.rejected.AcceptedCases;
import io.github.purebpf.rejected.Case;
import io.github.purebpf.rejected.DataflowCases;
import io.github.purebpf.rejected.RandomPrograms;
import io.github.purebpf.rejected.StructureCases;
import io.github.purebpf.rejected.TableCases;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import io.github.purebpf.text.KernelText;
import io.github.purebpf.uapi.AttachType;
import io.github.purebpf.uapi.ProgramType;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The checker's promise, kept against the verifier of this machine. */
@RequiresKernel
@NoLeakedFds
class CheckerIT {
  /** How many random programs are loaded, and with which the first is made. */
  private static final int PROGRAMS = Integer.getInteger("purebpf.checker.programs", 500);

  private static final long SEED = Long.getLong("purebpf.checker.seed", 1);

  private static CheckedPrograms kernel;

  @BeforeAll
  static void createMaps() {
    kernel = new CheckedPrograms();
  }

  @AfterAll
  static void closeMaps() {
    kernel.close();
  }

  static Stream<Case> errors() {
    return Stream.of(StructureCases.all(), DataflowCases.all(), TableCases.all())
        .flatMap(cases -> cases)
        .filter(wrong -> wrong.severity() == Severity.ERROR)
        .filter(wrong -> wrong.code().slots() > 0); // the loader does not take an empty program
  }

  static Stream<AcceptedCases.Accepted> accepted() {
    return AcceptedCases.all();
  }

  @ParameterizedTest
  @MethodSource("errors")
  void theKernelRejectsWhatTheCheckerCallsAnError(Case wrong) {
    assertNotNull(
        kernel.rejection(wrong.code(), wrong.options()),
        () -> "accepted:\n" + KernelText.listing(wrong.code()));
  }

  @ParameterizedTest
  @MethodSource("accepted")
  void theKernelAcceptsTheProgramsThatAreToBeAccepted(AcceptedCases.Accepted accepted) {
    assertNull(kernel.rejection(accepted.code(), accepted.options()));
  }

  private record Hook(ProgramType type, Optional<AttachType> attachType) {}

  private static final List<Hook> HOOKS =
      List.of(
          new Hook(ProgramType.SOCKET_FILTER, Optional.empty()),
          new Hook(ProgramType.CGROUP_SOCK_ADDR, Optional.of(AttachType.CGROUP_INET4_CONNECT)),
          new Hook(ProgramType.XDP, Optional.empty()),
          new Hook(ProgramType.SCHED_CLS, Optional.empty()),
          new Hook(ProgramType.CGROUP_SKB, Optional.of(AttachType.CGROUP_INET_INGRESS)));

  @Test
  void thereIsNoErrorInRandomProgramsThatTheKernelAccepts() {
    compare(SEED, PROGRAMS);
  }

  /** Takes minutes, so it is one of those that {@code mvn verify -Plong} runs. */
  @Test
  @Tag("long")
  void norIsThereInThousands() {
    compare(SEED + PROGRAMS, 8 * PROGRAMS);
  }

  private static void compare(long begin, int programs) {
    int accepted = 0;
    int errors = 0;
    for (long seed = begin; seed < begin + programs; seed++) {
      var random = new Random(seed);
      var hook = HOOKS.get(random.nextInt(HOOKS.size()));
      var license = random.nextBoolean() ? License.GPL_COMPATIBLE : License.OTHER;
      var options = options(hook, license);
      var code = RandomPrograms.next(random, options);
      var found = CheckedPrograms.errors(code, options);
      boolean rejected = kernel.rejection(code, options) != null;
      accepted += rejected ? 0 : 1;
      errors += found.isEmpty() ? 0 : 1;
      long made = seed;
      assertTrue(
          rejected || found.isEmpty(),
          () -> "seed " + made + ", " + hook + ": " + found + "\n" + KernelText.listing(code));
    }
    // Neither is worth anything if all programs are alike.
    assertTrue(accepted > programs / 10, accepted + " accepted");
    assertTrue(errors > programs / 10, errors + " with errors");
  }

  private static CheckOptions options(Hook hook, License license) {
    var maps = Map.of(Case.HASH, Case.MAPS.get(Case.HASH), Case.ARRAY, Case.MAPS.get(Case.ARRAY));
    return new CheckOptions(Optional.of(hook.type), hook.attachType, license, maps, Set.of());
  }
}
