package io.github.purebpf.btf;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

/** Whatever the bytes are, the reader answers with types or with a position. */
class BtfHostileTest {
  private static final byte[] VALID = BtfBytes.everyKind(ByteOrder.LITTLE_ENDIAN);

  @Property
  void anyBytesParseOrNameAPosition(@ForAll byte[] bytes) {
    readAll(bytes);
  }

  @Property
  void anyBytesBehindAValidHeaderParseOrNameAPosition(
      @ForAll @Size(max = 200) byte[] body, @ForAll @IntRange(max = 200) int types) {
    int typeLength = Math.min(types, body.length);
    readAll(
        ByteBuffer.allocate(24 + body.length)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putShort((short) 0xeb9f)
            .putShort((short) 1)
            .putInt(24)
            .putInt(0)
            .putInt(typeLength)
            .putInt(typeLength)
            .putInt(body.length - typeLength)
            .put(body)
            .array());
  }

  @Property(tries = 5000)
  void mutatedBtfParsesOrNamesAPosition(
      @ForAll @Size(min = 1, max = 4) int[] places, @ForAll @Size(4) int[] values) {
    byte[] bytes = VALID.clone();
    for (int i = 0; i < places.length; i++) {
      int place = Math.floorMod(places[i], bytes.length - 3);
      ByteBuffer.wrap(bytes).putInt(place, values[i]);
    }
    readAll(bytes);
  }

  @Property(tries = 5000)
  void singleWrongByteParsesOrNamesAPosition(
      @ForAll @IntRange(max = 10_000) int place, @ForAll byte value) {
    byte[] bytes = VALID.clone();
    bytes[place % bytes.length] = value;
    readAll(bytes);
  }

  @Property
  void truncatedBtfParsesOrNamesAPosition(@ForAll @IntRange(max = 10_000) int length) {
    readAll(Arrays.copyOf(VALID, length % VALID.length));
  }

  private static void readAll(byte[] bytes) {
    try {
      var btf = Btf.parse(bytes);
      for (int id = 0; id < btf.typeCount(); id++) {
        int each = id;
        read(bytes, () -> btf.type(each));
        read(bytes, () -> btf.resolve(each));
        read(bytes, () -> size(btf, each));
      }
      read(bytes, () -> btf.idOf("point", BtfType.Struct.class));
    } catch (BtfException e) {
      assertInside(e, bytes);
    }
  }

  private static void size(Btf btf, int id) {
    try {
      assertTrue(btf.sizeOf(id) >= 0);
    } catch (IllegalArgumentException e) {
      assertTrue(e.getMessage().endsWith("has no size"), e.getMessage());
    }
  }

  private static void read(byte[] bytes, Runnable reading) {
    try {
      reading.run();
    } catch (BtfException e) {
      assertInside(e, bytes);
    }
  }

  private static void assertInside(BtfException e, byte[] bytes) {
    assertTrue(e.position() >= 0 && e.position() <= bytes.length, e.getMessage());
  }
}
