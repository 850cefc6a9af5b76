package io.github.purebpf.btf;

/** The kinds of BTF type: their number, and how many bytes follow the header. */
enum Kind {
  VOID(0, BtfType.VoidType.class, 0, 0),
  INT(1, BtfType.Int.class, 4, 0),
  PTR(2, BtfType.Ptr.class, 0, 0),
  ARRAY(3, BtfType.Array.class, 12, 0),
  STRUCT(4, BtfType.Struct.class, 0, 12),
  UNION(5, BtfType.Union.class, 0, 12),
  ENUM(6, BtfType.Enum32.class, 0, 8),
  FWD(7, BtfType.Fwd.class, 0, 0),
  TYPEDEF(8, BtfType.Typedef.class, 0, 0),
  VOLATILE(9, BtfType.Volatile.class, 0, 0),
  CONST(10, BtfType.Const.class, 0, 0),
  RESTRICT(11, BtfType.Restrict.class, 0, 0),
  FUNC(12, BtfType.Func.class, 0, 0),
  FUNC_PROTO(13, BtfType.FuncProto.class, 0, 8),
  VAR(14, BtfType.Var.class, 4, 0),
  DATASEC(15, BtfType.DataSec.class, 0, 12),
  FLOAT(16, BtfType.Floating.class, 0, 0),
  DECL_TAG(17, BtfType.DeclTag.class, 4, 0),
  TYPE_TAG(18, BtfType.TypeTag.class, 0, 0),
  ENUM64(19, BtfType.Enum64.class, 0, 12);

  /** The bytes every type begins with: name offset, info, size or type. */
  static final int HEADER = 12;

  private static final Kind[] BY_NUMBER = values();

  /** What the info word of a type says. */
  final int number;

  /** The record that holds a type of this kind. */
  final Class<? extends BtfType> type;

  private final int fixedTail;
  private final int element;

  Kind(int number, Class<? extends BtfType> type, int fixedTail, int element) {
    this.number = number;
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
