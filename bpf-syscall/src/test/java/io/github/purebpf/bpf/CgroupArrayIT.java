package io.github.purebpf.bpf;

import static io.github.purebpf.insn.Reg.R1;
import static io.github.purebpf.insn.Reg.R2;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.testkit.Bpftool;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import io.github.purebpf.testkit.ScratchCgroup;
import io.github.purebpf.uapi.Helper;
import io.github.purebpf.uapi.ProgramType;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;

@RequiresKernel
@NoLeakedFds
class CgroupArrayIT {
  private static final MapRef NAME = new MapRef("it_cgroups");

  /** Whether this thread is in cgroup 1: 0, 1 or a negated errno. */
  private static final ProgramSpec INSIDE =
      new ProgramSpec(
          "inside",
          ProgramType.SCHED_CLS,
          Optional.empty(),
          BpfCode.build(
              b -> b.lddw(R1, NAME).mov(R2, 1).call(Helper.CURRENT_TASK_UNDER_CGROUP).exit()),
          "GPL",
          0);

  private static int run(BpfProgram program) {
    return program.testRun(TestRun.skb(new byte[64])).returnValue();
  }

  @Test
  void aProgramAsksWhetherATaskIsInside() throws Exception {
    try (var cgroup = ScratchCgroup.create();
        var array = CgroupArray.create(NAME, 2);
        var program = BpfProgram.load(INSIDE, array)) {
      var absent = run(program);
      assertTrue(absent < 0, "no cgroup yet: " + absent);
      array.put(1, cgroup.path());
      assertEquals(0, run(program));
      // The root of the hierarchy: nothing is attached there, it is only asked about.
      array.put(1, Cgroup2.mount());
      assertEquals(1, run(program));
      assertTrue(array.remove(1));
      assertFalse(array.remove(1));
      assertEquals(absent, run(program));
    }
  }

  @Test
  void whatIsNoCgroupIsRefused() throws Exception {
    try (var cgroup = ScratchCgroup.create();
        var array = CgroupArray.create(NAME, 2)) {
      assertThrows(NotCgroup2Exception.class, () -> array.put(0, Path.of("/tmp")));
      assertThrows(NotCgroup2Exception.class, () -> array.put(0, Path.of("/absent")));
      var e = assertThrows(KernelErrorException.class, () -> array.put(2, cgroup.path()));
      assertTrue(e.getMessage().endsWith("outside 0 to 1"), e.getMessage());
    }
  }

  @Test
  void othersSeeItAndItIsOpenedFromItsPin() throws Exception {
    try (var fs = BpfFs.mountDetached();
        var cgroup = ScratchCgroup.create();
        var array = CgroupArray.create(NAME, 2)) {
      var shown = Bpftool.run("-j", "map", "show", "id", Integer.toString(array.id()));
      assertTrue(shown.contains("\"type\":\"cgroup_array\""), shown);
      array.pin(fs.path().resolve("cgroups"));
      try (var again = CgroupArray.openPinned(fs.path().resolve("cgroups"), NAME, 2)) {
        again.put(0, cgroup.path());
        assertTrue(array.remove(0));
      }
    }
  }
}
