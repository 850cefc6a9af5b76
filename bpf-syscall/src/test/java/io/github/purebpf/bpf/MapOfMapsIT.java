package io.github.purebpf.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.testkit.Bpftool;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import io.github.purebpf.uapi.MapFlags;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

@RequiresKernel
@NoLeakedFds
class MapOfMapsIT {
  private static final MapRef NAME = new MapRef("it_outer");
  private static final MapSpec<Integer, Long> INNER =
      MapSpec.hash(new MapRef("it_inner"), Codec.u32(), Codec.s64(), 4);

  @Test
  void whatIsPutInByDescriptorIsFoundById() {
    try (var inner = BpfMap.create(INNER);
        var array = ArrayOfMaps.create(NAME, inner, 2);
        var hash = HashOfMaps.create(NAME, Codec.s64(), inner, 2)) {
      assertEquals(OptionalInt.empty(), array.id(0));
      assertEquals(OptionalInt.empty(), hash.id(7L));
      array.put(0, inner);
      hash.put(7L, inner);
      assertEquals(OptionalInt.of(inner.id()), array.id(0));
      assertEquals(OptionalInt.of(inner.id()), hash.id(7L));
      assertEquals(OptionalInt.empty(), array.id(1));
      assertTrue(array.remove(0));
      assertFalse(array.remove(0));
      assertTrue(hash.remove(7L));
      assertFalse(hash.remove(7L));
      assertEquals(OptionalInt.empty(), array.id(0));
      assertEquals(OptionalInt.empty(), hash.id(7L));
    }
  }

  @Test
  void aMapInsideOutlivesItsDescriptorAndIsOpenedAgain() {
    try (var template = BpfMap.create(INNER);
        var array = ArrayOfMaps.create(NAME, template, 2);
        var hash = HashOfMaps.create(NAME, Codec.s64(), template, 2)) {
      try (var inner = BpfMap.create(INNER)) {
        inner.put(1, 11L);
        array.put(1, inner);
        hash.put(-1L, inner);
      }
      try (var again = array.open(1, INNER).orElseThrow();
          var too = hash.open(-1L, INNER).orElseThrow()) {
        assertEquals(Optional.of(11L), again.get(1));
        again.put(2, 22L);
        assertEquals(Optional.of(22L), too.get(2));
      }
      assertEquals(Optional.empty(), array.open(0, INNER));
      var other = MapSpec.hash(new MapRef("other"), Codec.u32(), Codec.u32(), 4);
      var e = assertThrows(IllegalArgumentException.class, () -> array.open(1, other));
      assertTrue(e.getMessage().contains("its values have 8 bytes, not 4"), e.getMessage());
    }
  }

  @Test
  void mapsUnlikeTheTemplateAreRefused() {
    var spec = MapSpec.hash(new MapRef("other"), Codec.u32(), Codec.u32(), 4);
    try (var template = BpfMap.create(INNER);
        var other = BpfMap.create(spec);
        var array = ArrayOfMaps.create(NAME, template, 2)) {
      var e = assertThrows(KernelErrorException.class, () -> array.put(0, other));
      assertTrue(
          e.getMessage()
              .endsWith("the map differs from the template in type, sizes, flags or" + " entries"),
          e.getMessage());
      var outside = assertThrows(KernelErrorException.class, () -> array.put(2, template));
      assertEquals("E2BIG", outside.errnoName());
    }
  }

  @Test
  void arraysOfAnyLengthGoInIfTheTemplateSaysSo() {
    var three = MapSpec.array(new MapRef("three"), Codec.s64(), 3).withFlags(MapFlags.INNER_MAP);
    var nine = MapSpec.array(new MapRef("nine"), Codec.s64(), 9).withFlags(MapFlags.INNER_MAP);
    try (var template = BpfMap.create(three);
        var longer = BpfMap.create(nine);
        var array = ArrayOfMaps.create(NAME, template, 1)) {
      array.put(0, longer);
      assertEquals(OptionalInt.of(longer.id()), array.id(0));
    }
  }

  @Test
  void mapsOfMapsAreNotNestedTwice() {
    try (var template = BpfMap.create(INNER);
        var array = ArrayOfMaps.create(NAME, template, 1)) {
      var e = assertThrows(KernelErrorException.class, () -> ArrayOfMaps.create(NAME, array, 1));
      assertTrue(e.getMessage().contains("cannot be inside"), e.getMessage());
    }
  }

  @Test
  void othersSeeTheIdsOfTheMapsInside() {
    try (var inner = BpfMap.create(INNER);
        var hash = HashOfMaps.create(NAME, Codec.u32(), inner, 2)) {
      hash.put(1, inner);
      var id = Integer.toString(hash.id());
      var shown = Bpftool.run("-j", "map", "show", "id", id);
      assertTrue(shown.contains("\"type\":\"hash_of_maps\""), shown);
      var dump = Bpftool.run("map", "dump", "id", id);
      var little = Integer.reverseBytes(inner.id());
      var bytes =
          HexFormat.ofDelimiter(" ").formatHex(ByteBuffer.allocate(4).putInt(little).array());
      assertTrue(dump.contains("key: 01 00 00 00  value: " + bytes), dump);
      var other = Integer.toString(inner.id());
      Bpftool.run("map", "update", "id", id, "key", "9", "0", "0", "0", "value", "id", other);
      assertEquals(OptionalInt.of(inner.id()), hash.id(9));
    }
  }

  @Test
  void pinnedOnesAreOpened() {
    try (var fs = BpfFs.mountDetached();
        var inner = BpfMap.create(INNER);
        var array = ArrayOfMaps.create(NAME, inner, 2);
        var hash = HashOfMaps.create(NAME, Codec.s64(), inner, 2)) {
      array.pin(fs.path().resolve("array"));
      hash.pin(fs.path().resolve("hash"));
      array.put(1, inner);
      hash.put(1L, inner);
      try (var again = ArrayOfMaps.openPinned(fs.path().resolve("array"), NAME, 2);
          var too = HashOfMaps.openPinned(fs.path().resolve("hash"), NAME, Codec.s64(), 2)) {
        assertEquals(OptionalInt.of(inner.id()), again.id(1));
        assertEquals(OptionalInt.of(inner.id()), too.id(1L));
      }
    }
  }
}
