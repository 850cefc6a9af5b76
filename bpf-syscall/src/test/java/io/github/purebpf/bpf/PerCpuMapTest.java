package io.github.purebpf.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.purebpf.bpf.internal.sys.Attr;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.CpuList;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.insn.KernelVersion;
import io.github.purebpf.insn.MapRef;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PerCpuMapTest {
  private static final MapSpec<Integer, Integer> SPEC =
      MapSpec.perCpuHash(new MapRef("counts"), Codec.u32(), Codec.u32(), 16);

  private final FakeKernel kernel = new FakeKernel();

  @Test
  void thereIsAValueForEachPossibleCpuNotForEachNumber() {
    kernel.possibleCpus = CpuList.parse("0-1,6");
    var map = PerCpuMap.create(kernel, SPEC);
    assertEquals(List.of(0, 1, 6), map.cpus());
    assertEquals(4, kernel.calls(Cmd.MAP_CREATE).getFirst().u32(Attr.MapCreate.VALUE_SIZE));
    map.put(1, List.of(10, 11, 16));
    var call = kernel.calls(Cmd.MAP_UPDATE_ELEM).getFirst();
    var value = FakeKernel.at(call.u64(Attr.MapElem.VALUE), 24);
    for (int i = 0; i < 3; i++) {
      assertEquals(List.of(10, 11, 16).get(i), value.get(ValueLayout.JAVA_INT, 8L * i));
      assertEquals(0, value.get(ValueLayout.JAVA_INT, 8L * i + 4));
    }
    map.close(); // only now may its memory go
  }

  @Test
  void oneCpuIsInTheUpperHalfOfTheFlags() {
    kernel.possibleCpus = CpuList.parse("0-1,6");
    kernel.release = new KernelVersion(7, 0);
    var map = PerCpuMap.create(kernel, SPEC);
    map.putOn(6, 1, 77);
    var call = kernel.calls(Cmd.MAP_UPDATE_ELEM).getFirst();
    assertEquals(6L << 32 | 8, call.u64(Attr.MapElem.FLAGS));
    kernel.answer =
        (_, attr) -> {
          FakeKernel.at(attr.bytes().get(ValueLayout.JAVA_LONG, Attr.MapElem.VALUE), 4)
              .set(ValueLayout.JAVA_INT, 0, 78);
          return 0;
        };
    assertEquals(Optional.of(78), map.getOn(6, 1));
    assertEquals(
        6L << 32 | 8, kernel.calls(Cmd.MAP_LOOKUP_ELEM).getFirst().u64(Attr.MapElem.FLAGS));
    kernel.answer = (_, _) -> -Errno.ENOENT;
    assertEquals(Optional.empty(), map.getOn(0, 1));
  }

  @Test
  void aCpuThatIsNotPossibleIsRefused() {
    kernel.possibleCpus = CpuList.parse("0-1,6");
    var map = PerCpuMap.create(kernel, SPEC);
    var e = assertThrows(IllegalArgumentException.class, () -> map.putOn(2, 1, 77));
    assertEquals("CPU 2 for map counts; possible are [0, 1, 6]", e.getMessage());
    assertThrows(IllegalArgumentException.class, () -> map.getOn(-1, 1));
  }

  @Test
  void onlyIntegersHaveASum() {
    var spec = MapSpec.perCpuHash(new MapRef("bytes"), Codec.u32(), Codec.bytes(3), 1);
    var map = PerCpuMap.create(kernel, spec);
    assertThrows(IllegalStateException.class, () -> map.sum(1));
  }
}
