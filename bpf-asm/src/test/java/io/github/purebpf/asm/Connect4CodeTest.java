package io.github.purebpf.asm;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.purebpf.text.KernelText;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.Set;
import org.junit.jupiter.api.Test;

class Connect4CodeTest {
  @Test
  void bothLevelsGiveTheSameBytes() {
    assertEquals(Connect4Code.raw(), Connect4Code.structured());
  }

  @Test
  void takesAsManySlotsAsClang() {
    assertEquals(13, Connect4Code.raw().slots());
  }

  /** Bytes from {@code llvm-mc -triple bpfel -filetype=obj} of the listing below, map fd 7. */
  @Test
  void encodesAsLlvmDoes() {
    var code = Connect4Code.structured().bind(_ -> 7);
    assertEquals(
        "bf16000000000000 6162040000000000 632afcff00000000 bfa2000000000000 07020000fcffffff"
            + " 1811000007000000 0000000000000000 8500000001000000 1500020000000000"
            + " 6101000000000000 6316040000000000 b700000001000000 9500000000000000",
        hex(code.encode(ByteOrder.LITTLE_ENDIAN)));
    assertEquals(
        "bf61000000000000 6126000400000000 63a2fffc00000000 bf2a000000000000 07200000fffffffc"
            + " 1811000000000007 0000000000000000 8500000000000001 1500000200000000"
            + " 6110000000000000 6361000400000000 b700000000000001 9500000000000000",
        hex(code.encode(ByteOrder.BIG_ENDIAN)));
  }

  @Test
  void listsSlotsAsTheVerifierNumbersThem() {
    assertEquals(
        """
          0: (bf) r6 = r1
          1: (61) r2 = *(u32 *)(r6 +4)
          2: (63) *(u32 *)(r10 -4) = r2
          3: (bf) r2 = r10
          4: (07) r2 += -4
          5: (18) r1 = map[services]
          7: (85) call bpf_map_lookup_elem#1
          8: (15) if r0 == 0x0 goto pc+2
          9: (61) r1 = *(u32 *)(r0 +0)
         10: (63) *(u32 *)(r6 +4) = r1
         11: (b7) r0 = 1
         12: (95) exit
        """,
        KernelText.listing(Connect4Code.raw()));
  }

  @Test
  void namesTheMapsThatItNeeds() {
    assertEquals(Set.of(Connect4Code.SERVICES), Connect4Code.raw().maps());
    assertEquals(Set.of(), Connect4Code.raw().bind(_ -> 7).maps());
  }

  private static String hex(byte[] bytes) {
    var hex = HexFormat.of().formatHex(bytes);
    return hex.replaceAll("(.{16})(?!$)", "$1 ");
  }
}
