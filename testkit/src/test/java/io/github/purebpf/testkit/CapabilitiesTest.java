package io.github.purebpf.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CapabilitiesTest {
  @ParameterizedTest
  @ValueSource(
      strings = {"000001ffffffffff", "0000000000200000", "0000008000001000", "ffffffffffffffff"})
  void sysAdminAloneOrBpfWithNetAdminSuffices(String mask) {
    assertEquals(Optional.empty(), missing(mask));
  }

  @ParameterizedTest
  @CsvSource({
    "0000000000000000, CAP_BPF and CAP_NET_ADMIN",
    "0000008000000000, CAP_NET_ADMIN",
    "0000000000001000, CAP_BPF",
    "000001ff7fdfefff, CAP_NET_ADMIN",
  })
  void namesTheMissingOnes(String mask, String names) {
    assertTrue(missing(mask).orElseThrow().startsWith("kernel tests need " + names + " ("));
  }

  @Test
  void refusesATextWithoutTheLine() {
    assertThrows(IllegalArgumentException.class, () -> Capabilities.parse("CapPrm:\t0\n"));
  }

  private static Optional<String> missing(String mask) {
    return Capabilities.parse("CapPrm:\t0\nCapEff:\t" + mask + "\nCapBnd:\t0\n").missingForBpf();
  }
}
