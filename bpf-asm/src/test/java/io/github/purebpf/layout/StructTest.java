package io.github.purebpf.layout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.insn.Field;
import io.github.purebpf.insn.MemSize;
import org.junit.jupiter.api.Test;

class StructTest {
  record Key(@NetworkOrder int address, @NetworkOrder short port, byte protocol, byte padding) {}

  record Hole(byte flag, int address) {}

  record OpenEnd(int address, byte flag) {}

  record WithText(String name) {}

  record Nothing() {}

  @Test
  void laysComponentsOutAsC() {
    var struct = Struct.of(Key.class);
    assertEquals(8, struct.size());
    assertEquals(Field.of("port", 4, MemSize.H), struct.field("port"));
    assertEquals(7, struct.field("padding").offset());
    assertTrue(struct.members().get(1).networkOrder());
    assertEquals("struct Key (8 bytes)", struct.toString());
  }

  @Test
  void refusesPaddingThatIsNotDeclared() {
    refused(() -> Struct.of(Hole.class), "component address lies at 1", "declare 3 bytes");
    refused(() -> Struct.of(OpenEnd.class), "the end lies at 5", "declare 3 bytes");
  }

  @Test
  void refusesWhatIsNoInteger() {
    refused(() -> Struct.of(WithText.class), "component name is a String");
    refused(() -> Struct.of(Nothing.class), "has no component");
    refused(() -> Struct.of(Key.class).field("adress"), "has no component adress");
  }

  private static void refused(org.junit.jupiter.api.function.Executable make, String... parts) {
    var message = assertThrows(IllegalArgumentException.class, make).getMessage();
    for (var part : parts) {
      assertTrue(message.contains(part), message);
    }
  }
}
