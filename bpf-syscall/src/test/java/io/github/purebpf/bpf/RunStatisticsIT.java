package io.github.purebpf.bpf;

import static io.github.purebpf.insn.Reg.R0;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.testkit.Bpftool;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import io.github.purebpf.uapi.ProgramType;
import java.util.Optional;
import org.junit.jupiter.api.Test;

@RequiresKernel
@NoLeakedFds
class RunStatisticsIT {
  private static BpfProgram program() {
    var code = BpfCode.build(b -> b.mov(R0, 1).add(R0, 1).exit());
    return BpfProgram.load(
        new ProgramSpec("it_statistics", ProgramType.SCHED_CLS, Optional.empty(), code, "", 0));
  }

  @Test
  void everyRunIsCounted() {
    var run = TestRun.skb(new byte[64]);
    try (var program = program();
        var _ = RunStatistics.enable()) {
      program.testRun(run);
      program.testRun(run.repeated(99));
      var statistics = program.statistics();
      assertEquals(100, statistics.runs());
      assertTrue(statistics.nanos() > 0, statistics.toString());
      assertEquals(statistics.nanos() / 100, statistics.meanNanos());
      assertEquals(0, statistics.recursionMisses());
      var shown = Bpftool.run("-j", "prog", "show", "id", Integer.toString(program.id()));
      assertTrue(shown.contains("\"run_cnt\":100"), shown);
    }
  }

  @Test
  void whatTheVerifierDidIsAlwaysCounted() {
    try (var program = program()) {
      assertEquals(3, program.statistics().verifiedInsns());
      assertEquals(0, program.statistics().meanNanos());
    }
  }

  @Test
  void countingGoesOnUntilTheLastOneIsClosed() {
    var run = TestRun.skb(new byte[64]);
    try (var program = program();
        var _ = RunStatistics.enable()) {
      RunStatistics.enable().close();
      program.testRun(run);
      assertEquals(1, program.statistics().runs());
    }
  }
}
