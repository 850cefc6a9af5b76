package io.github.purebpf.btf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.purebpf.layout.NetworkOrder;
import io.github.purebpf.layout.Struct;
import java.nio.ByteOrder;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class CTypesTest {
  record Backend(
      @NetworkOrder int address, @NetworkOrder short port, byte weight, byte spare, long hits) {}

  record Counter$1(int total$) {}

  @Test
  void aRecordIsTheStructThatItDeclares() {
    var types = new BtfBuilder();
    int id = StructTypes.in(types, Struct.of(Backend.class));
    var btf = Btf.parse(types.build(ByteOrder.LITTLE_ENDIAN));
    var struct = (BtfType.Struct) btf.type(id);
    assertEquals("Backend", struct.name());
    assertEquals(16, struct.size());
    assertEquals(
        "__be32 address 0, __be16 port 32, __u8 weight 48, __u8 spare 56, __u64 hits 64",
        struct.members().stream()
            .map(m -> btf.type(m.type()).name() + " " + m.name() + " " + m.bitOffset())
            .collect(Collectors.joining(", ")));
  }

  @Test
  void aRecordIsAddedOnce() {
    var types = new BtfBuilder();
    int id = StructTypes.in(types, Struct.of(Backend.class));
    int next = types.nextId();
    assertEquals(id, StructTypes.in(types, Struct.of(Backend.class)));
    assertEquals(next, types.nextId());
  }

  @Test
  void javaNamesBecomeCNames() {
    var types = new BtfBuilder();
    int id = StructTypes.in(types, Struct.of(Counter$1.class));
    var struct = (BtfType.Struct) Btf.parse(types.build(ByteOrder.LITTLE_ENDIAN)).type(id);
    assertEquals("Counter_1", struct.name());
    assertEquals("total_", struct.members().getFirst().name());
  }

  @ParameterizedTest
  @EnumSource
  void aTypedefEndsInAnIntegerOfItsSize(CInt type) {
    var types = new BtfBuilder();
    int id = type.in(types);
    var btf = Btf.parse(types.build(ByteOrder.LITTLE_ENDIAN));
    assertEquals("__" + type.name().toLowerCase(java.util.Locale.ROOT), btf.type(id).name());
    int bits = Integer.parseInt(type.name().replaceAll("\\D", ""));
    assertEquals(bits, btf.sizeOf(id) * 8);
    assertEquals(bits, ((BtfType.Int) btf.resolve(id)).bits());
  }

  @Test
  void networkOrderIsATypedefOfTheUnsigned() {
    var types = new BtfBuilder();
    int id = CInt.networkOrder(2).in(types);
    var btf = Btf.parse(types.build(ByteOrder.LITTLE_ENDIAN));
    assertEquals("__u16", btf.type(((BtfType.Typedef) btf.type(id)).type()).name());
    assertEquals(CInt.U8, CInt.networkOrder(1));
    assertThrows(IllegalArgumentException.class, () -> CInt.unsigned(3));
  }

  @ParameterizedTest
  @CsvSource({
    "größe, gr__e",
    "main, main",
    "a.b, a_b",
    "1st, _1st",
    "a-b c, a_b_c",
    "Outer$Inner, Outer_Inner",
    "_x9, _x9"
  })
  void everyOtherCharacterBecomesAnUnderscore(String name, String mangled) {
    assertEquals(mangled, CName.of(name));
  }

  @Test
  void namesHaveALength() {
    assertEquals("x".repeat(127), CName.of("x".repeat(200)));
    assertThrows(IllegalArgumentException.class, () -> CName.of(""));
  }
}
