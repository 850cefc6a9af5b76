package io.github.purebpf.redirect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OptionsWordTest {
  @ParameterizedTest
  @EnumSource(Scope.class)
  void whatIsWrittenIsReadAgain(Scope scope) {
    for (boolean peerName : new boolean[] {false, true}) {
      var options = RedirectOptions.DEFAULT.withScope(scope).withPeerName(peerName);
      assertEquals(options, OptionsWord.options(OptionsWord.of(options)));
      assertNotEquals(0, OptionsWord.of(options));
    }
  }

  @Test
  void whereNothingIsWrittenItIsTheDefault() {
    assertEquals(RedirectOptions.DEFAULT, OptionsWord.options(0));
  }

  /** What older processes have written has to be understood. */
  @Test
  void theNumbersAreKept() {
    assertEquals(0x001, OptionsWord.of(RedirectOptions.DEFAULT));
    assertEquals(0x003, OptionsWord.of(RedirectOptions.DEFAULT.withPeerName(true)));
    assertEquals(0x101, OptionsWord.of(RedirectOptions.DEFAULT.withScope(Scope.LISTED)));
    assertEquals(0x201, OptionsWord.of(RedirectOptions.DEFAULT.withScope(Scope.NOT_LISTED)));
  }
}
