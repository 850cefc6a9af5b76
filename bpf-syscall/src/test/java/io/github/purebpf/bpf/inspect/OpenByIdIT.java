package io.github.purebpf.bpf.inspect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.bpf.BpfMap;
import io.github.purebpf.bpf.BpfProgram;
import io.github.purebpf.bpf.Codec;
import io.github.purebpf.bpf.MapSpec;
import io.github.purebpf.bpf.ProgramSpec;
import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import io.github.purebpf.uapi.AttachType;
import io.github.purebpf.uapi.ProgramType;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Objects that others hold, opened by the number that the kernel knows them by. */
@RequiresKernel
@NoLeakedFds
class OpenByIdIT {
  private static final MapSpec<Integer, Long> SPEC =
      MapSpec.hash(new MapRef("it_byid"), Codec.u32(), Codec.s64(), 8);

  private static final Optional<AttachType> CONNECT4 = Optional.of(AttachType.CGROUP_INET4_CONNECT);

  @Test
  void aMapIsTheSameForBoth() {
    try (var map = BpfMap.create(SPEC);
        var again = BpfMap.openById(map.id(), SPEC)) {
      map.put(1, 2L);
      assertEquals(Optional.of(2L), again.get(1));
      assertEquals(map.id(), again.id());
    }
  }

  @Test
  void aMapOfAnotherShapeIsRefused() {
    try (var map = BpfMap.create(SPEC)) {
      int id = map.id();
      var other = MapSpec.hash(new MapRef("it_byid"), Codec.u32(), Codec.u32(), 8);
      var e = assertThrows(IllegalArgumentException.class, () -> BpfMap.openById(id, other));
      assertEquals(
          "the map with id %d is not the map it_byid asked for: its values have 8 bytes, not 4; ask for what it is"
              .formatted(id),
          e.getMessage());
    }
  }

  @Test
  void aProgramIsTheSameForBoth() {
    var spec = ProgramSpec.connect4("it_byid", BpfCode.build(b -> b.returning(1)));
    try (var program = BpfProgram.load(spec);
        var again = BpfProgram.openById(program.id(), ProgramType.CGROUP_SOCK_ADDR, CONNECT4)) {
      assertEquals(program.id(), again.id());
      assertEquals(CONNECT4, again.attachType());
      int id = program.id();
      var e =
          assertThrows(
              IllegalArgumentException.class,
              () -> BpfProgram.openById(id, ProgramType.XDP, Optional.empty()));
      assertEquals(
          "the program with id %d is a BPF_PROG_TYPE_CGROUP_SOCK_ADDR, not a BPF_PROG_TYPE_XDP"
              .formatted(id),
          e.getMessage());
    }
  }

  @Test
  void whatIsGoneIsSaidToBeGone() {
    int id;
    try (var map = BpfMap.create(SPEC)) {
      id = map.id();
    }
    var e = assertThrows(KernelErrorException.class, () -> BpfMap.openById(id, SPEC));
    assertEquals("ENOENT", e.errnoName());
    assertTrue(e.getMessage().contains("there is no such map, or no longer"), e.getMessage());
  }
}
