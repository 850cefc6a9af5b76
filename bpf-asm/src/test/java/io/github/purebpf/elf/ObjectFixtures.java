package io.github.purebpf.elf;

import io.github.purebpf.asm.MapShape;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.layout.NetworkOrder;
import io.github.purebpf.layout.Struct;
import io.github.purebpf.text.AsmText;
import io.github.purebpf.text.Dialect;
import io.github.purebpf.uapi.MapType;
import java.util.List;
import java.util.Optional;

/** Objects that several tests write. */
final class ObjectFixtures {
  static final MapRef SERVICES = new MapRef("services");

  static final String CONNECT4 =
      """
      r6 = r1
      r2 = *(u32 *)(r1 +4)
      *(u32 *)(r10 -4) = r2
      r2 = r10
      r2 += -4
      r1 = map[services]
      call bpf_map_lookup_elem
      if r0 == 0 goto pass
      r1 = *(u32 *)(r0 +0)
      *(u32 *)(r6 +4) = r1
      pass:
      call verdict
      exit
      verdict:
      r0 = 1
      exit
      """;

  /** Goes through the numbers up to 10 and calls a function for each. */
  static final String LOOP =
      """
      r1 = 10
      r2 = each ll
      r3 = 0
      r4 = 0
      call bpf_loop
      call one
      exit
      each:
      call one
      r0 = 0
      exit
      one:
      r0 = 1
      exit
      """;

  /** What the map holds. */
  record Address(@NetworkOrder int ip) {}

  private ObjectFixtures() {}

  static ObjectProgram program(String name, String section, String text) {
    return new ObjectProgram(name, section, AsmText.parse(text, name + ".bpf", Dialect.KERNEL));
  }

  static ObjectMap services() {
    var address = Optional.<Struct<?>>of(Struct.of(Address.class));
    return new ObjectMap(SERVICES, new MapShape(MapType.HASH, 4, 4, 65_536, 1), address, address);
  }

  /** Two programs in one section and one in another, functions in all of them, one map. */
  static BpfObject several() {
    return new BpfObject(
        List.of(
            program("sock4_connect", "cgroup/connect4", CONNECT4),
            program("loop_connect", "cgroup/connect4", LOOP),
            program("loop_xdp", "xdp", LOOP)),
        List.of(services()),
        "Dual MIT/GPL");
  }
}
