package io.github.purebpf.btf;

import java.util.Arrays;
import java.util.List;

/** Turns a type's record into its words; BTF types consist of nothing but 32-bit words. */
final class TypeEncoder {
  /** The kernel's BTF_MAX_VLEN. */
  private static final int MAX_ELEMENTS = 0xffff;

  private static final int BITFIELD_OFFSET_BITS = 24;

  private final BtfType type;
  private final StringTable strings;
  private int[] words = new int[8];
  private int length;
  private int highestReference;

  TypeEncoder(BtfType type, StringTable strings) {
    this.type = type;
    this.strings = strings;
    encode();
  }

  int[] words() {
    return Arrays.copyOf(words, length);
  }

  int highestReference() {
    return highestReference;
  }

  private void encode() {
    switch (type) {
      case BtfType.VoidType _ -> throw refused("void is never stored, its id is 0");
      case BtfType.Int(var _, int size, int bits, int bitOffset, var encoding) -> {
        header(Kind.INT, 0, false, size);
        word(encoding(encoding) << 24 | bitOffset << 16 | bits);
      }
      case BtfType.Ptr(int to) -> header(Kind.PTR, 0, false, reference(to));
      case BtfType.Array(int element, int index, int count) -> {
        header(Kind.ARRAY, 0, false, 0);
        word(reference(element));
        word(reference(index));
        word(count(count));
      }
      case BtfType.Struct struct -> composite(Kind.STRUCT, struct);
      case BtfType.Union union -> composite(Kind.UNION, union);
      case BtfType.Enum32(var _, int size, boolean signed, var values) -> {
        header(Kind.ENUM, values.size(), signed, enumSize(size));
        values.forEach(value -> enumerator32(value, signed));
      }
      case BtfType.Enum64(var _, int size, boolean signed, var values) -> {
        header(Kind.ENUM64, values.size(), signed, enumSize(size));
        values.forEach(this::enumerator64);
      }
      case BtfType.Fwd(var _, boolean union) -> header(Kind.FWD, 0, union, 0);
      case BtfType.Typedef(var _, int to) -> header(Kind.TYPEDEF, 0, false, reference(to));
      case BtfType.Volatile(int to) -> header(Kind.VOLATILE, 0, false, reference(to));
      case BtfType.Const(int to) -> header(Kind.CONST, 0, false, reference(to));
      case BtfType.Restrict(int to) -> header(Kind.RESTRICT, 0, false, reference(to));
      case BtfType.Func(var _, int proto, var linkage) ->
          header(Kind.FUNC, linkage(linkage), false, reference(proto));
      case BtfType.FuncProto(int result, var params) -> {
        header(Kind.FUNC_PROTO, params.size(), false, reference(result));
        for (var param : params) {
          word(strings.offset(param.name()));
          word(reference(param.type()));
        }
      }
      case BtfType.Var(var _, int of, var linkage) -> {
        header(Kind.VAR, 0, false, reference(of));
        word(linkage(linkage));
      }
      case BtfType.DataSec(var _, int size, var vars) -> section(size, vars);
      case BtfType.Floating(var _, int size) -> header(Kind.FLOAT, 0, false, count(size));
      case BtfType.DeclTag(var _, int of, int component, boolean attribute) -> {
        if (component < -1) {
          throw refused("component " + component);
        }
        header(Kind.DECL_TAG, 0, attribute, reference(of));
        word(component);
      }
      case BtfType.TypeTag(var _, int of, boolean attribute) ->
          header(Kind.TYPE_TAG, 0, attribute, reference(of));
    }
  }

  private void composite(Kind kind, BtfType.Composite composite) {
    boolean bitfields = composite.members().stream().anyMatch(m -> m.bitfieldSize() != 0);
    header(kind, composite.members().size(), bitfields, count(composite.size()));
    for (var member : composite.members()) {
      int offset = count(member.bitOffset());
      int bits = member.bitfieldSize();
      if (bits < 0 || bits > 0xff || (bitfields && offset >> BITFIELD_OFFSET_BITS != 0)) {
        throw refused("member %s: %d bits at bit %d".formatted(member.name(), bits, offset));
      }
      word(strings.offset(member.name()));
      word(reference(member.type()));
      word(bits << BITFIELD_OFFSET_BITS | offset);
    }
  }

  private void enumerator32(BtfType.Enumerator value, boolean signed) {
    long number = value.value();
    if (number != (signed ? (int) number : number & 0xffff_ffffL)) {
      throw refused(value.name() + " = " + number + " does not fit 32 bits");
    }
    word(strings.offset(value.name()));
    word((int) number);
  }

  private void enumerator64(BtfType.Enumerator value) {
    word(strings.offset(value.name()));
    word((int) value.value());
    word((int) (value.value() >>> 32));
  }

  private void section(int size, List<BtfType.SectionVar> vars) {
    header(Kind.DATASEC, vars.size(), false, count(size));
    for (var placed : vars) {
      word(reference(placed.type()));
      word(count(placed.offset()));
      word(count(placed.size()));
    }
  }

  private void header(Kind kind, int elements, boolean flag, int sizeOrType) {
    if (elements > MAX_ELEMENTS) {
      throw refused(elements + " elements; " + MAX_ELEMENTS + " are possible");
    }
    word(strings.offset(type.name()));
    word((flag ? 1 << 31 : 0) | kind.number << 24 | elements);
    word(sizeOrType);
  }

  private static int encoding(BtfType.IntEncoding encoding) {
    return switch (encoding) {
      case UNSIGNED -> 0;
      case SIGNED -> 1;
      case CHAR -> 2;
      case BOOL -> 4;
    };
  }

  private static int linkage(BtfType.Linkage linkage) {
    return switch (linkage) {
      case STATIC -> 0;
      case GLOBAL -> 1;
      case EXTERN -> 2;
    };
  }

  private int reference(int id) {
    highestReference = Math.max(highestReference, count(id));
    return id;
  }

  private int enumSize(int size) {
    if (size != 1 && size != 2 && size != 4 && size != 8) {
      throw refused("an enum of " + size + " bytes");
    }
    return size;
  }

  private int count(int value) {
    if (value < 0) {
      throw refused(value + " is below 0");
    }
    return value;
  }

  private IllegalArgumentException refused(String reason) {
    return new IllegalArgumentException(
        "BTF type %s %s: %s".formatted(type.getClass().getSimpleName(), type.name(), reason));
  }

  private void word(int word) {
    if (length == words.length) {
      words = Arrays.copyOf(words, length * 2);
    }
    words[length++] = word;
  }
}
