package io.github.purebpf.btf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.btf.BtfType.Enumerator;
import io.github.purebpf.btf.BtfType.IntEncoding;
import io.github.purebpf.btf.BtfType.Linkage;
import io.github.purebpf.btf.BtfType.Member;
import java.nio.ByteOrder;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class BtfBuilderTest {
  private static final BtfType INT = new BtfType.Int("int", 4, 32, 0, IntEncoding.SIGNED);

  private final BtfBuilder types = new BtfBuilder();

  private void refuses(String problem, BtfType type) {
    var e = assertThrows(IllegalArgumentException.class, () -> types.add(type));
    assertTrue(e.getMessage().endsWith(problem), e.getMessage());
    assertEquals(1, types.nextId(), "a refused type must leave no trace");
  }

  @Test
  void headerTypesAndStringsFollowEachOther() {
    types.add(INT);
    types.add(new BtfType.Typedef("number", 1));
    assertEquals(
        "9feb 01 00 18000000 00000000 1c000000 1c000000 0c000000"
            + " 01000000 00000001 04000000 20000001"
            + " 05000000 00000008 01000000"
            + " 00 696e7400 6e756d62657200",
        hex(
            types.build(ByteOrder.LITTLE_ENDIAN),
            2,
            1,
            1,
            4,
            4,
            4,
            4,
            4,
            4,
            4,
            4,
            4,
            4,
            4,
            4,
            1,
            4));
    assertEquals(
        "eb9f010000000018000000000000001c0000001c0000000c"
            + "00000001010000000000000401000020"
            + "000000050800000000000001"
            + "00696e74006e756d62657200",
        HexFormat.of().formatHex(types.build(ByteOrder.BIG_ENDIAN)));
  }

  /** The bytes in groups of these sizes, and the rest. */
  private static String hex(byte[] bytes, int... groups) {
    var hex = new StringBuilder();
    int at = 0;
    for (int group : groups) {
      hex.append(HexFormat.of().formatHex(bytes, at, at + group)).append(' ');
      at += group;
    }
    return hex.append(HexFormat.of().formatHex(bytes, at, bytes.length)).toString();
  }

  @Test
  void everyKindIsWrittenAsTheReaderKnowsIt() {
    var read = Btf.parse(BtfBytes.everyKind(ByteOrder.BIG_ENDIAN));
    for (int id = 1; id < read.typeCount(); id++) {
      assertEquals(id, types.add(read.type(id)));
    }
    for (var order : List.of(ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN)) {
      var written = Btf.parse(types.build(order));
      assertEquals(order, written.order());
      assertEquals(read.types(BtfType.class).toList(), written.types(BtfType.class).toList());
    }
  }

  @Test
  void equalTypesAreInternedOnceAndAddedTwice() {
    assertEquals(1, types.intern(INT));
    assertEquals(1, types.intern(INT));
    assertEquals(2, types.add(INT));
    assertEquals(1, types.intern(INT));
    assertEquals(3, types.nextId());
  }

  @Test
  void stringsAreStoredOnce() {
    types.add(INT);
    int line = types.string("r0 = 1");
    assertEquals(5, line);
    assertEquals(line, types.string("r0 = 1"));
    assertEquals(1, types.string("int"));
    assertEquals(0, types.string(""));
    assertEquals(12, types.stringBytes());
    var read = Btf.parse(types.build(ByteOrder.LITTLE_ENDIAN));
    assertEquals("r0 = 1", read.string(line));
    assertEquals("", read.string(0));
    assertThrows(BtfException.class, () -> read.string(12));
    assertThrows(BtfException.class, () -> read.string(-1));
  }

  @Test
  void forwardReferencesAreFineIfTheyAreMet() {
    types.add(new BtfType.Ptr(2));
    types.add(new BtfType.Struct("node", 8, List.of(new Member("next", 1, 0, 0))));
    assertEquals("node", Btf.parse(types.build(ByteOrder.LITTLE_ENDIAN)).resolve(2).name());
  }

  @Test
  void aReferenceToNothingIsNamed() {
    types.add(INT);
    types.add(new BtfType.Ptr(7));
    var e = assertThrows(IllegalStateException.class, () -> types.build(ByteOrder.LITTLE_ENDIAN));
    assertEquals("type 2 refers to type 7; the last one is 2", e.getMessage());
  }

  @Test
  void btfWithoutTypesIsRefused() {
    assertThrows(IllegalStateException.class, () -> types.build(ByteOrder.LITTLE_ENDIAN));
  }

  @Test
  void nothingIsCutSilently() {
    refuses("void is never stored, its id is 0", new BtfType.VoidType());
    refuses("-1 is below 0", new BtfType.Ptr(-1));
    refuses("-1 is below 0", new BtfType.Array(1, 1, -1));
    refuses("component -2", new BtfType.DeclTag("tag", 1, -2, false));
    refuses("an enum of 3 bytes", new BtfType.Enum32("e", 3, false, List.of()));
    refuses(
        "x = 4294967296 does not fit 32 bits",
        new BtfType.Enum32("e", 4, false, List.of(new Enumerator("x", 1L << 32))));
    refuses(
        "x = -1 does not fit 32 bits",
        new BtfType.Enum32("e", 4, false, List.of(new Enumerator("x", -1))));
    refuses(
        "x = 2147483648 does not fit 32 bits",
        new BtfType.Enum32("e", 4, true, List.of(new Enumerator("x", 1L << 31))));
    refuses(
        "member x: 256 bits at bit 0",
        new BtfType.Struct("s", 4, List.of(new Member("x", 1, 0, 256))));
    refuses(
        "member x: 1 bits at bit 16777216",
        new BtfType.Struct("s", 4, List.of(new Member("x", 1, 1 << 24, 1))));
    refuses(
        "65536 elements; 65535 are possible",
        new BtfType.FuncProto(0, Collections.nCopies(65536, new BtfType.Param("", 0))));
  }

  @Test
  void namesMustBeText() {
    refuses("cannot be stored in BTF: a?b", new BtfType.Typedef("a\0b", 1));
    refuses("cannot be stored in BTF: \ud800", new BtfType.Typedef("\ud800", 1));
  }

  @Test
  void anIntegerHasAtMostSixteenBytes() {
    assertThrows(
        IllegalArgumentException.class, () -> new BtfType.Int("i", 17, 8, 0, IntEncoding.UNSIGNED));
  }

  @Test
  void theLimitsThemselvesAreWritten() {
    var struct =
        new BtfType.Struct("s", Integer.MAX_VALUE, List.of(new Member("x", 1, 0xffffff, 255)));
    var function = new BtfType.Func("f", 0xffff, Linkage.EXTERN);
    types.add(struct);
    types.add(
        new BtfType.Enum32(
            "e", 4, false, Collections.nCopies(65535, new Enumerator("x", 0xffffffffL))));
    while (types.nextId() < 0xffff) {
      types.add(INT);
    }
    types.add(function);
    var read = Btf.parse(types.build(ByteOrder.LITTLE_ENDIAN));
    assertEquals(struct, read.type(1));
    assertEquals(65535, ((BtfType.Enum32) read.type(2)).enumerators().size());
    assertEquals(function, read.type(0xffff));
    assertArrayEquals(types.build(ByteOrder.LITTLE_ENDIAN), types.build(ByteOrder.LITTLE_ENDIAN));
  }
}
