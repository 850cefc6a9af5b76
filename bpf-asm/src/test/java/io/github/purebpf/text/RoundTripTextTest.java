package io.github.purebpf.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.asm.FunctionRef;
import io.github.purebpf.asm.Label;
import io.github.purebpf.insn.AnyInsn;
import io.github.purebpf.insn.Exit;
import io.github.purebpf.insn.Imm64;
import io.github.purebpf.insn.Insn;
import io.github.purebpf.insn.LoadImm64;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.insn.Reg;
import io.github.purebpf.insn.Slot;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class RoundTripTextTest {
  @Property
  void anyBytesAreReadBackFromTheirText(
      @ForAll("slots") List<Slot> slots,
      @ForAll Dialect dialect,
      @ForAll("orders") ByteOrder order) {
    var bytes = bytes(slots, order);
    var text = AsmText.print(BpfCode.decode(bytes, order), dialect);
    assertArrayEquals(bytes, AsmText.parse(text, "slots", dialect).encode(order), text);
  }

  /** Small offsets, so that jumps and calls land in the program, also amid lddw. */
  @Property
  void anyBytesFullOfJumpsAreReadBackFromTheirText(
      @ForAll("jumpySlots") List<Slot> slots, @ForAll Dialect dialect) {
    var bytes = bytes(slots, ByteOrder.LITTLE_ENDIAN);
    var code = BpfCode.decode(bytes, ByteOrder.LITTLE_ENDIAN);
    var text = AsmText.print(code, dialect);
    var back = AsmText.parse(text, "slots", dialect);
    assertArrayEquals(bytes, back.encode(ByteOrder.LITTLE_ENDIAN), text);
    assertEquals(code, back, text);
    assertEquals(code.functions(), back.functions(), text);
  }

  @Property
  void anyInstructionsAreReadBackFromTheirText(
      @ForAll("insns") List<Insn> insns, @ForAll Dialect dialect) {
    var code = BpfCode.of(insns);
    var text = AsmText.print(code, dialect);
    assertEquals(code, AsmText.parse(text, "insns", dialect), text);
  }

  @Property
  void anyListingIsReadBack(@ForAll("jumpySlots") List<Slot> slots) {
    var bytes = bytes(slots, ByteOrder.LITTLE_ENDIAN);
    var listing = KernelText.listing(BpfCode.decode(bytes, ByteOrder.LITTLE_ENDIAN));
    assertArrayEquals(
        bytes,
        AsmText.parse(listing, "listing", Dialect.KERNEL).encode(ByteOrder.LITTLE_ENDIAN),
        listing);
  }

  /** Every name may be a function, a map and a kfunc at once, and look like something else. */
  @Property
  void namesThatMeanSeveralThingsAreReadBack(
      @ForAll("names") List<String> functions,
      @ForAll("names") List<String> maps,
      @ForAll("names") List<String> kfuncs,
      @ForAll Dialect dialect) {
    var code = withNames(functions, maps, kfuncs);
    var text = AsmText.print(code, dialect);
    var back = AsmText.parse(text, "names", dialect);
    assertEquals(code, back, text);
    assertEquals(code.maps(), back.maps(), text);
    if (functions.stream().allMatch(Names::isPlain)) {
      assertEquals(code.functions(), back.functions(), text);
    }
  }

  private static BpfCode withNames(List<String> functions, List<String> maps, List<String> kfuncs) {
    return BpfCode.build(
        b -> {
          var refs = new ArrayList<FunctionRef>();
          for (var name : new HashSet<>(functions)) {
            refs.add(b.newFunction(name));
          }
          for (int i = 0; i < refs.size(); i++) {
            // Some are called, some are callbacks, some are neither.
            switch (i % 3) {
              case 0 -> b.call(refs.get(i));
              case 1 -> b.lddw(Reg.R2, refs.get(i));
              default -> b.mov(Reg.R0, i);
            }
          }
          for (var map : maps) {
            b.lddw(Reg.R1, new MapRef(map));
            b.with(new LoadImm64(Reg.R3, new Imm64.NamedMapValue(new MapRef(map), -8)));
          }
          kfuncs.stream().filter(name -> !name.contains(".")).forEach(b::callKfunc);
          b.exit();
          for (var ref : refs) {
            b.function(
                ref,
                f -> {
                  Label loop = f.newLabel();
                  f.labelBinding(loop).mov(Reg.R0, 0).mayGoto(loop).exit();
                });
          }
        });
  }

  @Provide
  Arbitrary<List<String>> names() {
    return Arbitraries.of(
            "L",
            "L0",
            "L1",
            "L5",
            "L12",
            "L_3",
            "f1",
            "f12",
            "r1",
            "w10",
            "R5",
            "pc",
            "ll",
            "map",
            "if",
            "exit",
            "s",
            "be16",
            "unknown",
            "kfunc",
            "kernel",
            ".text",
            "_",
            "x.y",
            "call",
            "atomic_fetch_or",
            "bpf_loop",
            "subprog",
            "fd",
            "lock")
        .list()
        .ofMaxSize(6);
  }

  @Provide
  Arbitrary<List<Insn>> insns() {
    return AnyInsn.insns().list().ofMaxSize(20);
  }

  @Provide
  Arbitrary<List<Slot>> slots() {
    return AnyInsn.slots().list().ofMaxSize(20);
  }

  @Provide
  Arbitrary<List<Slot>> jumpySlots() {
    var small = Arbitraries.integers().between(-6, 6);
    var jumps =
        Combinators.combine(
                Arbitraries.of(0x05, 0x06, 0x15, 0x1d, 0x16, 0x85, 0x85, 0xe5, 0x18, 0xb7, 0x95),
                Arbitraries.of(0, 0, 1),
                Arbitraries.of(0, 0, 1, 1, 2, 4, 4),
                Arbitraries.of(0, 1).flatMap(zero -> small.map(n -> n * zero)),
                small)
            .as(Slot::new);
    var seconds = small.map(imm -> new Slot(0, 0, 0, 0, imm));
    var zero = Arbitraries.of(List.of(new Slot(0, 0, 0, 0, 0)));
    return Arbitraries.oneOf(List.of(jumps, jumps, jumps, seconds, zero)).list().ofMaxSize(24);
  }

  @Provide
  Arbitrary<ByteOrder> orders() {
    return Arbitraries.of(ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN);
  }

  @Property(tries = 20)
  void anEmptyProgramIsAnEmptyText(@ForAll Dialect dialect) {
    assertEquals("", AsmText.print(BpfCode.of(List.of()), dialect));
    assertEquals(BpfCode.of(List.of()), AsmText.parse("", "empty", dialect));
    assertEquals(List.of(new Exit()), AsmText.parse("exit", "exit", dialect).insns());
  }

  private static byte[] bytes(List<Slot> slots, ByteOrder order) {
    var buffer = ByteBuffer.allocate(slots.size() * Slot.BYTES).order(order);
    slots.forEach(slot -> slot.write(buffer));
    return buffer.array();
  }
}
