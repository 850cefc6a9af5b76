package io.github.purebpf.bpf;

import static io.github.purebpf.insn.Reg.R0;
import static io.github.purebpf.insn.Reg.R1;
import static io.github.purebpf.insn.Reg.R2;
import static io.github.purebpf.insn.Reg.R6;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.bpf.error.VerifierException;
import io.github.purebpf.insn.Cond;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.layout.Struct;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import io.github.purebpf.uapi.MapFlags;
import io.github.purebpf.uapi.ProgramType;
import java.lang.invoke.MethodHandles;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Global variables of programs: the fields of the one record of an array, read and written. */
@RequiresKernel
@NoLeakedFds
class GlobalsIT {
  private static final MapRef DATA = new MapRef("data");
  private static final MapRef CONSTANTS = new MapRef("rodata");
  private static final TestRun<?> RUN = TestRun.skb(new byte[64]);

  /**
   * Variables.
   *
   * @param limit set by Java
   * @param runs counted by the program
   * @param total of the lengths that are not above the limit
   */
  record Data(int limit, int runs, long total) {}

  /**
   * Constants.
   *
   * @param answer what the program returns
   * @param debug whether it does what the verifier would never let it do
   */
  record Constants(int answer, int debug) {}

  private static final Struct<Data> LAYOUT = Struct.of(Data.class);
  private static final Struct<Constants> CONSTANT_LAYOUT = Struct.of(Constants.class);

  private static BpfMap<Integer, Data> data() {
    return BpfMap.create(MapSpec.array(DATA, Codec.of(LAYOUT, MethodHandles.lookup()), 1));
  }

  private static BpfMap<Integer, Constants> constants() {
    var codec = Codec.of(CONSTANT_LAYOUT, MethodHandles.lookup());
    return BpfMap.create(MapSpec.array(CONSTANTS, codec, 1).withFlags(MapFlags.RDONLY_PROG));
  }

  private static ProgramSpec spec(BpfCode code) {
    return new ProgramSpec("it_globals", ProgramType.SCHED_CLS, Optional.empty(), code, "GPL", 0);
  }

  /** Returns the number of runs so far. */
  private static final BpfCode COUNTING =
      BpfCode.build(
          b -> {
            b.ldxw(R6, R1.at(0)); // the length of the packet
            b.addressOfGlobal(R1, DATA, LAYOUT.field("runs").offset())
                .ldxw(R0, R1.at(0))
                .add(R0, 1)
                .stxw(R1.at(0), R0)
                .addressOfGlobal(R1, DATA, 0);
            var at = LAYOUT.at(R1);
            b.load(R2, at.get(LAYOUT.field("limit")))
                .ifThen(
                    R6,
                    Cond.ULE,
                    R2,
                    in ->
                        in.load(R2, at.get(LAYOUT.field("total")))
                            .add(R2, R6)
                            .stxdw(at.get(LAYOUT.field("total")), R2))
                .exit();
          });

  @Test
  void variablesAreKeptFromRunToRunAndSharedWithJava() {
    try (var data = data();
        var program = BpfProgram.load(spec(COUNTING), data)) {
      data.put(0, new Data(100, 0, 0));
      assertEquals(1, program.testRun(RUN).returnValue());
      assertEquals(2, program.testRun(TestRun.skb(new byte[101])).returnValue());
      assertEquals(3, program.testRun(RUN).returnValue());
      assertEquals(new Data(100, 3, 128), data.get(0).orElseThrow());
      data.put(0, new Data(63, 40, 0));
      assertEquals(41, program.testRun(RUN).returnValue());
      assertEquals(new Data(63, 41, 0), data.get(0).orElseThrow());
    }
  }

  @Test
  void twoProgramsShareTheirVariables() {
    try (var data = data();
        var first = BpfProgram.load(spec(COUNTING), data);
        var second = BpfProgram.load(spec(COUNTING), data)) {
      assertEquals(1, first.testRun(RUN).returnValue());
      assertEquals(2, second.testRun(RUN).returnValue());
    }
  }

  /** Where it is not for debugging, the verifier sees that the wrong access is never made. */
  private static final BpfCode CONFIGURED =
      BpfCode.build(
          b -> {
            var at = CONSTANT_LAYOUT.at(R6);
            b.addressOfGlobal(R6, CONSTANTS, 0)
                .load(R1, at.get(CONSTANT_LAYOUT.field("debug")))
                .ifThen(R1, Cond.NE, 0, in -> in.mov(R2, 0).ldxdw(R2, R2.at(0)))
                .load(R0, at.get(CONSTANT_LAYOUT.field("answer")))
                .exit();
          });

  @Test
  void constantsOfAFrozenArrayAreKnownToTheVerifier() {
    try (var constants = constants()) {
      constants.put(0, new Constants(42, 0));
      var open =
          assertThrows(VerifierException.class, () -> BpfProgram.load(spec(CONFIGURED), constants));
      assertTrue(open.summary().contains("R2 invalid mem access"), open.summary());
      constants.freeze();
      try (var program = BpfProgram.load(spec(CONFIGURED), constants)) {
        assertEquals(42, program.testRun(RUN).returnValue());
      }
    }
  }

  @Test
  void constantsThatLeadToAMistakeAreRejected() {
    try (var constants = constants()) {
      constants.put(0, new Constants(42, 1));
      constants.freeze();
      assertThrows(VerifierException.class, () -> BpfProgram.load(spec(CONFIGURED), constants));
    }
  }

  @Test
  void aProgramMayNotWriteToConstants() {
    var writing =
        BpfCode.build(b -> b.addressOfGlobal(R1, CONSTANTS, 0).stw(R1.at(0), 1).returning(0));
    try (var constants = constants()) {
      var e =
          assertThrows(VerifierException.class, () -> BpfProgram.load(spec(writing), constants));
      assertTrue(e.summary().contains("write into map forbidden"), e.summary());
    }
  }
}
