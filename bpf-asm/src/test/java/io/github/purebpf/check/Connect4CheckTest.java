package io.github.purebpf.check;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.asm.Connect4Code;
import io.github.purebpf.asm.MapShape;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.uapi.AttachType;
import io.github.purebpf.uapi.MapType;
import io.github.purebpf.uapi.ProgramType;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class Connect4CheckTest {
  private static final CheckOptions CONNECT4 =
      CheckOptions.of(ProgramType.CGROUP_SOCK_ADDR, AttachType.CGROUP_INET4_CONNECT)
          .withLicense(CheckOptions.License.OTHER);

  static Stream<BpfCode> programs() {
    return Stream.of(Connect4Code.raw(), Connect4Code.structured());
  }

  @ParameterizedTest
  @MethodSource("programs")
  void thereIsNothingToSayAboutTheSmallestRedirection(BpfCode code) {
    assertEquals(List.of(), Checker.check(code, CheckOptions.ofAnyType()));
    assertEquals(List.of(), Checker.check(code, CONNECT4));
    for (var type : List.of(MapType.HASH, MapType.ARRAY)) {
      var options = CONNECT4.withMap(new MapRef("services"), MapShape.of(type, 4, 4, 16));
      assertEquals(List.of(), Checker.check(code, options));
    }
  }
}
