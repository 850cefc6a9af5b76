package io.github.purebpf.btf;

import java.util.List;
import java.util.Objects;

/**
 * One type of a {@link Btf}. References to other types are type ids, where 0 stands for {@code
 * void}; sizes are bytes unless a component says bits.
 *
 * <p>A name is the empty string where the C declaration has none.
 */
public sealed interface BtfType {
  /** The name, or the empty string for a type without one. */
  String name();

  /** A struct or a union: a size and members. */
  sealed interface Composite extends BtfType {
    /** The size in bytes, padding included. */
    int size();

    /** The members in declaration order. */
    List<Member> members();
  }

  /** An enum of either width. */
  sealed interface Enumeration extends BtfType {
    /** The size in bytes: 1, 2, 4 or 8. */
    int size();

    /** Whether the values are signed. */
    boolean signed();

    /** The enumerators in declaration order. */
    List<Enumerator> enumerators();
  }

  /** A type that says something about exactly one other type and has the size of that type. */
  sealed interface Modifier extends BtfType {
    /** The id of the type it modifies. */
    int type();
  }

  /** {@code void}, the type with id 0. It is never stored. */
  record VoidType() implements BtfType {
    @Override
    public String name() {
      return "void";
    }
  }

  /**
   * An integer, {@code BTF_KIND_INT} (1).
   *
   * @param name such as {@code unsigned int}
   * @param size bytes occupied, 1 to 16
   * @param bits bits used, at most 128
   * @param bitOffset where the bits start, 0 for a plain integer
   * @param encoding how the bits are to be read
   */
  record Int(String name, int size, int bits, int bitOffset, IntEncoding encoding)
      implements BtfType {
    /** Refuses a null name or encoding, other sizes and more bits than the size holds. */
    public Int {
      Objects.requireNonNull(name, "name");
      Objects.requireNonNull(encoding, "encoding");
      if (size < 1 || size > 16 || bits < 0 || bitOffset < 0 || bitOffset + bits > size * 8L) {
        throw new IllegalArgumentException(
            "int " + name + ": " + bits + " bits at bit " + bitOffset + " of " + size + " bytes");
      }
    }
  }

  /** How an {@link Int} is to be read; these are hints for printing. */
  enum IntEncoding {
    /** No flag set: an unsigned integer. */
    UNSIGNED,
    /** {@code BTF_INT_SIGNED}. */
    SIGNED,
    /** {@code BTF_INT_CHAR}. */
    CHAR,
    /** {@code BTF_INT_BOOL}. */
    BOOL
  }

  /**
   * A pointer, {@code BTF_KIND_PTR} (2).
   *
   * @param type the id of the type pointed to
   */
  record Ptr(int type) implements BtfType {
    @Override
    public String name() {
      return "";
    }
  }

  /**
   * An array, {@code BTF_KIND_ARRAY} (3).
   *
   * @param elementType the id of the type of an element
   * @param indexType the id of the type of an index
   * @param length the number of elements; 0 for a flexible array
   */
  record Array(int elementType, int indexType, int length) implements BtfType {
    @Override
    public String name() {
      return "";
    }
  }

  /**
   * A struct, {@code BTF_KIND_STRUCT} (4).
   *
   * @param name the tag, or empty
   * @param size bytes, padding included
   * @param members in declaration order
   */
  record Struct(String name, int size, List<Member> members) implements Composite {
    /** Copies the members. */
    public Struct {
      Objects.requireNonNull(name, "name");
      members = List.copyOf(members);
    }
  }

  /**
   * A union, {@code BTF_KIND_UNION} (5).
   *
   * @param name the tag, or empty
   * @param size bytes of the largest member
   * @param members in declaration order
   */
  record Union(String name, int size, List<Member> members) implements Composite {
    /** Copies the members. */
    public Union {
      Objects.requireNonNull(name, "name");
      members = List.copyOf(members);
    }
  }

  /**
   * A member of a struct or union.
   *
   * @param name the name, empty for an unnamed struct or union inside
   * @param type the id of its type
   * @param bitOffset bits from the start of the struct
   * @param bitfieldSize bits of a bitfield; 0 for an ordinary member
   */
  record Member(String name, int type, int bitOffset, int bitfieldSize) {
    /** Refuses a null name. */
    public Member {
      Objects.requireNonNull(name, "name");
    }
  }

  /**
   * An enum whose values fit 32 bits, {@code BTF_KIND_ENUM} (6).
   *
   * @param name the tag, or empty
   * @param size bytes: 1, 2, 4 or 8
   * @param signed whether the values are signed, which old compilers do not record
   * @param enumerators in declaration order
   */
  record Enum32(String name, int size, boolean signed, List<Enumerator> enumerators)
      implements Enumeration {
    /** Copies the enumerators. */
    public Enum32 {
      Objects.requireNonNull(name, "name");
      enumerators = List.copyOf(enumerators);
    }
  }

  /**
   * An enum with 64-bit values, {@code BTF_KIND_ENUM64} (19, Linux 6.0).
   *
   * @param name the tag, or empty
   * @param size bytes: 1, 2, 4 or 8
   * @param signed whether the values are signed
   * @param enumerators in declaration order
   */
  record Enum64(String name, int size, boolean signed, List<Enumerator> enumerators)
      implements Enumeration {
    /** Copies the enumerators. */
    public Enum64 {
      Objects.requireNonNull(name, "name");
      enumerators = List.copyOf(enumerators);
    }
  }

  /**
   * A constant of an enum.
   *
   * @param name its name
   * @param value its value: zero-extended from 32 bits in an unsigned {@link Enum32}, sign-extended
   *     in a signed one, the raw 64 bits in an {@link Enum64}
   */
  record Enumerator(String name, long value) {
    /** Refuses a null name. */
    public Enumerator {
      Objects.requireNonNull(name, "name");
    }
  }

  /**
   * A forward declaration, {@code BTF_KIND_FWD} (7).
   *
   * @param name the tag
   * @param union true for a union, false for a struct
   */
  record Fwd(String name, boolean union) implements BtfType {}

  /**
   * A typedef, {@code BTF_KIND_TYPEDEF} (8).
   *
   * @param name the new name
   * @param type the id of the type it names
   */
  record Typedef(String name, int type) implements Modifier {}

  /**
   * The qualifier volatile, {@code BTF_KIND_VOLATILE} (9).
   *
   * @param type the id of the qualified type
   */
  record Volatile(int type) implements Modifier {
    @Override
    public String name() {
      return "";
    }
  }

  /**
   * The qualifier const, {@code BTF_KIND_CONST} (10).
   *
   * @param type the id of the qualified type
   */
  record Const(int type) implements Modifier {
    @Override
    public String name() {
      return "";
    }
  }

  /**
   * The qualifier restrict, {@code BTF_KIND_RESTRICT} (11).
   *
   * @param type the id of the qualified type
   */
  record Restrict(int type) implements Modifier {
    @Override
    public String name() {
      return "";
    }
  }

  /**
   * A function, {@code BTF_KIND_FUNC} (12, Linux 5.0).
   *
   * @param name its name
   * @param type the id of its {@link FuncProto}
   * @param linkage how it is seen from outside its file
   */
  record Func(String name, int type, Linkage linkage) implements BtfType {}

  /**
   * The signature of a function, {@code BTF_KIND_FUNC_PROTO} (13, Linux 5.0).
   *
   * @param returnType the id of the type returned
   * @param params in order; the last has type 0 and no name when the function takes varargs
   */
  record FuncProto(int returnType, List<Param> params) implements BtfType {
    /** Copies the parameters. */
    public FuncProto {
      params = List.copyOf(params);
    }

    @Override
    public String name() {
      return "";
    }
  }

  /**
   * A parameter of a function.
   *
   * @param name its name, or empty
   * @param type the id of its type
   */
  record Param(String name, int type) {}

  /**
   * A global variable, {@code BTF_KIND_VAR} (14, Linux 5.2).
   *
   * @param name its name
   * @param type the id of its type
   * @param linkage how it is seen from outside its file
   */
  record Var(String name, int type, Linkage linkage) implements BtfType {}

  /** The linkage of a {@link Func} or {@link Var}; the ordinal is the number BTF stores. */
  enum Linkage {
    /** Seen in its own file only. */
    STATIC,
    /** Defined here and seen everywhere. */
    GLOBAL,
    /** Defined elsewhere. */
    EXTERN
  }

  /**
   * The variables of one ELF section, {@code BTF_KIND_DATASEC} (15, Linux 5.2).
   *
   * @param name the section, such as {@code .bss}
   * @param size bytes of the section
   * @param vars what lies in it, by ascending offset
   */
  record DataSec(String name, int size, List<SectionVar> vars) implements BtfType {
    /** Copies the variables. */
    public DataSec {
      Objects.requireNonNull(name, "name");
      vars = List.copyOf(vars);
    }
  }

  /**
   * A variable's place in a section.
   *
   * @param type the id of the {@link Var}
   * @param offset bytes from the start of the section
   * @param size bytes
   */
  record SectionVar(int type, int offset, int size) {}

  /**
   * A floating-point number, {@code BTF_KIND_FLOAT} (16, Linux 5.13).
   *
   * @param name such as {@code double}
   * @param size bytes: 2, 4, 8, 12 or 16
   */
  record Floating(String name, int size) implements BtfType {}

  /**
   * A tag on a declaration, {@code BTF_KIND_DECL_TAG} (17, Linux 5.16).
   *
   * @param name the tag's text
   * @param type the id of what is tagged
   * @param component the member or parameter that is tagged, or -1 for the whole of it
   * @param attribute whether the text is a full attribute rather than the argument of {@code
   *     btf_decl_tag} (Linux 6.15)
   */
  record DeclTag(String name, int type, int component, boolean attribute) implements BtfType {}

  /**
   * A tag on a type, {@code BTF_KIND_TYPE_TAG} (18, Linux 5.17).
   *
   * @param name the tag's text
   * @param type the id of the tagged type
   * @param attribute whether the text is a full attribute rather than the argument of {@code
   *     btf_type_tag} (Linux 6.15)
   */
  record TypeTag(String name, int type, boolean attribute) implements Modifier {}
}
