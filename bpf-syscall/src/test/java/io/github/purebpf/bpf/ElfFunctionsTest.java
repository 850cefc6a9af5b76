package io.github.purebpf.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ElfFunctionsTest {
  private static final int SEGMENTS = 64;
  private static final int SECTIONS = 200;
  private static final int SYMBOLS = 600;
  private static final int NAMES = 800;
  private static final int SIZE = 900;

  private static final int FUNCTION = 2;
  private static final int OBJECT = 1;

  @TempDir Path folder;

  /**
   * A file with one segment, which is loaded from 0x1000 to 0x401000, dynamic symbols, and symbols
   * of which the first is of the same name.
   */
  private static byte[] elf(ByteOrder order) {
    var file = ByteBuffer.allocate(SIZE).order(order);
    file.put(0, new byte[] {0x7f, 'E', 'L', 'F', 2});
    file.put(5, (byte) (order == ByteOrder.LITTLE_ENDIAN ? 1 : 2));
    file.putLong(32, SEGMENTS).putLong(40, SECTIONS).putShort(56, (short) 2);
    file.putShort(60, (short) 4);
    segment(file, SEGMENTS, 4, 0x400000, 0);
    segment(file, SEGMENTS + 56, 1, 0x401000, 0x1000);
    section(file, 1, 3, NAMES, 100, 0);
    section(file, 2, 2, SYMBOLS + 96, 48, 1);
    section(file, 3, 11, SYMBOLS, 96, 1);
    file.put(NAMES, "\0work\0rest\0data\0far\0local\0".getBytes(StandardCharsets.US_ASCII));
    symbol(file, 0, 6, FUNCTION, 0, 0);
    symbol(file, 1, 1, FUNCTION, 7, 0x401010);
    symbol(file, 2, 11, OBJECT, 7, 0x401020);
    symbol(file, 3, 16, FUNCTION, 7, 0x499999);
    symbol(file, 4, 1, FUNCTION, 7, 0x401030);
    symbol(file, 5, 20, FUNCTION, 7, 0x401040);
    return file.array();
  }

  private static void segment(ByteBuffer file, int at, int type, long address, long offset) {
    file.putInt(at, type).putLong(at + 8, offset).putLong(at + 16, address);
    file.putLong(at + 32, 0x1000);
  }

  private static void section(ByteBuffer file, int i, int type, long at, long size, int link) {
    int header = SECTIONS + 64 * i;
    file.putInt(header + 4, type).putLong(header + 24, at).putLong(header + 32, size);
    file.putInt(header + 40, link);
  }

  private static void symbol(
      ByteBuffer file, int i, int name, int type, int section, long address) {
    int at = SYMBOLS + 24 * i;
    file.putInt(at, name).put(at + 4, (byte) (16 + type)).putShort(at + 6, (short) section);
    file.putLong(at + 8, address);
  }

  private Path write(byte[] bytes) throws IOException {
    return Files.write(folder.resolve("file"), bytes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"LITTLE_ENDIAN", "BIG_ENDIAN"})
  void aFunctionLiesWhereItsSegmentComesFrom(String order) throws IOException {
    var path = write(elf(order.startsWith("L") ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN));
    assertEquals(0x1010, ElfFunctions.offsetOf(path, "work"), "the dynamic symbol goes first");
    assertEquals(0x1040, ElfFunctions.offsetOf(path, "local"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"rest", "data", "far", "wor", "works", "ork", ""})
  void whatIsNotDefinedOrNoFunctionIsRefused(String name) throws IOException {
    var path = write(elf(ByteOrder.LITTLE_ENDIAN));
    var e = assertThrows(IllegalArgumentException.class, () -> ElfFunctions.offsetOf(path, name));
    assertEquals(
        path + " defines no function " + name + "; see nm -D --defined-only", e.getMessage());
  }

  @Test
  void otherFilesAreRefused() throws IOException {
    assertThrows(
        NoSuchFileException.class, () -> ElfFunctions.offsetOf(folder.resolve("none"), "f"));
    byte[] shorter = elf(ByteOrder.LITTLE_ENDIAN);
    shorter[4] = 1;
    for (var bytes : new byte[][] {{}, {0x7f, 'E', 'L', 'F'}, shorter, new byte[100]}) {
      var path = write(bytes);
      var e = assertThrows(IllegalArgumentException.class, () -> ElfFunctions.offsetOf(path, "f"));
      assertTrue(e.getMessage().endsWith("is no 64-bit ELF file"), e::getMessage);
    }
  }

  @Test
  void aFileThatEndsEarlyIsDamaged() throws IOException {
    var path = write(Arrays.copyOf(elf(ByteOrder.LITTLE_ENDIAN), SECTIONS + 32));
    var e = assertThrows(IllegalArgumentException.class, () -> ElfFunctions.offsetOf(path, "f"));
    assertEquals(path + " is a damaged ELF file", e.getMessage());
  }

  /** Whatever lies in the file, there is an answer or a refusal. */
  @Property(tries = 300)
  void damageIsRefusedOrFound(@ForAll @IntRange(min = 6, max = SIZE - 1) int at, @ForAll long seed)
      throws IOException {
    var bytes = elf(ByteOrder.LITTLE_ENDIAN);
    var random = new Random(seed);
    for (int i = at; i < Math.min(at + 8, SIZE); i++) {
      bytes[i] = (byte) random.nextInt();
    }
    var path = Files.write(Files.createTempFile("purebpf", ".elf"), bytes);
    try {
      assertTrue(ElfFunctions.offsetOf(path, "work") != -1);
    } catch (IllegalArgumentException e) {
      assertTrue(e.getMessage().startsWith(path.toString()), e::getMessage);
    } finally {
      Files.delete(path);
    }
  }
}
