package io.github.purebpf.bpf;

import static io.github.purebpf.insn.Reg.R0;
import static io.github.purebpf.insn.Reg.R1;
import static io.github.purebpf.insn.Reg.R2;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.insn.Mem;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import io.github.purebpf.testkit.ScratchCgroup;
import io.github.purebpf.uapi.AttachType;
import io.github.purebpf.uapi.Helper;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

@RequiresKernel
@NoLeakedFds
class CgroupAttachStorageIT {
  private static final MapRef NAME = new MapRef("it_attached");
  private static final int CPUS = Kernel.running().possibleCpus().size();

  /** Counts connects in the storage of its attachment. */
  private static final BpfCode COUNT =
      BpfCode.build(
          b ->
              b.lddw(R1, NAME)
                  .mov(R2, 0)
                  .call(Helper.GET_LOCAL_STORAGE)
                  .mov(R1, 1)
                  .atomicAddDw(new Mem(R0, 0), R1)
                  .returning(1));

  private static void connect(ScratchCgroup cgroup) throws Exception {
    var process =
        cgroup.exec(List.of("bash", "-c", "exec 3<>/dev/tcp/127.77.0.1/9 2>/dev/null; exit 0"));
    process.getInputStream().readAllBytes();
    process.waitFor();
  }

  @Test
  void anAttachmentHasAValueAsLongAsTheCgroupIs() throws Exception {
    try (var storage = CgroupAttachStorage.create(NAME, Codec.s64());
        var program = BpfProgram.load(ProgramSpec.connect4("count", COUNT), storage);
        var cgroup = ScratchCgroup.create()) {
      var key = CgroupAttachStorage.Key.of(cgroup.path(), AttachType.CGROUP_INET4_CONNECT);
      assertEquals(Optional.empty(), storage.get(key));
      assertFalse(storage.replace(key, 1L));
      try (var _ = program.attachToCgroup(cgroup.path())) {
        assertEquals(Optional.of(0L), storage.get(key));
        connect(cgroup);
        assertEquals(Optional.of(1L), storage.get(key));
        assertTrue(storage.replace(key, 40L));
        connect(cgroup);
        assertEquals(Optional.of(41L), storage.get(key));
        assertEquals(Set.of(key), storage.keys());
      }
    }
  }

  @Test
  void anAttachmentHasAValueOnEachCpu() throws Exception {
    try (var storage = CgroupAttachStorage.createPerCpu(NAME, Codec.s64());
        var program = BpfProgram.load(ProgramSpec.connect4("count", COUNT), storage);
        var cgroup = ScratchCgroup.create();
        var _ = program.attachToCgroup(cgroup.path())) {
      var key = CgroupAttachStorage.Key.of(cgroup.path(), AttachType.CGROUP_INET4_CONNECT);
      assertEquals(Optional.of(Collections.nCopies(CPUS, 0L)), storage.get(key));
      connect(cgroup);
      connect(cgroup);
      var counts = storage.get(key).orElseThrow();
      assertEquals(CPUS, counts.size());
      assertEquals(2, counts.stream().mapToLong(n -> n).sum());
      assertTrue(storage.replace(key, Collections.nCopies(CPUS, 7L)));
      assertEquals(Optional.of(Collections.nCopies(CPUS, 7L)), storage.get(key));
    }
  }

  @Test
  void theyAreOpenedFromTheirPins() {
    try (var fs = BpfFs.mountDetached();
        var one = CgroupAttachStorage.create(NAME, Codec.s64());
        var perCpu = CgroupAttachStorage.createPerCpu(NAME, Codec.s64())) {
      var pin = fs.path().resolve("one");
      var pinPerCpu = fs.path().resolve("perCpu");
      one.pin(pin);
      perCpu.pin(pinPerCpu);
      try (var again = CgroupAttachStorage.openPinned(pin, NAME, Codec.s64());
          var againPerCpu = CgroupAttachStorage.openPinnedPerCpu(pinPerCpu, NAME, Codec.s64())) {
        assertEquals(one.id(), again.id());
        assertEquals(perCpu.id(), againPerCpu.id());
      }
      assertThrows(
          IllegalArgumentException.class,
          () -> CgroupAttachStorage.openPinned(pinPerCpu, NAME, Codec.s64()));
    }
  }

  @Test
  void aDirectoryThatIsNoCgroupIsRefused() {
    assertThrows(
        NotCgroup2Exception.class,
        () -> CgroupAttachStorage.Key.of(Path.of("/proc"), AttachType.CGROUP_INET4_CONNECT));
  }
}
