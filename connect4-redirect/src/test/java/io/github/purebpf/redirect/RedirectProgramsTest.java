package io.github.purebpf.redirect;

import static io.github.purebpf.insn.Reg.FP;
import static io.github.purebpf.insn.Reg.R0;
import static io.github.purebpf.insn.Reg.R1;
import static io.github.purebpf.insn.Reg.R2;
import static io.github.purebpf.insn.Reg.R6;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.asm.MapShape;
import io.github.purebpf.check.CheckOptions;
import io.github.purebpf.check.CheckOptions.License;
import io.github.purebpf.check.Checker;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.text.KernelText;
import io.github.purebpf.uapi.AttachType;
import io.github.purebpf.uapi.Helper;
import io.github.purebpf.uapi.MapType;
import io.github.purebpf.uapi.ProgramType;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RedirectProgramsTest {
  private static final MapRef TABLE = new MapRef("table");

  @Test
  void connect4IsWhatItsListingSays() {
    assertEquals(
        """
          0: (bf) r6 = r1
          1: (61) r1 = *(u32 *)(r6 +36)
          2: (55) if r1 != 0x6 goto pc+15
          3: (6b) *(u16 *)(r10 -2) = r1
          4: (61) r2 = *(u32 *)(r6 +4)
          5: (63) *(u32 *)(r10 -8) = r2
          6: (61) r2 = *(u32 *)(r6 +24)
          7: (6b) *(u16 *)(r10 -4) = r2
          8: (bf) r2 = r10
          9: (07) r2 += -8
         10: (18) r1 = map[table]
         12: (85) call bpf_map_lookup_elem#1
         13: (15) if r0 == 0x0 goto pc+4
         14: (79) r1 = *(u64 *)(r0 +0)
         15: (63) *(u32 *)(r6 +4) = r1
         16: (77) r1 >>= 32
         17: (63) *(u32 *)(r6 +24) = r1
         18: (b7) r0 = 1
         19: (95) exit
        """,
        KernelText.listing(RedirectPrograms.connect4(TABLE)));
  }

  @Test
  void connect6IsWhatItsListingSays() {
    assertEquals(
        """
          0: (bf) r6 = r1
          1: (61) r1 = *(u32 *)(r6 +36)
          2: (55) if r1 != 0x6 goto pc+20
          3: (79) r2 = *(u64 *)(r6 +8)
          4: (55) if r2 != 0x0 goto pc+18
          5: (61) r2 = *(u32 *)(r6 +16)
          6: (dc) r2 = be32 r2
          7: (55) if r2 != 0xffff goto pc+15
          8: (6b) *(u16 *)(r10 -2) = r1
          9: (61) r2 = *(u32 *)(r6 +20)
         10: (63) *(u32 *)(r10 -8) = r2
         11: (61) r2 = *(u32 *)(r6 +24)
         12: (6b) *(u16 *)(r10 -4) = r2
         13: (bf) r2 = r10
         14: (07) r2 += -8
         15: (18) r1 = map[table]
         17: (85) call bpf_map_lookup_elem#1
         18: (15) if r0 == 0x0 goto pc+4
         19: (79) r1 = *(u64 *)(r0 +0)
         20: (63) *(u32 *)(r6 +20) = r1
         21: (77) r1 >>= 32
         22: (63) *(u32 *)(r6 +24) = r1
         23: (b7) r0 = 1
         24: (95) exit
        """,
        KernelText.listing(RedirectPrograms.connect6(TABLE)));
  }

  /** Level 2 takes bookkeeping away, not the machine: offsets written out here. */
  @Test
  void connect4EqualsItsTwinInSingleInstructions() {
    var twin =
        BpfCode.build(
            b -> {
              var pass = b.newLabel();
              b.mov(R6, R1)
                  .ldxw(R1, R6.at(36))
                  .jne(R1, 6, pass)
                  .stxh(FP.at(-2), R1)
                  .ldxw(R2, R6.at(4))
                  .stxw(FP.at(-8), R2)
                  .ldxw(R2, R6.at(24))
                  .stxh(FP.at(-4), R2)
                  .mov(R2, FP)
                  .add(R2, -8)
                  .lddw(R1, TABLE)
                  .call(Helper.MAP_LOOKUP_ELEM)
                  .jeq(R0, 0, pass)
                  .ldxdw(R1, R0.at(0))
                  .stxw(R6.at(4), R1)
                  .rsh(R1, 32)
                  .stxw(R6.at(24), R1)
                  .labelBinding(pass)
                  .mov(R0, 1)
                  .exit();
            });
    assertEquals(twin, RedirectPrograms.connect4(TABLE));
  }

  @Test
  void bothReferToTheTableAndToNoOtherMap() {
    assertEquals(Set.of(TABLE), RedirectPrograms.connect4(TABLE).maps());
    assertEquals(Set.of(TABLE), RedirectPrograms.connect6(TABLE).maps());
  }

  @Test
  void theBytesOfConnect4AreThoseOfTheInstructionSet() {
    assertEquals(
        "bf16000000000000"
            + "6161240000000000"
            + "55010f0006000000"
            + "6b1afeff00000000"
            + "6162040000000000"
            + "632af8ff00000000"
            + "6162180000000000"
            + "6b2afcff00000000"
            + "bfa2000000000000"
            + "07020000f8ffffff"
            + "1811000007000000"
            + "0000000000000000"
            + "8500000001000000"
            + "1500040000000000"
            + "7901000000000000"
            + "6316040000000000"
            + "7701000020000000"
            + "6316180000000000"
            + "b700000001000000"
            + "9500000000000000",
        HexFormat.of()
            .formatHex(
                RedirectPrograms.connect4(TABLE).bind(_ -> 7).encode(ByteOrder.LITTLE_ENDIAN)));
  }

  @Test
  void theCheckerHasNothingToSayAboutEither() {
    var table = MapShape.of(MapType.HASH, 8, 8, 1024);
    var options = CheckOptions.ofAnyType().withMap(TABLE, table).withLicense(License.OTHER);
    assertEquals(
        List.of(),
        Checker.check(
            RedirectPrograms.connect4(TABLE), at(options, AttachType.CGROUP_INET4_CONNECT)));
    assertEquals(
        List.of(),
        Checker.check(
            RedirectPrograms.connect6(TABLE), at(options, AttachType.CGROUP_INET6_CONNECT)));
  }

  private static CheckOptions at(CheckOptions options, AttachType attachType) {
    return new CheckOptions(
        Optional.of(ProgramType.CGROUP_SOCK_ADDR),
        Optional.of(attachType),
        options.license(),
        options.maps(),
        options.off());
  }
}
