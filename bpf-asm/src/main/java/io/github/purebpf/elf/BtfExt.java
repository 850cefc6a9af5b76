package io.github.purebpf.elf;

import io.github.purebpf.btf.BtfBuilder;
import io.github.purebpf.btf.ProgramBtf.FuncInfo;
import io.github.purebpf.btf.ProgramBtf.LineInfo;
import io.github.purebpf.insn.Slot;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** Writes {@code .BTF.ext}: the functions and source lines of each section of code. */
final class BtfExt {
  private static final short MAGIC = (short) 0xeb9f;
  private static final int HEADER = 32;
  private static final int SECTION_HEADER = 8;

  private final BtfBuilder types;
  private final List<CodeSection> sections;

  /**
   * @param types what holds the names of the sections
   */
  BtfExt(BtfBuilder types, List<CodeSection> sections) {
    this.types = types;
    this.sections = sections;
  }

  byte[] bytes(ByteOrder order) {
    int functions = size(sections.stream().map(s -> s.functions().size()).toList(), FuncInfo.SIZE);
    int lines = size(sections.stream().map(s -> s.lines().size()).toList(), LineInfo.SIZE);
    var out = ByteBuffer.allocate(HEADER + functions + lines).order(order);
    out.putShort(MAGIC).put((byte) 1).put((byte) 0).putInt(HEADER);
    out.putInt(0).putInt(functions).putInt(functions).putInt(lines);
    out.putInt(functions + lines).putInt(0); // no relocations against a kernel's structs
    if (functions > 0) {
      out.putInt(FuncInfo.SIZE);
      for (var section : sections) {
        header(out, section, section.functions().size());
        section.functions().forEach(f -> out.putInt(f.slot() * Slot.BYTES).putInt(f.type()));
      }
    }
    if (lines > 0) {
      out.putInt(LineInfo.SIZE);
      for (var section : sections) {
        header(out, section, section.lines().size());
        section.lines().forEach(line -> line(out, line));
      }
    }
    return out.array();
  }

  private static int size(List<Integer> counts, int recordSize) {
    int size = 0;
    for (int count : counts) {
      size += count == 0 ? 0 : SECTION_HEADER + count * recordSize;
    }
    return size == 0 ? 0 : Integer.BYTES + size;
  }

  private void header(ByteBuffer out, CodeSection section, int count) {
    if (count > 0) {
      out.putInt(types.string(section.name())).putInt(count);
    }
  }

  private static void line(ByteBuffer out, LineInfo line) {
    out.putInt(line.slot() * Slot.BYTES)
        .putInt(line.file())
        .putInt(line.text())
        .putInt(line.line() << 10 | line.column());
  }
}
