package io.github.purebpf.btf;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The checked sections of a BTF blob. Offsets are absolute: they are also error positions. */
final class BtfData {
  private static final int MAGIC = 0xeb9f;
  private static final int MIN_HEADER = 24;

  private final byte[] array;
  private final ByteBuffer bytes;
  private final int typeStart;
  private final int typeEnd;
  private final int stringStart;
  private final int stringEnd;
  private final BtfData base;

  private BtfData(
      byte[] array,
      ByteOrder order,
      BtfData base,
      int typeStart,
      int typeEnd,
      int stringStart,
      int stringEnd) {
    this.array = array;
    this.bytes = ByteBuffer.wrap(array).order(order);
    this.base = base;
    this.typeStart = typeStart;
    this.typeEnd = typeEnd;
    this.stringStart = stringStart;
    this.stringEnd = stringEnd;
  }

  static BtfData parse(ByteBuffer source, BtfData base) {
    byte[] array = new byte[source.remaining()];
    source.duplicate().get(array);
    var bytes = ByteBuffer.wrap(array);
    if (bytes.limit() < MIN_HEADER) {
      throw new BtfException(
          bytes.limit(), "the header needs " + MIN_HEADER + " bytes, there are " + bytes.limit());
    }
    if ((bytes.getShort(0) & 0xffff) != MAGIC) {
      bytes.order(ByteOrder.LITTLE_ENDIAN);
      if ((bytes.getShort(0) & 0xffff) != MAGIC) {
        throw new BtfException(0, "the magic number 0xeb9f is missing");
      }
    }
    if (bytes.get(2) != 1) {
      throw new BtfException(2, "version " + (bytes.get(2) & 0xff) + ", only 1 is known");
    }
    int header = bytes.getInt(4);
    if (header < MIN_HEADER || header > bytes.limit()) {
      throw new BtfException(
          4, "header length " + Integer.toUnsignedString(header) + " of " + bytes.limit());
    }
    int typeStart = start(bytes, 8, header);
    int typeEnd = end(bytes, 12, typeStart);
    int stringStart = start(bytes, 16, header);
    int stringEnd = end(bytes, 20, stringStart);
    if ((typeStart - header) % 4 != 0) {
      throw new BtfException(8, "the types do not begin at a multiple of 4");
    }
    if (typeStart < stringEnd && stringStart < typeEnd) {
      throw new BtfException(16, "the types and the strings overlap");
    }
    checkStrings(bytes, stringStart, stringEnd, base);
    return new BtfData(array, bytes.order(), base, typeStart, typeEnd, stringStart, stringEnd);
  }

  private static int start(ByteBuffer bytes, int field, int header) {
    long start = header + Integer.toUnsignedLong(bytes.getInt(field));
    if (start > bytes.limit()) {
      throw new BtfException(field, "the section begins behind the end");
    }
    return (int) start;
  }

  private static int end(ByteBuffer bytes, int field, int start) {
    long end = start + Integer.toUnsignedLong(bytes.getInt(field));
    if (end > bytes.limit()) {
      throw new BtfException(field, "the section ends at " + end + " of " + bytes.limit());
    }
    return (int) end;
  }

  private static void checkStrings(ByteBuffer bytes, int start, int end, BtfData base) {
    if (start == end) {
      if (base == null) {
        throw new BtfException(20, "there are no strings, not even the empty one");
      }
      return;
    }
    if (base == null && bytes.get(start) != 0) {
      throw new BtfException(start, "the first string is not the empty one");
    }
    if (bytes.get(end - 1) != 0) {
      throw new BtfException(end - 1, "the last string does not end");
    }
  }

  ByteOrder order() {
    return bytes.order();
  }

  /** Where each type begins, having checked that all of them lie in the type section. */
  int[] index() {
    int[] offsets = new int[Math.max(16, (typeEnd - typeStart) / 40)];
    int count = 0;
    int at = typeStart;
    while (at < typeEnd) {
      if (typeEnd - at < Kind.HEADER) {
        throw new BtfException(at, "type " + (count + 1) + " is cut off");
      }
      Kind kind = kind(at);
      if (kind == Kind.VOID) {
        throw new BtfException(at + 4, "unknown kind " + ((u32(at + 4) >>> 24) & 0x7f));
      }
      long next = at + Kind.HEADER + kind.tail(elements(at));
      if (next > typeEnd) {
        throw new BtfException(at, kind + " ends at " + next + ", behind the types");
      }
      if (count == offsets.length) {
        offsets = Arrays.copyOf(offsets, count * 2);
      }
      offsets[count++] = at;
      at = (int) next;
    }
    return Arrays.copyOf(offsets, count);
  }

  Kind kind(int type) {
    return Kind.of(u32(type + 4));
  }

  /** The number of members, values, parameters or variables behind a type's header. */
  int elements(int type) {
    return u32(type + 4) & 0xffffff;
  }

  int u32(int at) {
    return bytes.getInt(at);
  }

  /** The string whose offset is stored at a place. */
  String string(int at) {
    return string(u32(at), at);
  }

  /** The string at an offset, which something at a place refers to. */
  String string(int offset, int at) {
    BtfData owner = owner(offset, at);
    int start = owner.locate(offset);
    return new String(owner.array, start, owner.length(start), StandardCharsets.UTF_8);
  }

  /** Whether a type has this name, without decoding either. */
  boolean named(int type, byte[] name) {
    int offset = u32(type);
    BtfData owner = owner(offset, type);
    int start = owner.locate(offset);
    int end = start + name.length;
    return end < owner.stringEnd
        && owner.array[end] == 0
        && Arrays.equals(owner.array, start, end, name, 0, name.length);
  }

  static byte[] encode(String name) {
    return name.getBytes(StandardCharsets.UTF_8);
  }

  private BtfData owner(int offset, int at) {
    BtfData owner = this;
    while (owner.base != null && Integer.compareUnsigned(offset, owner.base.stringLength()) < 0) {
      owner = owner.base;
    }
    if (Integer.compareUnsigned(offset, owner.stringLength()) >= 0) {
      throw new BtfException(
          at, "string offset " + Integer.toUnsignedString(offset) + " is outside the strings");
    }
    return owner;
  }

  /** The strings of this and of all below it, since the offsets go on counting. */
  private int stringLength() {
    return (base == null ? 0 : base.stringLength()) + stringEnd - stringStart;
  }

  private int locate(int offset) {
    return stringStart + offset - (base == null ? 0 : base.stringLength());
  }

  private int length(int start) {
    int end = start;
    while (array[end] != 0) {
      end++;
    }
    return end - start;
  }
}
