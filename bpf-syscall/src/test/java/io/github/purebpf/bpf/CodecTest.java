package io.github.purebpf.bpf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.btf.Btf;
import io.github.purebpf.btf.BtfBuilder;
import io.github.purebpf.btf.BtfType;
import io.github.purebpf.layout.NetworkOrder;
import io.github.purebpf.layout.SpinLock;
import io.github.purebpf.layout.Struct;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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
  void networkOrderIsBigEndian(
      @ForAll @IntRange(max = 0xffff) int port, @ForAll int address, @ForAll long both) {
    assertEquals(port, ByteBuffer.wrap(written(Codec.be16(), port)).getShort() & 0xffff);
    assertEquals(address, ByteBuffer.wrap(written(Codec.be32(), address)).getInt());
    assertEquals(both, ByteBuffer.wrap(written(Codec.be64(), both)).getLong());
    assertEquals(port, rereadAt(Codec.be16(), port, 1));
    assertEquals(address, rereadAt(Codec.be32(), address, 1));
    assertEquals(both, rereadAt(Codec.be64(), both, 1));
  }

  @Property
  void smallIntegersAreUnsigned(
      @ForAll @IntRange(max = 0xff) int octet, @ForAll @IntRange(max = 0xffff) int port) {
    assertEquals(1, written(Codec.u8(), octet).length);
    assertEquals(octet, rereadAt(Codec.u8(), octet, 1));
    var bytes = ByteBuffer.wrap(written(Codec.u16(), port)).order(ByteOrder.nativeOrder());
    assertEquals(port, bytes.getShort() & 0xffff);
    assertEquals(port, rereadAt(Codec.u16(), port, 1));
    assertEquals((long) port, rereadAt(Codec.u64(), (long) port, 1));
  }

  @ParameterizedTest
  @CsvSource({"-1", "256"})
  void whatDoesNotFitAnOctetIsRefused(int value) {
    var e = assertThrows(IllegalArgumentException.class, () -> written(Codec.u8(), value));
    assertEquals(value + " is outside of the range of __u8", e.getMessage());
  }

  @ParameterizedTest
  @CsvSource({"-1", "65536"})
  void whatDoesNotFitAPortIsRefused(int value) {
    var e = assertThrows(IllegalArgumentException.class, () -> written(Codec.be16(), value));
    assertEquals(value + " is outside of the range of __be16", e.getMessage());
    assertThrows(IllegalArgumentException.class, () -> written(Codec.u16(), value));
  }

  private static final StructLayout FLOW =
      MemoryLayout.structLayout(
              ValueLayout.JAVA_INT.withOrder(ByteOrder.BIG_ENDIAN).withName("address"),
              ValueLayout.JAVA_SHORT.withOrder(ByteOrder.BIG_ENDIAN).withName("port"),
              MemoryLayout.paddingLayout(2),
              MemoryLayout.sequenceLayout(2, ValueLayout.JAVA_LONG).withName("counts"),
              MemoryLayout.unionLayout(
                      ValueLayout.JAVA_INT.withName("number"),
                      ValueLayout.JAVA_BYTE.withName("first"))
                  .withName("either"),
              MemoryLayout.paddingLayout(4))
          .withName("flow");

  @Test
  void memoryIsCopiedButForItsPadding() {
    var codec = Codec.of(FLOW);
    assertEquals(32, codec.size());
    var value = MemorySegment.ofArray(new long[4]);
    value.fill((byte) -1);
    var to = MemorySegment.ofArray(new byte[32]);
    codec.write(value, to);
    for (int i = 0; i < 32; i++) {
      boolean padding = i == 6 || i == 7 || i >= 28;
      assertEquals(padding ? 0 : -1, to.get(ValueLayout.JAVA_BYTE, i), "byte " + i);
    }
    var read = codec.read(to);
    assertEquals(-1L, read.get(ValueLayout.JAVA_LONG, 16), "aligned");
    to.fill((byte) 0);
    assertEquals(-1L, read.get(ValueLayout.JAVA_LONG, 16), "a copy");
  }

  @Test
  void theTypeOfALayoutHasItsNamesAndOrders() {
    var types = new BtfBuilder();
    int id = Codec.of(FLOW).cType(types);
    var btf = Btf.parse(types.build(ByteOrder.nativeOrder()));
    assertEquals(32, btf.sizeOf(id));
    var struct = (BtfType.Struct) btf.type(id);
    assertEquals("flow", struct.name());
    assertEquals(
        List.of("address 0 __be32", "port 32 __be16", "counts 64 ", "either 192 either"),
        struct.members().stream()
            .map(m -> m.name() + " " + m.bitOffset() + " " + btf.type(m.type()).name())
            .toList());
    assertEquals(16, btf.sizeOf(struct.members().get(2).type()));
    assertEquals(4, btf.sizeOf(struct.members().get(3).type()));
  }

  @Test
  void layoutsThatMeanNothingToTheKernelAreRefused() {
    var pointers = MemoryLayout.sequenceLayout(2, ValueLayout.ADDRESS);
    var e = assertThrows(IllegalArgumentException.class, () -> Codec.of(pointers));
    assertTrue(e.getMessage().endsWith("take JAVA_LONG"), e.getMessage());
    var nothing = MemoryLayout.structLayout();
    assertThrows(IllegalArgumentException.class, () -> Codec.of(nothing));
    var shorter = MemorySegment.ofArray(new byte[31]);
    assertEquals(
        "a segment of 31 bytes where 32 are needed",
        assertThrows(IllegalArgumentException.class, () -> written(Codec.of(FLOW), shorter))
            .getMessage());
  }

  record Locked(long packets, @SpinLock int lock, int padding) {}

  @Test
  void aLockIsFoundByItsType() {
    assertTrue(ValueLock.isIn(Codec.of(Struct.of(Locked.class), MethodHandles.lookup())));
    assertFalse(ValueLock.isIn(EVERYTHING));
    assertFalse(ValueLock.isIn(Codec.u32()));
    assertFalse(ValueLock.isIn(Codec.bytes(4)));
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
