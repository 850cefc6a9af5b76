package io.github.purebpf.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class KernelConditionTest {
  private static final Optional<String> SENTENCE = Optional.of("something is missing");

  @Test
  void enablesWhenNothingIsMissing() {
    assertFalse(KernelCondition.decide(Optional.empty(), false).isDisabled());
    assertFalse(KernelCondition.decide(Optional.empty(), true).isDisabled());
  }

  @Test
  void disablesWithTheSentenceThatSaysWhatIsMissing() {
    var result = KernelCondition.decide(SENTENCE, false);
    assertTrue(result.isDisabled());
    assertEquals(SENTENCE, result.getReason());
  }

  @Test
  void failsWhenTheKernelIsRequired() {
    var failure =
        assertThrows(IllegalStateException.class, () -> KernelCondition.decide(SENTENCE, true));
    assertTrue(failure.getMessage().startsWith("something is missing; PUREBPF_REQUIRE_KERNEL=1"));
  }
}
