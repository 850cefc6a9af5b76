package io.github.purebpf.btf;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Lays BTF out byte by byte, valid or not, so that the reader meets bytes it did not make. */
final class BtfBytes {
  private final ByteOrder order;
  private final int firstString;
  private final ByteArrayOutputStream types = new ByteArrayOutputStream();
  private final ByteArrayOutputStream strings = new ByteArrayOutputStream();

  private BtfBytes(ByteOrder order, int firstString) {
    this.order = order;
    this.firstString = firstString;
  }

  static BtfBytes in(ByteOrder order) {
    var bytes = new BtfBytes(order, 0);
    bytes.string("");
    return bytes;
  }

  /** BTF whose string offsets go on behind those of a base. */
  static BtfBytes splitFrom(BtfBytes base) {
    return new BtfBytes(base.order, base.strings.size());
  }

  int string(String text) {
    int offset = firstString + strings.size();
    strings.writeBytes(text.getBytes(StandardCharsets.UTF_8));
    strings.write(0);
    return offset;
  }

  /** Appends a type: the three words of its header, the name given as text, and its tail. */
  BtfBytes type(String name, int kind, int elements, int sizeOrType, int... tail) {
    return type(name.isEmpty() ? 0 : string(name), kind << 24 | elements, sizeOrType, tail);
  }

  BtfBytes type(int name, int info, int sizeOrType, int... tail) {
    word(name);
    word(info);
    word(sizeOrType);
    for (int word : tail) {
      word(word);
    }
    return this;
  }

  private void word(int value) {
    types.writeBytes(ByteBuffer.allocate(4).order(order).putInt(value).array());
  }

  byte[] build() {
    return ByteBuffer.allocate(24 + types.size() + strings.size())
        .order(order)
        .putShort((short) 0xeb9f)
        .put((byte) 1)
        .put((byte) 0)
        .putInt(24)
        .putInt(0)
        .putInt(types.size())
        .putInt(types.size())
        .putInt(strings.size())
        .put(types.toByteArray())
        .put(strings.toByteArray())
        .array();
  }

  /** One type of every kind, their ids being their kind numbers. */
  static byte[] everyKind(ByteOrder order) {
    var b = in(order);
    int x = b.string("x");
    int y = b.string("y");
    return b.type("int", 1, 0, 4, 1 << 24 | 32)
        .type("", 2, 0, 1)
        .type("", 3, 0, 0, 1, 1, 7)
        .type("point", 4, 2, 8, x, 1, 0, y, 1, 32)
        .type("either", 5, 2, 8, x, 1, 0, y, 2, 0)
        .type("color", 6, 2, 4, x, 5, y, -1)
        .type("later", 7, 0, 0)
        .type("number", 8, 0, 1)
        .type("", 9, 0, 8)
        .type("", 10, 0, 9)
        .type("", 11, 0, 10)
        .type("main", 12, 1, 13)
        .type("", 13, 2, 1, x, 1, 0, 0)
        .type("counter", 14, 0, 3, 1)
        .type(".bss", 15, 1, 28, 14, 0, 28)
        .type("double", 16, 0, 8)
        .type("user", 17, 0, 4, -1)
        .type("rcu", 18, 0, 1)
        .type("wide", 19, 1, 8, x, 2, 1)
        .build();
  }
}
