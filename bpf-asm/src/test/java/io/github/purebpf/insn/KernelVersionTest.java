package io.github.purebpf.insn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KernelVersionTest {
  @Test
  void passesOverWhatFollowsTheSecondNumber() {
    assertEquals(new KernelVersion(6, 18), KernelVersion.parse("6.18.44-generic"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "6", "6.", "v6.1", "-6.1", " 6.1", "123456.1"})
  void refusesTextThatDoesNotBeginWithTwoNumbers(String text) {
    assertThrows(IllegalArgumentException.class, () -> KernelVersion.parse(text));
  }

  @Property
  void readsWhatItPrints(
      @ForAll @IntRange(max = 99_999) int major, @ForAll @IntRange(max = 99_999) int minor) {
    var version = new KernelVersion(major, minor);
    assertEquals(version, KernelVersion.parse(version.toString()));
  }

  @Test
  void ordersTheMinorNumberAsANumber() {
    assertEquals(-1, KernelVersion.parse("5.9").compareTo(KernelVersion.parse("5.10")));
  }
}
