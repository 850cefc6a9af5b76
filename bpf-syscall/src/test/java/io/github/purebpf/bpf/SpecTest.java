package io.github.purebpf.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.uapi.MapFlags;
import io.github.purebpf.uapi.MapType;
import io.github.purebpf.uapi.ProgramType;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SpecTest {
  @ParameterizedTest
  @EnumSource(
      value = MapType.class,
      names = {"PERCPU_HASH", "PERCPU_ARRAY", "LRU_PERCPU_HASH", "PERCPU_CGROUP_STORAGE"})
  void aMapWithAValueForEachCpuIsNoBpfMap(MapType type) {
    var kernel = new FakeKernel();
    var spec = new MapSpec<>(new MapRef("m"), type, Codec.u32(), Codec.u32(), 1, 0);
    var e = assertThrows(IllegalArgumentException.class, () -> BpfMap.create(kernel, spec));
    assertTrue(e.getMessage().contains("a value for each CPU; take PerCpuMap"), e.getMessage());
    var path = Path.of("/sys/fs/bpf/m");
    assertThrows(IllegalArgumentException.class, () -> BpfMap.openPinned(kernel, path, spec));
    assertEquals(List.of(), kernel.calls);
  }

  @Test
  void aMapWithOneValueIsNoPerCpuMap() {
    var kernel = new FakeKernel();
    var e =
        assertThrows(
            IllegalArgumentException.class, () -> PerCpuMap.create(kernel, Fixtures.SERVICES_SPEC));
    assertEquals(
        "map services: BPF_MAP_TYPE_HASH holds one value for each key; take BpfMap, or a type with"
            + " PERCPU",
        e.getMessage());
    assertEquals(List.of(), kernel.calls);
  }

  @Test
  void aTrieHasTheFlagItMustHaveAndAPrefixToCount() {
    var m = new MapRef("m");
    assertEquals(MapFlags.NO_PREALLOC, MapSpec.lpmTrie(m, Codec.bytes(8), Codec.u32(), 1).flags());
    for (int size : new int[] {1, 4, 261}) {
      var key = Codec.bytes(size);
      var e =
          assertThrows(
              IllegalArgumentException.class, () -> MapSpec.lpmTrie(m, key, Codec.u32(), 1));
      assertEquals(
          "map m: keys of " + size + " bytes; a prefix length takes 4 and what it counts 1 to 256",
          e.getMessage());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a-b", "sixteen_letters_", "gr\u00fcn", "a b"})
  void namesThatTheKernelRefusesAreRefused(String name) {
    assertThrows(IllegalArgumentException.class, () -> ProgramSpec.connect4(name, Fixtures.PASS));
  }

  @ParameterizedTest
  @ValueSource(strings = {"a", "fifteen_letters", "a.b_C9"})
  void namesThatTheKernelTakesAreTaken(String name) {
    assertEquals(name, ProgramSpec.connect4(name, Fixtures.PASS).name());
  }

  @Test
  void aProgramWithoutInstructionsIsRefused() {
    var nothing = BpfCode.of(List.of());
    var e = assertThrows(IllegalArgumentException.class, () -> ProgramSpec.connect4("p", nothing));
    assertEquals("program p has no instruction", e.getMessage());
  }

  @Test
  void withersChangeOneThing() {
    var map = Fixtures.SERVICES_SPEC.withFlags(1);
    assertEquals(1, map.flags());
    assertEquals(Fixtures.SERVICES_SPEC, map.withFlags(0));
    var program = ProgramSpec.connect6("p", Fixtures.PASS);
    assertEquals("GPL", program.withLicense("GPL").license());
    assertEquals(program, program.withLicense("GPL").withFlags(3).withLicense("").withFlags(0));
  }

  @Test
  void aProgramWithoutAttachTypeCannotBeAttached() {
    var kernel = new FakeKernel();
    var spec =
        new ProgramSpec("p", ProgramType.SOCKET_FILTER, Optional.empty(), Fixtures.PASS, "", 0);
    var program = BpfProgram.load(kernel, spec);
    var e = assertThrows(IllegalStateException.class, () -> program.attachToCgroup(Path.of("/")));
    assertEquals("program p was loaded without an attach type", e.getMessage());
  }
}
