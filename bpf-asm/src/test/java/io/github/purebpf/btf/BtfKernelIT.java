package io.github.purebpf.btf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Reads the BTF of the running kernel. */
class BtfKernelIT {
  private static Btf kernel;

  @BeforeAll
  static void read() throws Exception {
    kernel = Btf.read(Path.of("/sys/kernel/btf/vmlinux"));
  }

  @Test
  void everyTypeDecodes() {
    assertTrue(kernel.typeCount() > 10_000, () -> "only " + kernel.typeCount() + " types");
    for (int id = 0; id < kernel.typeCount(); id++) {
      BtfType type = kernel.type(id);
      if (!(type instanceof BtfType.Modifier)) {
        assertEquals(type, kernel.resolve(id));
      }
    }
  }

  @Test
  void contextOfConnectProgramsHasTheAddressAtFour() {
    var context = kernel.byName("bpf_sock_addr", BtfType.Struct.class).orElseThrow();
    var address =
        context.members().stream()
            .filter(m -> m.name().equals("user_ip4"))
            .findFirst()
            .orElseThrow();
    assertEquals(4 * Byte.SIZE, address.bitOffset());
    assertEquals(4, kernel.sizeOf(address.type()));
    assertEquals("unsigned int", kernel.resolve(address.type()).name());
  }

  @Test
  void membersOfTheKernelsStructsAreFound() {
    assertEquals(4, kernel.offsetOf("bpf_sock_addr", "user_ip4"));
    assertEquals(64, kernel.offsetOf("bpf_sock_addr", "sk"), "in an unnamed union");
    assertEquals(
        kernel.offsetOf("sock_common", "skc_daddr"),
        kernel.offsetOf("sock", "__sk_common.skc_addrpair"));
  }

  @Test
  void namesOfDifferentSortsAreToldApart() {
    int type = kernel.idOf("bpf_map_type", BtfType.Enumeration.class).orElseThrow();
    assertTrue(kernel.idOf("bpf_map_type", BtfType.Struct.class).isEmpty());
    assertEquals("bpf_map_type", kernel.type(type).name());
  }

  @Test
  void everythingIsWrittenAsItWasRead() {
    var types = new BtfBuilder();
    kernel.types(BtfType.class).forEach(types::add);
    var written = Btf.parse(types.build(kernel.order()));
    assertEquals(kernel.typeCount(), written.typeCount());
    for (int id = 1; id < kernel.typeCount(); id++) {
      assertEquals(kernel.type(id), written.type(id));
    }
  }
}
