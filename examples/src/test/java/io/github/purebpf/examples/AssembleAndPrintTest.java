package io.github.purebpf.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class AssembleAndPrintTest {
  @Test
  void printsTheProgramAsTextAndAsBytes() {
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
        13 slots, the same at both levels: true
        bf 16 00 00 00 00 00 00 61 62 04 00 00 00 00 00 \
        63 2a fc ff 00 00 00 00 bf a2 00 00 00 00 00 00 \
        07 02 00 00 fc ff ff ff 18 11 00 00 05 00 00 00 \
        00 00 00 00 00 00 00 00 85 00 00 00 01 00 00 00 \
        15 00 02 00 00 00 00 00 61 01 00 00 00 00 00 00 \
        63 16 04 00 00 00 00 00 b7 00 00 00 01 00 00 00 \
        95 00 00 00 00 00 00 00
        """,
        Printed.by(() -> AssembleAndPrint.main(new String[0])));
  }
}
