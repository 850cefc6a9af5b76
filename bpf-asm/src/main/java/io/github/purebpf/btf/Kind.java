package io.github.purebpf.btf;

/** The kinds of BTF type: their number is the ordinal, and how many bytes follow the header. */
enum Kind {
  VOID(BtfType.VoidType.class, 0, 0),
  INT(BtfType.Int.class, 4, 0),
  PTR(BtfType.Ptr.class, 0, 0),
  ARRAY(BtfType.Array.class, 12, 0),
  STRUCT(BtfType.Struct.class, 0, 12),
  UNION(BtfType.Union.class, 0, 12),
  ENUM(BtfType.Enum32.class, 0, 8),
  FWD(BtfType.Fwd.class, 0, 0),
  TYPEDEF(BtfType.Typedef.class, 0, 0),
  VOLATILE(BtfType.Volatile.class, 0, 0),
  CONST(BtfType.Const.class, 0, 0),
  RESTRICT(BtfType.Restrict.class, 0, 0),
  FUNC(BtfType.Func.class, 0, 0),
  FUNC_PROTO(BtfType.FuncProto.class, 0, 8),
  VAR(BtfType.Var.class, 4, 0),
  DATASEC(BtfType.DataSec.class, 0, 12),
  FLOAT(BtfType.Floating.class, 0, 0),
  DECL_TAG(BtfType.DeclTag.class, 4, 0),
  TYPE_TAG(BtfType.TypeTag.class, 0, 0),
  ENUM64(BtfType.Enum64.class, 0, 12);

  /** The bytes every type begins with: name offset, info, size or type. */
  static final int HEADER = 12;

  private static final Kind[] BY_NUMBER = values();

  /** The record that holds a type of this kind. */
  final Class<? extends BtfType> type;

  private final int fixedTail;
  private final int element;

  Kind(Class<? extends BtfType> type, int fixedTail, int element) {
    this.type = type;
    this.fixedTail = fixedTail;
    this.element = element;
  }

  /** The kind an info word names, or {@link #VOID} for a number that is none. */
  static Kind of(int info) {
    int number = (info >>> 24) & 0x7f;
    return number < BY_NUMBER.length ? BY_NUMBER[number] : VOID;
  }

  /** The bytes behind the header of a type of this kind with so many elements. */
  long tail(int elements) {
    return fixedTail + (long) element * elements;
  }
}
