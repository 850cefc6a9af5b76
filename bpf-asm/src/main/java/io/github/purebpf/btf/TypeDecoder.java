package io.github.purebpf.btf;

import java.util.List;
import java.util.stream.IntStream;

/** Turns the bytes of one type into its record. */
final class TypeDecoder {
  private final BtfData data;
  private final int at;
  private final int tail;
  private final int typeCount;
  private final boolean flag;

  TypeDecoder(BtfData data, int at, int typeCount) {
    this.data = data;
    this.at = at;
    this.tail = at + Kind.HEADER;
    this.typeCount = typeCount;
    this.flag = data.u32(at + 4) < 0;
  }

  BtfType decode() {
    return switch (data.kind(at)) {
      case VOID -> throw new BtfException(at + 4, "unknown kind");
      case INT -> integer();
      case PTR -> new BtfType.Ptr(typeId(at + 8));
      case ARRAY -> new BtfType.Array(typeId(tail), typeId(tail + 4), count(tail + 8));
      case STRUCT -> new BtfType.Struct(data.string(at), count(at + 8), members());
      case UNION -> new BtfType.Union(data.string(at), count(at + 8), members());
      case ENUM -> new BtfType.Enum32(data.string(at), enumSize(), flag, values32());
      case FWD -> new BtfType.Fwd(data.string(at), flag);
      case TYPEDEF -> new BtfType.Typedef(data.string(at), typeId(at + 8));
      case VOLATILE -> new BtfType.Volatile(typeId(at + 8));
      case CONST -> new BtfType.Const(typeId(at + 8));
      case RESTRICT -> new BtfType.Restrict(typeId(at + 8));
      case FUNC ->
          new BtfType.Func(data.string(at), typeId(at + 8), linkage(data.elements(at), at + 4));
      case FUNC_PROTO -> new BtfType.FuncProto(typeId(at + 8), params());
      case VAR -> new BtfType.Var(data.string(at), typeId(at + 8), linkage(data.u32(tail), tail));
      case DATASEC -> new BtfType.DataSec(data.string(at), count(at + 8), sectionVars());
      case FLOAT -> new BtfType.Floating(data.string(at), count(at + 8));
      case DECL_TAG -> new BtfType.DeclTag(data.string(at), typeId(at + 8), component(), flag);
      case TYPE_TAG -> new BtfType.TypeTag(data.string(at), typeId(at + 8), flag);
      case ENUM64 -> new BtfType.Enum64(data.string(at), enumSize(), flag, values64());
    };
  }

  private BtfType.Int integer() {
    int size = count(at + 8);
    int word = data.u32(tail);
    int bits = word & 0xff;
    int bitOffset = (word >>> 16) & 0xff;
    if (size < 1 || size > 16 || bitOffset + bits > size * 8) {
      throw new BtfException(
          tail, bits + " bits at bit " + bitOffset + " of an integer of " + size + " bytes");
    }
    var encoding =
        switch ((word >>> 24) & 0xf) {
          case 0 -> BtfType.IntEncoding.UNSIGNED;
          case 1 -> BtfType.IntEncoding.SIGNED;
          case 2 -> BtfType.IntEncoding.CHAR;
          case 4 -> BtfType.IntEncoding.BOOL;
          default -> throw new BtfException(tail, "integer encoding " + ((word >>> 24) & 0xf));
        };
    return new BtfType.Int(data.string(at), size, bits, bitOffset, encoding);
  }

  private List<BtfType.Member> members() {
    return elements(
        12,
        p -> {
          // With the flag the offset shares its word with the size of a bitfield.
          int offset = flag ? data.u32(p + 8) & 0xffffff : count(p + 8);
          int bitfield = flag ? data.u32(p + 8) >>> 24 : 0;
          return new BtfType.Member(data.string(p), typeId(p + 4), offset, bitfield);
        });
  }

  private List<BtfType.Enumerator> values32() {
    return elements(
        8,
        p -> {
          int value = data.u32(p + 4);
          return new BtfType.Enumerator(
              data.string(p), flag ? value : Integer.toUnsignedLong(value));
        });
  }

  private List<BtfType.Enumerator> values64() {
    return elements(
        12,
        p ->
            new BtfType.Enumerator(
                data.string(p),
                Integer.toUnsignedLong(data.u32(p + 4)) | (long) data.u32(p + 8) << 32));
  }

  private List<BtfType.Param> params() {
    return elements(8, p -> new BtfType.Param(data.string(p), typeId(p + 4)));
  }

  private List<BtfType.SectionVar> sectionVars() {
    return elements(12, p -> new BtfType.SectionVar(typeId(p), count(p + 4), count(p + 8)));
  }

  private <T> List<T> elements(int size, java.util.function.IntFunction<T> element) {
    return IntStream.range(0, data.elements(at))
        .map(i -> tail + i * size)
        .mapToObj(element)
        .toList();
  }

  private int typeId(int p) {
    int id = data.u32(p);
    if (id < 0 || id >= typeCount) {
      throw new BtfException(
          p, "type id " + Integer.toUnsignedString(id) + " of only " + typeCount);
    }
    return id;
  }

  private int count(int p) {
    int value = data.u32(p);
    if (value < 0) {
      throw new BtfException(p, Integer.toUnsignedString(value) + " is larger than 2147483647");
    }
    return value;
  }

  private int enumSize() {
    int size = count(at + 8);
    if (size != 1 && size != 2 && size != 4 && size != 8) {
      throw new BtfException(at + 8, "an enum of " + size + " bytes");
    }
    return size;
  }

  private int component() {
    int component = data.u32(tail);
    if (component < -1) {
      throw new BtfException(tail, "component " + component);
    }
    return component;
  }

  private static BtfType.Linkage linkage(int number, int p) {
    return switch (number) {
      case 0 -> BtfType.Linkage.STATIC;
      case 1 -> BtfType.Linkage.GLOBAL;
      case 2 -> BtfType.Linkage.EXTERN;
      default -> throw new BtfException(p, "linkage " + Integer.toUnsignedString(number));
    };
  }
}
