package io.github.purebpf.bpf;

import static io.github.purebpf.insn.Reg.R0;
import static io.github.purebpf.insn.Reg.R1;
import static io.github.purebpf.insn.Reg.R2;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.check.CheckOptions;
import io.github.purebpf.check.CheckOptions.License;
import io.github.purebpf.check.Checker;
import io.github.purebpf.check.Finding;
import io.github.purebpf.check.Finding.Severity;
import io.github.purebpf.check.Rule;
import io.github.purebpf.insn.Load;
import io.github.purebpf.insn.MemSize;
import io.github.purebpf.insn.Store;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import io.github.purebpf.uapi.AttachType;
import io.github.purebpf.uapi.Helper;
import io.github.purebpf.uapi.ProgramType;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The checker's tables, against the verifier of this machine: each entry is tried. */
@RequiresKernel
@NoLeakedFds
class CheckerTablesIT {
  /** Types whose contexts the checker does not know. */
  private static final Set<ProgramType> OTHER_CONTEXTS =
      EnumSet.of(
          ProgramType.KPROBE,
          ProgramType.TRACEPOINT,
          ProgramType.PERF_EVENT,
          ProgramType.LIRC_MODE2,
          ProgramType.TRACING,
          ProgramType.STRUCT_OPS,
          ProgramType.EXT,
          ProgramType.LSM,
          ProgramType.SYSCALL,
          ProgramType.NETFILTER);

  private static final Map<ProgramType, List<CheckOptions>> HOOKS =
      new EnumMap<>(ProgramType.class);

  private static CheckedPrograms kernel;

  @BeforeAll
  static void createMaps() {
    kernel = new CheckedPrograms();
  }

  @AfterAll
  static void closeMaps() {
    kernel.close();
  }

  private static BpfCode returning(int result) {
    return BpfCode.build(b -> b.returning(result));
  }

  /** The hooks that the kernel takes for a program type; at most one where it does not look. */
  private static List<CheckOptions> hooks(ProgramType type) {
    return HOOKS.computeIfAbsent(type, CheckerTablesIT::findHooks);
  }

  private static List<CheckOptions> findHooks(ProgramType type) {
    var hooks = new ArrayList<CheckOptions>();
    if (loads(CheckOptions.of(type))) {
      hooks.add(CheckOptions.of(type));
    }
    boolean any = loads(CheckOptions.of(type, AttachType.CGROUP_DEVICE));
    for (var attachType : AttachType.values()) {
      var options = CheckOptions.of(type, attachType);
      if (!any && loads(options)) {
        hooks.add(options);
      }
    }
    return hooks;
  }

  private static boolean loads(CheckOptions options) {
    return kernel.rejection(returning(1), options) == null;
  }

  @ParameterizedTest
  @EnumSource(ProgramType.class)
  void attachTypesAreThoseThatTheKernelTakes(ProgramType type) {
    if (OTHER_CONTEXTS.contains(type) && hooks(type).isEmpty()) {
      return; // loaded only with a target in the kernel
    }
    for (var attachType : AttachType.values()) {
      var options = CheckOptions.of(type, attachType);
      assertEquals(loads(options), !has(Rule.ATTACH_TYPE, returning(1), options), "" + options);
    }
    var none = CheckOptions.of(type);
    assertEquals(loads(none), !has(Rule.ATTACH_TYPE, returning(1), none), type + " without");
  }

  private static boolean has(Rule rule, BpfCode code, CheckOptions options) {
    return Checker.check(code, options).stream().anyMatch(finding -> finding.rule() == rule);
  }

  @ParameterizedTest
  @EnumSource(ProgramType.class)
  void resultsAreThoseThatTheKernelTakes(ProgramType type) {
    for (var options : hooks(type)) {
      for (int result : new int[] {-2, -1, 0, 1, 2, 3, 4, 1000}) {
        assertAgreed(returning(result), options, options + " returns " + result);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(ProgramType.class)
  void contextAccessesAreThoseThatTheKernelTakes(ProgramType type) {
    if (OTHER_CONTEXTS.contains(type)) {
      return;
    }
    for (var options : hooks(type)) {
      for (var size : MemSize.values()) {
        for (int offset = -8; offset < 240; offset += size.bytes()) {
          int at = offset;
          // Of the many bytes and half words, a third will do.
          if (size.bytes() >= 4 || offset / size.bytes() % 3 == 0) {
            var read =
                BpfCode.build(b -> b.with(new Load(size, false, R2, R1.at(at))).returning(1));
            assertAgreed(read, options, "%s reads %s at %d".formatted(options, size, at));
            var write =
                BpfCode.build(b -> b.mov(R0, 1).with(new Store(size, R1.at(at), R0)).exit());
            assertAgreed(write, options, "%s writes %s at %d".formatted(options, size, at));
          }
        }
      }
      var misaligned = BpfCode.build(b -> b.ldxw(R2, R1.at(2)).returning(1));
      assertAgreed(misaligned, options, options + " reads four bytes at 2");
    }
  }

  private static void assertAgreed(BpfCode code, CheckOptions options, String what) {
    var errors = CheckedPrograms.errors(code, options);
    var rejection = kernel.rejection(code, options);
    // Where no attach type is told the checker allows what any of them allows.
    if (rejection == null || isWholeTruth(options)) {
      assertEquals(rejection == null, errors.isEmpty(), () -> what + ": " + rejection + errors);
    }
  }

  private static boolean isWholeTruth(CheckOptions options) {
    var type = options.type().orElseThrow();
    // 0 is no attach type but for one program type, whose first it is.
    boolean zeroIsOne = type == ProgramType.CGROUP_SKB;
    return hooks(type).size() == 1
        || options.attachType().filter(given -> given.value() > 0 || zeroIsOne).isPresent();
  }

  @ParameterizedTest
  @EnumSource(ProgramType.class)
  void helpersAreThoseThatTheKernelLetsTheTypeCall(ProgramType type) {
    for (var hook : hooks(type)) {
      var options = hook.withLicense(License.OTHER);
      for (var helper : Helper.values()) {
        var code = BpfCode.build(b -> b.call(helper).returning(1));
        var rejection = Optional.ofNullable(kernel.rejection(code, options)).orElse("");
        var rules = errors(code, options);
        var what = "%s calls %s: %s".formatted(options, helper.kernelName(), rejection);
        if (rules.contains(Rule.HELPER_NOT_ALLOWED)) {
          assertTrue(rejection.contains("cannot use helper"), what);
        } else if (rules.contains(Rule.GPL_ONLY_HELPER)) {
          assertTrue(rejection.contains("GPL"), what);
        } else {
          assertTrue(!rejection.contains("GPL") || isUnmeasured(type), what);
        }
        assertTrue(rules.isEmpty() || !rejection.isEmpty(), what + rules);
      }
    }
  }

  private static List<Rule> errors(BpfCode code, CheckOptions options) {
    return Checker.check(code, options).stream()
        .filter(finding -> finding.severity() == Severity.ERROR)
        .map(Finding::rule)
        .toList();
  }

  private static boolean isUnmeasured(ProgramType type) {
    return type == ProgramType.SYSCALL || type == ProgramType.LIRC_MODE2;
  }
}
