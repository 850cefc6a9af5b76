package io.github.purebpf.insn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class RoundTripTest {
  @Property
  void anyInstructionDecodesToItself(
      @ForAll("insns") List<Insn> insns, @ForAll("orders") ByteOrder order) {
    assertEquals(insns, InsnDecoder.decode(InsnEncoder.encode(insns, order), order));
  }

  @Property
  void anySlotsEncodeToThemselves(
      @ForAll("slots") List<Slot> slots, @ForAll("orders") ByteOrder order) {
    var bytes = bytes(slots, order);
    assertArrayEquals(bytes, InsnEncoder.encode(InsnDecoder.decode(bytes, order), order));
  }

  @Property(tries = 200)
  void everyOpcodeEncodesToItself(@ForAll("slots") List<Slot> slots) {
    for (int opcode = 0; opcode < 256; opcode++) {
      for (var slot : slots) {
        var bytes =
            bytes(
                List.of(
                    new Slot(opcode, slot.dst(), slot.src(), slot.offset(), slot.imm()),
                    new Slot(0, 0, 0, 0, slot.imm())),
                ByteOrder.LITTLE_ENDIAN);
        assertArrayEquals(
            bytes,
            InsnEncoder.encode(
                InsnDecoder.decode(bytes, ByteOrder.LITTLE_ENDIAN), ByteOrder.LITTLE_ENDIAN));
      }
    }
  }

  @Provide
  Arbitrary<List<Insn>> insns() {
    return AnyInsn.insns().list().ofMaxSize(20);
  }

  @Provide
  Arbitrary<List<Slot>> slots() {
    return AnyInsn.slots().list().ofMinSize(1).ofMaxSize(10);
  }

  @Provide
  Arbitrary<ByteOrder> orders() {
    return Arbitraries.of(ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN);
  }

  private static byte[] bytes(List<Slot> slots, ByteOrder order) {
    var buffer = ByteBuffer.allocate(slots.size() * Slot.BYTES).order(order);
    slots.forEach(slot -> slot.write(buffer));
    return buffer.array();
  }
}
