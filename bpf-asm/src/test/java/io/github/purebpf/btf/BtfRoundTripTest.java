package io.github.purebpf.btf;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.purebpf.btf.BtfType.Enumerator;
import io.github.purebpf.btf.BtfType.IntEncoding;
import io.github.purebpf.btf.BtfType.Linkage;
import io.github.purebpf.btf.BtfType.Member;
import io.github.purebpf.btf.BtfType.Param;
import io.github.purebpf.btf.BtfType.SectionVar;
import java.nio.ByteOrder;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** What is written is read back, whatever refers to whatever. */
class BtfRoundTripTest {
  private static final int TYPES = 12;

  @Property
  void typesSurviveBothByteOrders(@ForAll("types") List<BtfType> types, @ForAll boolean bigEndian) {
    var order = bigEndian ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
    var builder = new BtfBuilder();
    types.forEach(builder::add);
    var read = Btf.parse(builder.build(order));
    assertEquals(order, read.order());
    assertEquals(types, read.types(BtfType.class).toList());
  }

  @Property
  void internedTypesAreFoundByTheirIds(@ForAll("types") List<BtfType> types) {
    var builder = new BtfBuilder();
    var ids = types.stream().map(builder::intern).toList();
    while (builder.nextId() <= TYPES) {
      builder.add(new BtfType.Ptr(0));
    }
    var read = Btf.parse(builder.build(ByteOrder.LITTLE_ENDIAN));
    assertEquals(types, ids.stream().map(read::type).toList());
    assertEquals(types.stream().distinct().count(), ids.stream().distinct().count());
  }

  @Provide
  Arbitrary<List<BtfType>> types() {
    return Arbitraries.oneOf(scalars(), modifiers(), composites(), others()).list().ofSize(TYPES);
  }

  private static Arbitrary<BtfType> scalars() {
    return Arbitraries.oneOf(
        Combinators.combine(name(), Arbitraries.integers().between(1, 16), any(IntEncoding.class))
            .as((name, size, encoding) -> new BtfType.Int(name, size, size * 5, size, encoding)),
        Combinators.combine(name(), number()).as(BtfType.Floating::new),
        Combinators.combine(name(), enumSize(), flag(), Arbitraries.integers().list())
            .as(BtfRoundTripTest::enum32),
        Combinators.combine(
                name(),
                enumSize(),
                flag(),
                Combinators.combine(name(), Arbitraries.longs()).as(Enumerator::new).list())
            .as(BtfType.Enum64::new));
  }

  private static BtfType enum32(String name, int size, boolean signed, List<Integer> values) {
    return new BtfType.Enum32(
        name,
        size,
        signed,
        values.stream()
            .map(v -> new Enumerator("e" + v, signed ? v : Integer.toUnsignedLong(v)))
            .toList());
  }

  private static Arbitrary<BtfType> modifiers() {
    return Arbitraries.oneOf(
        id().map(BtfType.Ptr::new),
        id().map(BtfType.Const::new),
        id().map(BtfType.Volatile::new),
        id().map(BtfType.Restrict::new),
        Combinators.combine(name(), id()).as(BtfType.Typedef::new),
        Combinators.combine(name(), id(), flag()).as(BtfType.TypeTag::new),
        Combinators.combine(id(), id(), number()).as(BtfType.Array::new));
  }

  private static Arbitrary<BtfType> composites() {
    var offset = Arbitraries.integers().between(0, 0xffffff);
    var member =
        Combinators.combine(name(), id(), offset, Arbitraries.integers().between(0, 255))
            .as(Member::new);
    var plain =
        Combinators.combine(name(), id(), number()).as((n, i, bit) -> new Member(n, i, bit, 0));
    var members = Arbitraries.oneOf(member.list(), plain.list());
    return Arbitraries.oneOf(
        Combinators.combine(name(), number(), members).as(BtfType.Struct::new),
        Combinators.combine(name(), number(), members).as(BtfType.Union::new));
  }

  private static Arbitrary<BtfType> others() {
    return Arbitraries.oneOf(
        Combinators.combine(name(), flag()).as(BtfType.Fwd::new),
        Combinators.combine(name(), id(), any(Linkage.class)).as(BtfType.Func::new),
        Combinators.combine(id(), Combinators.combine(name(), id()).as(Param::new).list())
            .as(BtfType.FuncProto::new),
        Combinators.combine(name(), id(), any(Linkage.class)).as(BtfType.Var::new),
        Combinators.combine(
                name(),
                number(),
                Combinators.combine(id(), number(), number()).as(SectionVar::new).list())
            .as(BtfType.DataSec::new),
        Combinators.combine(name(), id(), Arbitraries.integers().between(-1, 9), flag())
            .as(BtfType.DeclTag::new));
  }

  private static Arbitrary<String> name() {
    return Arbitraries.strings().alpha().numeric().withChars("_. é漢").ofMaxLength(6);
  }

  private static Arbitrary<Integer> id() {
    return Arbitraries.integers().between(0, TYPES);
  }

  private static Arbitrary<Integer> number() {
    return Arbitraries.integers().greaterOrEqual(0);
  }

  private static Arbitrary<Integer> enumSize() {
    return Arbitraries.of(1, 2, 4, 8);
  }

  private static Arbitrary<Boolean> flag() {
    return Arbitraries.of(true, false);
  }

  private static <E extends Enum<E>> Arbitrary<E> any(Class<E> type) {
    return Arbitraries.of(type);
  }
}
