package io.github.purebpf.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.insn.HelperCall;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Pasted logs and dumps. */
class KernelLogTest {
  private static final BpfCode CODE =
      AsmText.parse(
          """
          r6 = r1
          r1 = 5 ll
          if r1 > -1 goto +1
          call 5
          r0 = 1
          exit
          """,
          "code",
          Dialect.LLVM);

  @Test
  void theListingOfTheVerifier() {
    assertEquals(
        CODE,
        parse(
            """
            Live regs before insn:
                  0: .1........ (bf) r6 = r1
                  1: ......6... (18) r1 = 0x5
                  3: .1........ (25) if r1 > 0xffffffff goto pc+1
                  4: .......... (85) call bpf_ktime_get_ns#5
                  5: .......... (b7) r0 = 1
                  6: 0......... (95) exit
            processed 6 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0
            """));
  }

  @Test
  void theLogOfAProgramWithoutBranchesNotTaken() {
    assertEquals(
        CODE,
        parse(
            """
            -- BEGIN PROG LOAD LOG --
            func#0 @0
            0: R1=ctx() R10=fp0
            ; r6 = r1 @ demo.bpf:1
            0: (bf) r6 = r1                       ; R1=ctx() R6_w=ctx()
            1: (18) r1 = 0x5                      ; R1_w=5
            3: (25) if r1 > 0xffffffff goto pc+1  ; R1_w=5
            4: (85) call bpf_ktime_get_ns#5       ; R0_w=scalar()
            5: (b7) r0 = 1                        ; R0_w=1
            6: (95) exit
            processed 6 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0
            """));
  }

  @Test
  void theDumpOfBpftool() {
    var code =
        parse(
            """
            int sock4_connect(struct bpf_sock_addr * ctx):
            ; int sock4_connect(struct bpf_sock_addr *ctx)
               0: (18) r1 = map[id:17]
               2: (18) r2 = map[id:18][0]+8
               4: (85) call pc+2#bpf_prog_6deef7357e7b4530_add
               5: (18) r3 = subprog[+1]
            void add():
               7: (95) exit
            """);
    assertEquals(
        """
        \tr1 = map[id.17]
        \tr2 = map[id.18][0]+8
        \tcall f7
        \tr3 = subprog[f7]
        f7:
        \texit
        """,
        AsmText.print(code, Dialect.KERNEL));
  }

  /** The kernel replaces the numbers of helpers by addresses. */
  @Test
  void theDumpOfALoadedProgramCallsHelpersByName() {
    var code = parse("3: (85) call bpf_ktime_get_ns#269488\n4: (85) call bpf_loop#-17\n");
    assertEquals(List.of(new HelperCall(5), new HelperCall(181)), code.insns());
    for (var text : List.of("3: (85) call bpf_ktime_get_ns#181", "call bpf_ktime_get_ns#269488")) {
      assertThrows(TextException.class, () -> parse(text));
    }
  }

  /** What the verifier walks through is not the program: branches make it jump and repeat. */
  @Test
  void aLogThatJumpsIsRefused() {
    var e =
        assertThrows(
            TextException.class,
            () -> parse("0: (b7) r0 = 1\n1: (15) if r0 == 0x1 goto pc+1\n3: (95) exit\n"));
    assertEquals(1, e.errors().size());
    assertTrue(e.first().toString().startsWith("log:3:1: expected slot 2, found 3"));
  }

  @Test
  void anInstructionThatIsNotItsOpcodeIsRefused() {
    var e = assertThrows(TextException.class, () -> parse("0: (bc) r0 = r1\n"));
    assertEquals("its opcode is bf, the listing says bc", e.first().problem());
  }

  @Test
  void aPartOfAListingMayBeginAnywhere() {
    assertEquals(2, parse("17: (b7) r0 = 0\n18: (95) exit").slots());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "store_release((u8 *)(r1 +0), r2):",
        "r1 = *(u8 *)(r1 +0):",
        "processed",
        "0: r1 = 5"
      })
  void whatLooksLikeALogOnlyFromAfarIsNotPassedOver(String line) {
    assertThrows(TextException.class, () -> parse(line));
  }

  private static BpfCode parse(String text) {
    return AsmText.parse(text, "log", Dialect.KERNEL);
  }
}
