package io.github.purebpf.elf;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Lays out a relocatable 64-bit ELF file for the machine {@code EM_BPF}. */
final class ElfFile {
  private static final int FILE_HEADER = 64;
  private static final int SECTION_HEADER = 64;
  private static final int SYMBOL = 24;
  private static final int RELOCATION = 16;

  private static final int PROGBITS = 1;
  private static final int SYMTAB = 2;
  private static final int STRTAB = 3;
  private static final int REL = 9;
  private static final int INFO_LINK = 0x40;

  private static final short RELOCATABLE = 1;
  private static final short EM_BPF = 247;

  /** A section as its header describes it; sections are numbered from 1. */
  private record Row(
      int name,
      int type,
      int flags,
      ByteBuffer bytes,
      int link,
      int info,
      int alignment,
      int entry) {}

  private final ByteOrder order;
  private final List<Section> sections;
  private final List<Symbol> symbols;
  private final ElfStrings names = new ElfStrings();
  private final ElfStrings strings = new ElfStrings();

  private ElfFile(ByteOrder order, List<Section> sections, List<Symbol> symbols) {
    this.order = order;
    this.sections = sections;
    // Local symbols must come first.
    this.symbols = symbols.stream().sorted(Comparator.comparing(Symbol::binding)).toList();
  }

  /** The bytes of a file. */
  static byte[] of(ByteOrder order, List<Section> sections, List<Symbol> symbols) {
    return new ElfFile(order, sections, symbols).write();
  }

  private byte[] write() {
    var relocated = sections.stream().filter(s -> !s.relocations().isEmpty()).toList();
    int symtab = sections.size() + relocated.size() + 1;
    var rows = new ArrayList<Row>();
    for (var section : sections) {
      var kind = section.kind();
      int name = names.offset(section.name());
      rows.add(
          new Row(
              name,
              PROGBITS,
              kind.flags,
              ByteBuffer.wrap(section.bytes()),
              0,
              0,
              kind.alignment,
              0));
    }
    for (var section : relocated) {
      int name = names.offset(".rel" + section.name());
      int target = sections.indexOf(section) + 1;
      var bytes = relocations(section.relocations());
      rows.add(new Row(name, REL, INFO_LINK, bytes, symtab, target, 8, RELOCATION));
    }
    int locals =
        (int) symbols.stream().filter(s -> s.binding() == Symbol.Binding.LOCAL).count() + 1;
    int symtabName = names.offset(".symtab");
    rows.add(new Row(symtabName, SYMTAB, 0, symbols(), symtab + 1, locals, 8, SYMBOL));
    rows.add(
        new Row(names.offset(".strtab"), STRTAB, 0, ByteBuffer.wrap(strings.bytes()), 0, 0, 1, 0));
    int shstrtab = names.offset(".shstrtab");
    rows.add(new Row(shstrtab, STRTAB, 0, ByteBuffer.wrap(names.bytes()), 0, 0, 1, 0));
    return file(rows);
  }

  private ByteBuffer relocations(List<Relocation> relocations) {
    var out = ByteBuffer.allocate(relocations.size() * RELOCATION).order(order);
    for (var relocation : relocations) {
      long symbol = symbols.indexOf(relocation.symbol()) + 1L;
      out.putLong(relocation.offset()).putLong(symbol << 32 | relocation.type().value);
    }
    return out.flip();
  }

  private ByteBuffer symbols() {
    var out = ByteBuffer.allocate((symbols.size() + 1) * SYMBOL).order(order);
    out.position(SYMBOL); // the first is empty
    for (var symbol : symbols) {
      out.putInt(strings.offset(symbol.name()))
          .put((byte) symbol.info())
          .put((byte) 0)
          .putShort((short) number(symbol.section()))
          .putLong(symbol.offset())
          .putLong(symbol.size());
    }
    return out.flip();
  }

  private int number(String section) {
    for (int i = 0; i < sections.size(); i++) {
      if (sections.get(i).name().equals(section)) {
        return i + 1;
      }
    }
    throw new AssertionError("a symbol in section " + section + ", which is not there");
  }

  private byte[] file(List<Row> rows) {
    int end = FILE_HEADER;
    var offsets = new int[rows.size()];
    for (int i = 0; i < rows.size(); i++) {
      offsets[i] = aligned(end, rows.get(i).alignment());
      end = offsets[i] + rows.get(i).bytes().limit();
    }
    int headers = aligned(end, 8);
    var out = ByteBuffer.allocate(headers + (rows.size() + 1) * SECTION_HEADER).order(order);
    header(out, headers, rows.size() + 1);
    out.position(headers + SECTION_HEADER); // the first is empty
    for (int i = 0; i < rows.size(); i++) {
      var row = rows.get(i);
      out.put(offsets[i], row.bytes(), 0, row.bytes().limit());
      out.putInt(row.name()).putInt(row.type()).putLong(row.flags()).putLong(0);
      out.putLong(offsets[i]).putLong(row.bytes().limit()).putInt(row.link()).putInt(row.info());
      out.putLong(row.alignment()).putLong(row.entry());
    }
    return out.array();
  }

  private void header(ByteBuffer out, int sectionHeaders, int count) {
    int little = order == ByteOrder.LITTLE_ENDIAN ? 1 : 2;
    out.put(new byte[] {0x7f, 'E', 'L', 'F', 2, (byte) little, 1, 0}).putLong(0);
    out.putShort(RELOCATABLE).putShort(EM_BPF).putInt(1); // the version
    out.putLong(0).putLong(0).putLong(sectionHeaders).putInt(0); // entry, segments, flags
    out.putShort((short) FILE_HEADER).putShort((short) 0).putShort((short) 0);
    out.putShort((short) SECTION_HEADER).putShort((short) count).putShort((short) (count - 1));
  }

  private static int aligned(int offset, int alignment) {
    return (offset + alignment - 1) / alignment * alignment;
  }
}
