package io.github.purebpf.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Decides for {@link RequiresKernel}, and for tests that other engines run. */
public final class KernelCondition implements ExecutionCondition {
  private static final String REQUIRE = "PUREBPF_REQUIRE_KERNEL";

  /** Made by JUnit. */
  public KernelCondition() {}

  /**
   * Why tests of the kernel are to be skipped here; empty if they can run.
   *
   * @throws IllegalStateException if they cannot run and must not be skipped
   */
  public static Optional<String> reasonToSkip() {
    var result = evaluate();
    return result.isDisabled() ? result.getReason() : Optional.empty();
  }

  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    return evaluate();
  }

  private static ConditionEvaluationResult evaluate() {
    return decide(missing(System.getProperty("os.name")), "1".equals(System.getenv(REQUIRE)));
  }

  static ConditionEvaluationResult decide(Optional<String> missing, boolean required) {
    if (missing.isEmpty()) {
      return ConditionEvaluationResult.enabled("BPF programs can be loaded here");
    }
    if (required) {
      throw new IllegalStateException(missing.get() + "; " + REQUIRE + "=1 forbids to skip");
    }
    return ConditionEvaluationResult.disabled(missing.get());
  }

  private static Optional<String> missing(String osName) {
    if (!osName.equals("Linux")) {
      return Optional.of("kernel tests need Linux, this is " + osName);
    }
    try {
      return Capabilities.parse(Files.readString(Path.of("/proc/self/status"))).missingForBpf();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
