package io.github.purebpf.bpf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.layout.NetworkOrder;
import io.github.purebpf.layout.Struct;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class CodecTest {
  /** All sizes in both byte orders. */
  record Everything(
      long host8,
      @NetworkOrder long network8,
      int host4,
      @NetworkOrder int network4,
      short host2,
      @NetworkOrder short network2,
      byte host1,
      @NetworkOrder byte network1,
      short padding) {}

  /** A record that no other class may touch but through a lookup. */
  private record Hidden(@NetworkOrder short port) {}

  /** A record that refuses values. */
  record Positive(int value) {
    Positive {
      if (value < 0) {
        throw new IllegalArgumentException("negative");
      }
    }
  }

  private static final Codec<Everything> EVERYTHING =
      Codec.of(Struct.of(Everything.class), MethodHandles.lookup());

  private static <T> byte[] written(Codec<T> codec, T value) {
    var bytes = new byte[codec.size()];
    codec.write(value, MemorySegment.ofArray(bytes));
    return bytes;
  }

  private static <T> T rereadAt(Codec<T> codec, T value, int offset) {
    var bytes = new byte[codec.size() + offset];
    var segment = MemorySegment.ofArray(bytes).asSlice(offset);
    codec.write(value, segment);
    return codec.read(segment);
  }

  @Property
  void recordsComeBackFromAnyAddress(
      @ForAll long a,
      @ForAll long b,
      @ForAll int c,
      @ForAll int d,
      @ForAll short e,
      @ForAll short f,
      @ForAll byte g,
      @ForAll byte h,
      @ForAll @IntRange(max = 7) int offset) {
    var value = new Everything(a, b, c, d, e, f, g, h, (short) 0);
    assertEquals(value, rereadAt(EVERYTHING, value, offset));
  }

  @Property
  void recordsLieInMemoryAsDeclared(
      @ForAll long a,
      @ForAll long b,
      @ForAll int c,
      @ForAll int d,
      @ForAll short e,
      @ForAll short f,
      @ForAll byte g,
      @ForAll byte h) {
    var expected = ByteBuffer.allocate(32).order(ByteOrder.nativeOrder());
    expected.putLong(0, a).putInt(16, c).putShort(24, e).put(28, g).put(29, h);
    expected.order(ByteOrder.BIG_ENDIAN).putLong(8, b).putInt(20, d).putShort(26, f);
    assertArrayEquals(
        expected.array(), written(EVERYTHING, new Everything(a, b, c, d, e, f, g, h, (short) 0)));
  }

  @Property
  void integersAreInTheOrderOfTheMachine(@ForAll int a, @ForAll long b) {
    assertEquals(
        a, ByteBuffer.wrap(written(Codec.u32(), a)).order(ByteOrder.nativeOrder()).getInt());
    assertEquals(
        b, ByteBuffer.wrap(written(Codec.s64(), b)).order(ByteOrder.nativeOrder()).getLong());
    assertEquals(a, rereadAt(Codec.s32(), a, 1));
    assertEquals(b, rereadAt(Codec.s64(), b, 3));
  }

  @Property
  void bytesStayAsTheyAre(@ForAll @Size(min = 1, max = 64) byte[] value) {
    var codec = Codec.bytes(value.length);
    assertArrayEquals(value, written(codec, value));
    assertArrayEquals(value, rereadAt(codec, value, 1));
  }

  @Test
  void bytesOfAnotherLengthAreRefused() {
    var e =
        assertThrows(
            IllegalArgumentException.class, () -> written(Codec.bytes(4), new byte[] {1, 2, 3}));
    assertEquals("an array of 3 bytes where 4 are needed", e.getMessage());
    assertThrows(IllegalArgumentException.class, () -> Codec.bytes(0));
  }

  @Test
  void aLookupOpensAHiddenRecord() {
    var codec = Codec.of(Struct.of(Hidden.class), MethodHandles.lookup());
    assertArrayEquals(new byte[] {0x21, 0x36}, written(codec, new Hidden((short) 0x2136)));
    assertEquals(new Hidden((short) 8502), rereadAt(codec, new Hidden((short) 8502), 0));
  }

  @Test
  void withoutAccessTheRemedyIsNamed() {
    var struct = Struct.of(Hidden.class);
    var e =
        assertThrows(
            IllegalArgumentException.class, () -> Codec.of(struct, MethodHandles.publicLookup()));
    assertTrue(e.getMessage().contains("pass a lookup of its module"), e.getMessage());
  }

  @Test
  void whatTheConstructorThrowsGoesToTheCaller() {
    var codec = Codec.of(Struct.of(Positive.class), MethodHandles.lookup());
    var bytes = MemorySegment.ofArray(new byte[] {-1, -1, -1, -1});
    assertEquals(
        "negative",
        assertThrows(IllegalArgumentException.class, () -> codec.read(bytes)).getMessage());
  }

  @Test
  void anotherRecordIsNotWritten() {
    @SuppressWarnings({"unchecked", "rawtypes"})
    Codec<Object> raw = (Codec) EVERYTHING;
    assertThrows(ClassCastException.class, () -> written(raw, new Hidden((short) 1)));
  }
}
