package io.github.purebpf.elf;

import io.github.purebpf.btf.Btf;
import io.github.purebpf.btf.BtfType;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Reads {@code .BTF.ext} back, with the strings of {@code .BTF}. */
final class ExtReader {
  private final ByteBuffer ext;
  private final ByteBuffer btfBytes;
  private final Btf btf;

  ExtReader(ElfReader elf) {
    ext = ByteBuffer.wrap(elf.bytes(".BTF.ext")).order(elf.order());
    btfBytes = ByteBuffer.wrap(elf.bytes(".BTF")).order(elf.order());
    btf = Btf.parse(elf.bytes(".BTF"));
  }

  Btf btf() {
    return btf;
  }

  /** {@code SECTION BYTE-OFFSET NAME}. */
  List<String> functions() {
    var found = new ArrayList<String>();
    read(
        8,
        8,
        (section, at) ->
            found.add(section + " " + ext.getInt(at) + " " + btf.type(ext.getInt(at + 4)).name()));
    return found;
  }

  /** {@code SECTION BYTE-OFFSET FILE:LINE TEXT}. */
  List<String> lines() {
    var found = new ArrayList<String>();
    read(
        16,
        16,
        (section, at) ->
            found.add(
                "%s %d %s:%d %s"
                    .formatted(
                        section,
                        ext.getInt(at),
                        string(ext.getInt(at + 4)),
                        ext.getInt(at + 12) >> 10,
                        string(ext.getInt(at + 8)))));
    return found;
  }

  private interface Visitor {
    void record(String section, int at);
  }

  private void read(int header, int recordSize, Visitor visitor) {
    int at = ext.getInt(4) + ext.getInt(header);
    int end = at + ext.getInt(header + 4);
    if (at == end) {
      return;
    }
    if (ext.getInt(at) != recordSize) {
      throw new AssertionError("records of " + ext.getInt(at) + " bytes");
    }
    at += 4;
    while (at < end) {
      var section = string(ext.getInt(at));
      int count = ext.getInt(at + 4);
      at += 8;
      for (int i = 0; i < count; i++, at += recordSize) {
        visitor.record(section, at);
      }
    }
  }

  private String string(int offset) {
    int start = btfBytes.getInt(4) + btfBytes.getInt(16) + offset;
    int end = start;
    while (btfBytes.get(end) != 0) {
      end++;
    }
    return new String(btfBytes.array(), start, end - start, StandardCharsets.UTF_8);
  }

  /** The struct that defines a map. */
  BtfType.Struct definition(String map) {
    var variable = btf.byName(map, BtfType.Var.class).orElseThrow();
    return (BtfType.Struct) btf.type(variable.type());
  }
}
