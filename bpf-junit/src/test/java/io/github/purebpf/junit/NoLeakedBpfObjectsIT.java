package io.github.purebpf.junit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.bpf.BpfMap;
import io.github.purebpf.bpf.BpfProgram;
import io.github.purebpf.bpf.Codec;
import io.github.purebpf.bpf.MapSpec;
import io.github.purebpf.bpf.ProgramSpec;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.insn.Reg;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** Runs the classes inside of it as tests, some of which leak. */
@RequiresKernel
@NoLeakedFds
class NoLeakedBpfObjectsIT {
  /** What the leaking tests leave, closed here. */
  private static final Deque<AutoCloseable> LEFT = new ArrayDeque<>();

  @AfterEach
  void closeWhatTheTestsLeft() throws Exception {
    while (!LEFT.isEmpty()) {
      LEFT.pop().close();
    }
  }

  private static BpfMap<Integer, Integer> map(String name) {
    return BpfMap.create(MapSpec.array(new MapRef(name), Codec.u32(), 1));
  }

  private static BpfMap<Integer, Integer> left(String name) {
    var map = map(name);
    LEFT.push(map);
    return map;
  }

  /** The results of a class and its tests by their names. */
  private static Map<String, TestExecutionResult> run(Class<?> tests) {
    var results = new LinkedHashMap<String, TestExecutionResult>();
    var request = LauncherDiscoveryRequestBuilder.request().selectors(selectClass(tests)).build();
    LauncherFactory.create()
        .execute(
            request,
            new TestExecutionListener() {
              @Override
              public void executionFinished(TestIdentifier test, TestExecutionResult result) {
                results.put(test.getDisplayName(), result);
              }
            });
    return results;
  }

  private static String failure(TestExecutionResult result) {
    assertEquals(TestExecutionResult.Status.FAILED, result.getStatus());
    return result.getThrowable().orElseThrow().getMessage();
  }

  private static void assertAllPass(Class<?> tests) {
    var results = run(tests);
    assertFalse(results.isEmpty());
    results.forEach(
        (name, result) ->
            assertEquals(
                TestExecutionResult.Status.SUCCESSFUL,
                result.getStatus(),
                () -> name + ": " + result.getThrowable()));
  }

  @NoLeakedBpfObjects
  static class Leaking {
    @Test
    void leaksTwo() {
      left("first");
      LEFT.push(
          BpfProgram.load(
              ProgramSpec.connect4("second", BpfCode.build(b -> b.mov(Reg.R0, 1).exit()))));
    }

    @Test
    void closes() {
      map("closed").close();
    }
  }

  @Test
  void aLeakFailsItsTestAndNoOther() {
    var results = run(Leaking.class);
    var message = failure(results.get("leaksTwo()"));
    var lines = message.lines().toList();
    assertEquals("leaksTwo() left BPF objects open:", lines.get(0));
    assertTrue(lines.get(1).startsWith("  map first, opened at "), message);
    assertTrue(lines.get(1).contains("NoLeakedBpfObjectsIT.map(NoLeakedBpfObjectsIT.java:"));
    assertTrue(lines.get(2).startsWith("  program second, opened at "), message);
    assertTrue(lines.get(2).contains("$Leaking.leaksTwo(NoLeakedBpfObjectsIT.java:"), message);
    assertEquals(3, lines.size(), message);
    assertEquals(TestExecutionResult.Status.SUCCESSFUL, results.get("closes()").getStatus());
    assertEquals(
        TestExecutionResult.Status.SUCCESSFUL,
        results.get("NoLeakedBpfObjectsIT$Leaking").getStatus(),
        "the class is not failed for what its test was failed for");
  }

  @Test
  void theStackOfEachOpeningIsThere() {
    var error = run(Leaking.class).get("leaksTwo()").getThrowable().orElseThrow();
    var map = error.getSuppressed()[0];
    assertEquals("map first, opened by thread " + Thread.currentThread().getName(), map.toString());
    assertTrue(
        Arrays.stream(map.getStackTrace())
            .anyMatch(frame -> frame.getMethodName().equals("leaksTwo")),
        () -> Arrays.toString(map.getStackTrace()));
  }

  @NoLeakedBpfObjects
  static class LeakingClass {
    @BeforeAll
    static void open() {
      left("of_all");
    }

    @Test
    void closes() {
      map("closed").close();
    }
  }

  @Test
  void whatTheClassOpensFailsTheClass() {
    var results = run(LeakingClass.class);
    assertEquals(TestExecutionResult.Status.SUCCESSFUL, results.get("closes()").getStatus());
    assertTrue(
        failure(results.get("NoLeakedBpfObjectsIT$LeakingClass")).contains("  map of_all, opened"));
  }

  @NoLeakedBpfObjects
  static class LeakingField {
    private final BpfMap<Integer, Integer> field = left("field");

    @Test
    void usesIt() {
      assertNotEquals(0, field.id());
    }

    @Nested
    class Inside {
      private final BpfMap<Integer, Integer> inner = left("inner");

      @Test
      void usesBoth() {
        assertNotEquals(field.id(), inner.id());
      }
    }
  }

  @Test
  void whatAnInstanceOpensFailsItsTest() {
    var results = run(LeakingField.class);
    assertTrue(failure(results.get("usesIt()")).contains("  map field, opened at "));
    var both = failure(results.get("usesBoth()"));
    assertTrue(both.contains("  map field, opened at "), both);
    assertTrue(both.contains("  map inner, opened at "), both);
  }

  static class LeakingMethod {
    @NoLeakedBpfObjects
    @RepeatedTest(2)
    void isLookedAt() {
      left("m");
    }

    @Test
    void isNot() {
      left("m");
    }
  }

  @Test
  void aMethodMayCarryIt() {
    var results = run(LeakingMethod.class);
    var message = failure(results.get("repetition 1 of 2"));
    assertTrue(message.startsWith("repetition 1 of 2 left BPF objects open:\n  map m,"), message);
    assertEquals(2, failure(results.get("repetition 2 of 2")).lines().count());
    assertEquals(TestExecutionResult.Status.SUCCESSFUL, results.get("isNot()").getStatus());
  }

  @NoLeakedBpfObjects
  static class LeakingAndFailing {
    @Test
    void fails() {
      left("m");
      throw new IllegalStateException("the reason");
    }
  }

  @Test
  void theLeakOfAFailingTestDoesNotHideTheReason() {
    var error = run(LeakingAndFailing.class).get("fails()").getThrowable().orElseThrow();
    assertEquals("the reason", error.getMessage());
    assertTrue(error.getSuppressed()[0].getMessage().contains("map m, opened at "));
  }

  @NoLeakedBpfObjects
  static class Closing {
    private static BpfMap<Integer, Integer> ofAll;
    @AutoClose private static BpfMap<Integer, Integer> automaticOfAll;

    @AutoClose private final BpfMap<Integer, Integer> automatic = map("automatic");
    private BpfMap<Integer, Integer> ofEach;

    @BeforeAll
    static void openOfAll() {
      ofAll = map("of_all");
      automaticOfAll = map("auto_of_all");
    }

    @BeforeEach
    void open() {
      ofEach = map("of_each");
    }

    @Test
    void usesAll() {
      assertNotEquals(ofEach.id(), automatic.id());
      assertNotEquals(ofAll.id(), automaticOfAll.id());
    }

    @AfterEach
    void close() {
      ofEach.close();
    }

    @AfterAll
    static void closeOfAll() {
      ofAll.close();
    }
  }

  @Test
  void whatIsClosedAsLateAsJUnitClosesIsNoLeak() {
    assertAllPass(Closing.class);
  }

  @NoLeakedBpfObjects
  @TestInstance(TestInstance.Lifecycle.PER_CLASS)
  static class OneInstance {
    @AutoClose private final BpfMap<Integer, Integer> shared = map("shared");

    @Test
    void one() {
      assertNotEquals(0, shared.id());
    }

    @Test
    void two() {
      assertNotEquals(0, shared.id());
    }
  }

  @Test
  void whatTheInstanceForAllTestsOpensIsToBeClosedWithTheClass() {
    assertAllPass(OneInstance.class);
  }
}
