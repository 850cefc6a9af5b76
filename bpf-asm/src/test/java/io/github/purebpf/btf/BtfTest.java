package io.github.purebpf.btf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.btf.BtfType.Enumerator;
import io.github.purebpf.btf.BtfType.IntEncoding;
import io.github.purebpf.btf.BtfType.Linkage;
import io.github.purebpf.btf.BtfType.Member;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BtfTest {
  private static final List<BtfType> EVERY_KIND =
      List.of(
          new BtfType.VoidType(),
          new BtfType.Int("int", 4, 32, 0, IntEncoding.SIGNED),
          new BtfType.Ptr(1),
          new BtfType.Array(1, 1, 7),
          new BtfType.Struct(
              "point", 8, List.of(new Member("x", 1, 0, 0), new Member("y", 1, 32, 0))),
          new BtfType.Union(
              "either", 8, List.of(new Member("x", 1, 0, 0), new Member("y", 2, 0, 0))),
          new BtfType.Enum32(
              "color", 4, false, List.of(new Enumerator("x", 5), new Enumerator("y", 0xffffffffL))),
          new BtfType.Fwd("later", false),
          new BtfType.Typedef("number", 1),
          new BtfType.Volatile(8),
          new BtfType.Const(9),
          new BtfType.Restrict(10),
          new BtfType.Func("main", 13, Linkage.GLOBAL),
          new BtfType.FuncProto(1, List.of(new BtfType.Param("x", 1), new BtfType.Param("", 0))),
          new BtfType.Var("counter", 3, Linkage.GLOBAL),
          new BtfType.DataSec(".bss", 28, List.of(new BtfType.SectionVar(14, 0, 28))),
          new BtfType.Floating("double", 8),
          new BtfType.DeclTag("user", 4, -1, false),
          new BtfType.TypeTag("rcu", 1, false),
          new BtfType.Enum64("wide", 8, false, List.of(new Enumerator("x", 0x1_0000_0002L))));

  @ParameterizedTest
  @CsvSource({"LITTLE_ENDIAN", "BIG_ENDIAN"})
  void everyKindIsReadInEitherByteOrder(String name) {
    var order = name.equals("BIG_ENDIAN") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    var btf = Btf.parse(BtfBytes.everyKind(order));
    assertEquals(order, btf.order());
    assertEquals(EVERY_KIND, IntStream.range(0, btf.typeCount()).mapToObj(btf::type).toList());
  }

  @Test
  void flagTurnsEnumsSignedAndMembersIntoBitfields() {
    var b = BtfBytes.in(ByteOrder.LITTLE_ENDIAN);
    int x = b.string("x");
    var btf =
        Btf.parse(
            b.type("int", 1, 0, 4, 32)
                .type("e", 0x80 | 6, 1, 4, x, -3)
                .type("s", 0x80 | 4, 1, 4, x, 1, 5 << 24 | 9)
                .type("u", 0x80 | 7, 0, 0)
                .type("tag", 0x80 | 18, 0, 1)
                .build());
    assertEquals(new BtfType.Enum32("e", 4, true, List.of(new Enumerator("x", -3))), btf.type(2));
    assertEquals(new BtfType.Struct("s", 4, List.of(new Member("x", 1, 9, 5))), btf.type(3));
    assertEquals(new BtfType.Fwd("u", true), btf.type(4));
    assertEquals(new BtfType.TypeTag("tag", 1, true), btf.type(5));
  }

  @ParameterizedTest
  @CsvSource({
    "outer, a, 0",
    "outer, b, 8",
    "outer, c, 12",
    "outer, d, 8",
    "outer, in.y, 20",
    "u, y, 0"
  })
  void aMemberIsFoundAsCFindsIt(String tag, String path, int offset) {
    assertEquals(offset, nested().offsetOf(tag, path));
  }

  @ParameterizedTest
  @CsvSource({
    "none, a, there is no struct or union none",
    "outer, e, outer.e: there is no member e",
    "outer, in.z, outer.in.z: there is no member z",
    "outer, a.b, outer.a.b: what is before .b has no members",
    "outer, flag, outer.flag: flag is a bitfield",
    "outer, '', outer.: there is no member ''",
  })
  void whatIsNoMemberIsRefusedInOneLine(String tag, String path, String message) {
    var e = assertThrows(IllegalArgumentException.class, () -> nested().offsetOf(tag, path));
    assertEquals(message.replace("''", ""), e.getMessage());
  }

  /**
   * {@code struct outer { int a; union { struct { int b, c; }; int d; }; struct point in; int flag:
   * 3; }}, where the unnamed begin at 8 and in, through a typedef, at 16.
   */
  private static Btf nested() {
    var types = new BtfBuilder();
    int number = types.add(new BtfType.Int("int", 4, 32, 0, IntEncoding.SIGNED));
    int point =
        types.add(
            new BtfType.Struct(
                "point",
                8,
                List.of(new Member("x", number, 0, 0), new Member("y", number, 32, 0))));
    int alias = types.add(new BtfType.Typedef("point_t", point));
    int pair =
        types.add(
            new BtfType.Struct(
                "", 8, List.of(new Member("b", number, 0, 0), new Member("c", number, 32, 0))));
    int either =
        types.add(
            new BtfType.Union(
                "", 8, List.of(new Member("", pair, 0, 0), new Member("d", number, 0, 0))));
    types.add(
        new BtfType.Struct(
            "outer",
            28,
            List.of(
                new Member("a", number, 0, 0),
                new Member("", either, 64, 0),
                new Member("in", alias, 128, 0),
                new Member("flag", number, 192, 3))));
    types.add(
        new BtfType.Union(
            "u", 4, List.of(new Member("x", number, 0, 0), new Member("y", number, 0, 0))));
    return Btf.parse(types.build(ByteOrder.LITTLE_ENDIAN));
  }

  @Test
  void namesAreFoundBySort() {
    var btf = Btf.parse(BtfBytes.everyKind(ByteOrder.LITTLE_ENDIAN));
    assertEquals(EVERY_KIND.get(4), btf.byName("point", BtfType.Struct.class).orElseThrow());
    assertEquals(OptionalInt.of(5), btf.idOf("either", BtfType.Composite.class));
    assertEquals(OptionalInt.empty(), btf.idOf("point", BtfType.Union.class));
    assertEquals(OptionalInt.empty(), btf.idOf("poin", BtfType.class));
    assertEquals(OptionalInt.empty(), btf.idOf("point\0either", BtfType.class));
    assertEquals(
        List.of(EVERY_KIND.get(6), EVERY_KIND.get(19)),
        btf.types(BtfType.Enumeration.class).toList());
  }

  @ParameterizedTest
  @CsvSource({"1,4", "2,8", "3,28", "4,8", "6,4", "11,4", "14,28", "15,28", "16,8", "18,4", "19,8"})
  void sizesAreThoseOfTheTypeBehindModifiersAndArrays(int id, int size) {
    assertEquals(size, Btf.parse(BtfBytes.everyKind(ByteOrder.LITTLE_ENDIAN)).sizeOf(id));
  }

  @ParameterizedTest
  @CsvSource({"0", "7", "12", "13", "17"})
  void someTypesHaveNoSize(int id) {
    var btf = Btf.parse(BtfBytes.everyKind(ByteOrder.LITTLE_ENDIAN));
    var e = assertThrows(IllegalArgumentException.class, () -> btf.sizeOf(id));
    assertEquals("type " + id + " has no size", e.getMessage());
  }

  @Test
  void modifiersAreTakenOff() {
    var btf = Btf.parse(BtfBytes.everyKind(ByteOrder.LITTLE_ENDIAN));
    assertEquals(EVERY_KIND.get(1), btf.resolve(11));
    assertEquals(EVERY_KIND.get(4), btf.resolve(4));
  }

  @Test
  void circlesEndInAnErrorAtTheType() {
    var b = BtfBytes.in(ByteOrder.LITTLE_ENDIAN);
    var btf = Btf.parse(b.type("", 10, 0, 2).type("t", 8, 0, 1).type("", 3, 0, 0, 3, 1, 1).build());
    assertEquals(24, assertThrows(BtfException.class, () -> btf.resolve(1)).position());
    assertEquals(36, assertThrows(BtfException.class, () -> btf.sizeOf(2)).position());
    assertEquals(48, assertThrows(BtfException.class, () -> btf.sizeOf(3)).position());
  }

  @Test
  void arraysLargerThanAnIntAreRefused() {
    var b = BtfBytes.in(ByteOrder.LITTLE_ENDIAN);
    var btf = Btf.parse(b.type("int", 1, 0, 4, 32).type("", 3, 0, 0, 1, 1, 1 << 30).build());
    assertThrows(BtfException.class, () -> btf.sizeOf(2));
  }

  @Test
  void splitBtfGoesOnFromItsBase() {
    var baseBytes = BtfBytes.in(ByteOrder.LITTLE_ENDIAN).type("int", 1, 0, 4, 32);
    int inBase = 1;
    var base = Btf.parse(baseBytes.build());
    var splitBytes = BtfBytes.splitFrom(baseBytes);
    int own = splitBytes.string("own");
    var split =
        Btf.parse(
            ByteBuffer.wrap(
                splitBytes.type(own, 8 << 24, 1).type(inBase, 4 << 24 | 1, 4, own, 2, 0).build()),
            base);
    assertEquals(4, split.typeCount());
    assertEquals(base.type(1), split.type(1));
    assertEquals(new BtfType.Typedef("own", 1), split.type(2));
    assertEquals(new BtfType.Struct("int", 4, List.of(new Member("own", 2, 0, 0))), split.type(3));
    assertEquals(OptionalInt.of(1), split.idOf("int", BtfType.class));
    assertEquals(OptionalInt.of(3), split.idOf("int", BtfType.Struct.class));
    assertEquals(3, split.types(BtfType.class).count());
    assertEquals(4, split.sizeOf(2));
  }

  @Test
  void faultInsideTypeShowsWhenTheTypeIsAskedFor() {
    var b = BtfBytes.in(ByteOrder.LITTLE_ENDIAN);
    var btf = Btf.parse(b.type("int", 1, 0, 4, 32).type(999, 8 << 24, 1).type("", 2, 0, 7).build());
    assertEquals("int", btf.type(1).name());
    var name = assertThrows(BtfException.class, () -> btf.type(2));
    assertEquals("BTF byte 40: string offset 999 is outside the strings", name.getMessage());
    var id = assertThrows(BtfException.class, () -> btf.type(3));
    assertEquals("BTF byte 60: type id 7 of only 4", id.getMessage());
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0, 0",
    "2, 2, 2",
    "4, 23, 4",
    "4, 1000, 4",
    "8, 1, 8",
    "8, 1000, 8",
    "12, 1000, 12",
    "12, 13, 24",
    "16, 0, 16",
    "16, -1, 16",
    "20, -1, 20",
    "20, 0, 20",
  })
  void headersAreChecked(int field, int value, int position) {
    byte[] bytes = BtfBytes.in(ByteOrder.LITTLE_ENDIAN).type("i", 1, 0, 4, 32).build();
    var buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    if (field == 2) {
      buffer.put(field, (byte) value);
    } else {
      buffer.putInt(field, value);
    }
    assertEquals(position, assertThrows(BtfException.class, () -> Btf.parse(bytes)).position());
  }

  @Test
  void unknownKindIsRefusedWhereItStands() {
    var b = BtfBytes.in(ByteOrder.LITTLE_ENDIAN).type("i", 1, 0, 4, 32).type("", 20, 0, 0);
    var e = assertThrows(BtfException.class, () -> Btf.parse(b.build()));
    assertEquals("BTF byte 44: unknown kind 20", e.getMessage());
  }

  @Test
  void sectionsBehindALongerHeaderAreFound() {
    byte[] plain = BtfBytes.in(ByteOrder.BIG_ENDIAN).type("i", 1, 0, 4, 32).build();
    var longer =
        ByteBuffer.allocate(plain.length + 8)
            .put(plain, 0, 24)
            .putLong(0)
            .put(plain, 24, plain.length - 24);
    longer.putInt(4, 32);
    assertEquals("i", Btf.parse(longer.flip()).type(1).name());
  }

  @Test
  void bufferIsLeftAsItWas() {
    byte[] plain = BtfBytes.everyKind(ByteOrder.LITTLE_ENDIAN);
    var padded = ByteBuffer.allocateDirect(plain.length + 5).put(3, plain).position(3);
    padded.limit(3 + plain.length);
    var btf = Btf.parse(padded);
    assertEquals(3, padded.position());
    padded.put(3, (byte) 0);
    assertEquals(EVERY_KIND.size(), btf.typeCount());
  }

  @Test
  void idsOutsideAreTheCallersFault() {
    var btf = Btf.parse(BtfBytes.everyKind(ByteOrder.LITTLE_ENDIAN));
    assertThrows(IndexOutOfBoundsException.class, () -> btf.type(-1));
    assertThrows(IndexOutOfBoundsException.class, () -> btf.type(20));
    assertTrue(btf.type(19) instanceof BtfType.Enum64);
  }
}
