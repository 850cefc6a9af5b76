package io.github.purebpf.bpf;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.OptionalLong;

/**
 * Where the functions of an executable or a library lie in their file, which is what uprobes want
 * to know: read from the symbol tables of a 64-bit ELF file.
 */
public final class ElfFunctions {
  private static final int MAGIC = 0x7f454c46;
  private static final byte CLASS_64 = 2;
  private static final byte LITTLE_ENDIAN = 1;

  private static final int FILE_PROGRAM_HEADERS = 32;
  private static final int FILE_SECTION_HEADERS = 40;
  private static final int FILE_PROGRAM_HEADER_COUNT = 56;
  private static final int FILE_SECTION_HEADER_COUNT = 60;
  private static final int FILE_HEADER = 64;

  private static final int SECTION_HEADER = 64;
  private static final int SECTION_TYPE = 4;
  private static final int SECTION_OFFSET = 24;
  private static final int SECTION_SIZE = 32;
  private static final int SECTION_LINK = 40;
  private static final int SYMTAB = 2;
  private static final int DYNSYM = 11;

  private static final int PROGRAM_HEADER = 56;
  private static final int SEGMENT_OFFSET = 8;
  private static final int SEGMENT_ADDRESS = 16;
  private static final int SEGMENT_FILE_SIZE = 32;
  private static final int LOAD = 1;

  private static final int SYMBOL = 24;
  private static final int SYMBOL_INFO = 4;
  private static final int SYMBOL_SECTION = 6;
  private static final int SYMBOL_VALUE = 8;
  private static final int FUNCTION = 2;

  private final MemorySegment file;
  private final ValueLayout.OfShort u16;
  private final ValueLayout.OfInt u32;
  private final ValueLayout.OfLong u64;

  private ElfFunctions(MemorySegment file, ByteOrder order) {
    this.file = file;
    this.u16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(order);
    this.u32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(order);
    this.u64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(order);
  }

  /**
   * Where a function begins.
   *
   * @param path an executable or a library
   * @param function its name in the dynamic symbols, which a stripped file still has, or in the
   *     others
   * @return the offset in the file, in bytes
   * @throws IOException if the file cannot be read
   * @throws IllegalArgumentException if it is no 64-bit ELF file, or does not define the function
   */
  public static long offsetOf(Path path, String function) throws IOException {
    try (var arena = Arena.ofConfined();
        var channel = FileChannel.open(path, StandardOpenOption.READ)) {
      var file = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
      return of(path, file)
          .offsetOf(function)
          .orElseThrow(
              () ->
                  new IllegalArgumentException(
                      "%s defines no function %s; see nm -D --defined-only"
                          .formatted(path, function)));
    } catch (IndexOutOfBoundsException e) {
      throw new IllegalArgumentException(path + " is a damaged ELF file", e);
    }
  }

  private static ElfFunctions of(Path path, MemorySegment file) {
    var big = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    if (file.byteSize() < FILE_HEADER
        || file.get(big, 0) != MAGIC
        || file.get(ValueLayout.JAVA_BYTE, 4) != CLASS_64) {
      throw new IllegalArgumentException(path + " is no 64-bit ELF file");
    }
    boolean little = file.get(ValueLayout.JAVA_BYTE, 5) == LITTLE_ENDIAN;
    return new ElfFunctions(file, little ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
  }

  private OptionalLong offsetOf(String function) {
    var dynamic = address(DYNSYM, function);
    var address = dynamic.isPresent() ? dynamic : address(SYMTAB, function);
    return address.isPresent() ? fileOffset(address.getAsLong()) : address;
  }

  private OptionalLong address(int tableType, String function) {
    long sections = file.get(u64, FILE_SECTION_HEADERS);
    int count = Short.toUnsignedInt(file.get(u16, FILE_SECTION_HEADER_COUNT));
    for (int i = 0; i < count; i++) {
      long table = sections + (long) i * SECTION_HEADER;
      if (file.get(u32, table + SECTION_TYPE) == tableType) {
        long names = sections + (long) file.get(u32, table + SECTION_LINK) * SECTION_HEADER;
        return address(table, file.get(u64, names + SECTION_OFFSET), function);
      }
    }
    return OptionalLong.empty();
  }

  private OptionalLong address(long table, long names, String function) {
    byte[] wanted = (function + "\0").getBytes(StandardCharsets.UTF_8);
    long begin = file.get(u64, table + SECTION_OFFSET);
    long end = begin + file.get(u64, table + SECTION_SIZE);
    for (long symbol = begin; symbol < end; symbol += SYMBOL) {
      boolean defined = file.get(u16, symbol + SYMBOL_SECTION) != 0;
      if (defined
          && (file.get(ValueLayout.JAVA_BYTE, symbol + SYMBOL_INFO) & 0xf) == FUNCTION
          && isAt(names + Integer.toUnsignedLong(file.get(u32, symbol)), wanted)) {
        return OptionalLong.of(file.get(u64, symbol + SYMBOL_VALUE));
      }
    }
    return OptionalLong.empty();
  }

  private boolean isAt(long offset, byte[] wanted) {
    return offset + wanted.length <= file.byteSize()
        && file.asSlice(offset, wanted.length).mismatch(MemorySegment.ofArray(wanted)) == -1;
  }

  /** Symbols hold addresses as the file is loaded; its segments say from where. */
  private OptionalLong fileOffset(long address) {
    long segments = file.get(u64, FILE_PROGRAM_HEADERS);
    int count = Short.toUnsignedInt(file.get(u16, FILE_PROGRAM_HEADER_COUNT));
    for (int i = 0; i < count; i++) {
      long segment = segments + (long) i * PROGRAM_HEADER;
      long begin = file.get(u64, segment + SEGMENT_ADDRESS);
      if (file.get(u32, segment) == LOAD
          && address >= begin
          && address < begin + file.get(u64, segment + SEGMENT_FILE_SIZE)) {
        return OptionalLong.of(address - begin + file.get(u64, segment + SEGMENT_OFFSET));
      }
    }
    return OptionalLong.empty();
  }
}
