package io.github.purebpf.elf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.purebpf.asm.MapShape;
import io.github.purebpf.btf.Btf;
import io.github.purebpf.btf.BtfType;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.layout.Struct;
import io.github.purebpf.uapi.MapType;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MapSectionTest {
  private static final MapRef NAME = new MapRef("m");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "HASH         | 4 | 8  | 10 | 1 | type=1 key=__u32 value=__u64 max_entries=10 map_flags=1",
        "ARRAY        | 4 | 2  | 1  | 0 | type=2 key=__u32 value=__u16 max_entries=1",
        "LRU_HASH     | 6 | 12 | 9  | 0 | type=9 key=__u8[6] value=__u8[12] max_entries=9",
        "LPM_TRIE     | 8 | 1  | 9  | 1 | type=11 key={prefixlen:__u32 data:__u32} value=__u8 max_entries=9 map_flags=1",
        "SK_STORAGE   | 4 | 12 | 0  | 1 | type=24 key=__u32 value=__u8[12] max_entries=0 map_flags=1",
        "RINGBUF      | 0 | 0  | 4096 | 0 | type=27 max_entries=4096",
        "QUEUE        | 0 | 8  | 7  | 0 | type=22 value_size=8 max_entries=7",
        "PERF_EVENT_ARRAY | 4 | 4 | 2 | 0 | type=4 key_size=4 value_size=4 max_entries=2",
      })
  void aStructDefinesAMap(
      MapType type, int key, int value, int entries, int flags, String expected) {
    var map = ObjectMap.of(NAME, new MapShape(type, key, value, entries, flags));
    assertEquals(expected, definition(map));
  }

  @Test
  void recordsBecomeStructs() {
    assertEquals(
        "type=1 key={ip:__be32} value={ip:__be32} max_entries=65536 map_flags=1",
        definition(ObjectFixtures.services()));
  }

  @Test
  void mapsFollowEachOtherInOneSection() {
    var one = ObjectMap.of(NAME, MapShape.of(MapType.RINGBUF, 0, 0, 4096));
    var elf = new ElfReader(object(one, ObjectFixtures.services()));
    assertEquals(16 + 40, elf.section(".maps").size());
    var section = Btf.parse(elf.bytes(".BTF")).byName(".maps", BtfType.DataSec.class).orElseThrow();
    assertEquals(16 + 40, section.size());
    assertEquals(
        List.of("0+16", "16+40"),
        section.vars().stream().map(v -> v.offset() + "+" + v.size()).toList());
  }

  @Test
  void refusesWhatItCannotDescribe() {
    var shape = MapShape.of(MapType.HASH, 4, 8, 1);
    var address = Optional.<Struct<?>>of(Struct.of(ObjectFixtures.Address.class));
    var e =
        assertThrows(
            IllegalArgumentException.class, () -> new ObjectMap(NAME, shape, address, address));
    assertEquals("map m: its value has 8 bytes, struct Address (4 bytes) has 4", e.getMessage());
    assertThrows(
        IllegalArgumentException.class,
        () -> ObjectMap.of(NAME, MapShape.of(MapType.HASH_OF_MAPS, 4, 4, 1)));
    assertThrows(
        IllegalArgumentException.class,
        () -> ObjectMap.of(NAME, MapShape.of(MapType.HASH, 4, 4, -1)));
  }

  private static byte[] object(ObjectMap... maps) {
    var program = ObjectFixtures.program("p", "xdp", "r0 = 1\nexit");
    return new BpfObject(List.of(program), List.of(maps), "GPL").toElf(ByteOrder.BIG_ENDIAN);
  }

  private static String definition(ObjectMap map) {
    var ext = new ExtReader(new ElfReader(object(map)));
    return ext.definition(map.name().name()).members().stream()
        .map(member -> member.name() + "=" + shown(ext.btf(), pointee(ext.btf(), member.type())))
        .collect(Collectors.joining(" "))
        .replaceAll("(type|max_entries|map_flags|key_size|value_size)=int\\[(\\d+)]", "$1=$2");
  }

  private static BtfType pointee(Btf btf, int pointer) {
    return btf.type(((BtfType.Ptr) btf.type(pointer)).type());
  }

  private static String shown(Btf btf, BtfType type) {
    return switch (type) {
      case BtfType.Array array ->
          shown(btf, btf.type(array.elementType())) + "[" + array.length() + "]";
      case BtfType.Struct struct ->
          struct.members().stream()
              .map(member -> member.name() + ":" + shown(btf, btf.type(member.type())))
              .collect(Collectors.joining(" ", "{", "}"));
      default -> type.name();
    };
  }
}
