package io.github.purebpf.elf;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Reads an ELF file back, by the specification and not by what wrote it. */
final class ElfReader {
  record SectionHeader(
      String name,
      int type,
      long flags,
      long offset,
      long size,
      int link,
      int info,
      long alignment,
      long entrySize) {}

  record SymbolEntry(String name, int binding, int type, int section, long value, long size) {}

  record RelocationEntry(long offset, String symbol, int type) {}

  private final ByteBuffer file;
  private final List<SectionHeader> sections = new ArrayList<>();

  ElfReader(byte[] bytes) {
    file = ByteBuffer.wrap(bytes);
    file.order(bytes[5] == 1 ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
    int start = (int) file.getLong(40);
    int count = file.getShort(60);
    int names = file.getShort(62);
    int namesOffset = (int) file.getLong(start + names * 64 + 24);
    for (int i = 0; i < count; i++) {
      int at = start + i * 64;
      sections.add(
          new SectionHeader(
              string(namesOffset + file.getInt(at)),
              file.getInt(at + 4),
              file.getLong(at + 8),
              file.getLong(at + 24),
              file.getLong(at + 32),
              file.getInt(at + 40),
              file.getInt(at + 44),
              file.getLong(at + 48),
              file.getLong(at + 56)));
    }
  }

  ByteOrder order() {
    return file.order();
  }

  ByteBuffer file() {
    return file;
  }

  List<SectionHeader> sections() {
    return sections;
  }

  List<String> names() {
    return sections.stream().map(SectionHeader::name).toList();
  }

  SectionHeader section(String name) {
    return sections.stream().filter(s -> s.name().equals(name)).findFirst().orElseThrow();
  }

  byte[] bytes(String name) {
    var section = section(name);
    int offset = (int) section.offset();
    return Arrays.copyOfRange(file.array(), offset, offset + (int) section.size());
  }

  /** Without the empty one that is the first. */
  List<SymbolEntry> symbols() {
    var table = section(".symtab");
    int strings = (int) sections.get(table.link()).offset();
    var symbols = new ArrayList<SymbolEntry>();
    for (long at = table.offset() + 24; at < table.offset() + table.size(); at += 24) {
      int i = (int) at;
      boolean isSection = (file.get(i + 4) & 15) == 3;
      symbols.add(
          new SymbolEntry(
              isSection
                  ? sections.get(file.getShort(i + 6)).name()
                  : string(strings + file.getInt(i)),
              file.get(i + 4) >> 4,
              file.get(i + 4) & 15,
              file.getShort(i + 6),
              file.getLong(i + 8),
              file.getLong(i + 16)));
    }
    return symbols;
  }

  List<RelocationEntry> relocations(String name) {
    var table = section(name);
    var symbols = symbols();
    var relocations = new ArrayList<RelocationEntry>();
    for (long at = table.offset(); at < table.offset() + table.size(); at += 16) {
      long info = file.getLong((int) at + 8);
      relocations.add(
          new RelocationEntry(
              file.getLong((int) at), symbols.get((int) (info >> 32) - 1).name(), (int) info));
    }
    return relocations;
  }

  private String string(int offset) {
    int end = offset;
    while (file.get(end) != 0) {
      end++;
    }
    return new String(file.array(), offset, end - offset, StandardCharsets.UTF_8);
  }
}
