package io.github.purebpf.examples;

import io.github.purebpf.bpf.BpfMap;
import io.github.purebpf.bpf.Codec;
import io.github.purebpf.bpf.MapSpec;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.layout.NetworkOrder;
import io.github.purebpf.layout.Struct;
import java.lang.invoke.MethodHandles;

/**
 * A map in the kernel with records for keys and values: in, out, and round. Needs CAP_BPF, or root.
 */
public final class MapRoundTrip {
  /** {@code struct { __be32 address; __be16 port; __u16 protocol; }}. */
  record Key(@NetworkOrder int address, @NetworkOrder short port, short protocol) {}

  /** {@code struct { __u64 connects; __u32 server; __u32 weight; }}. */
  record Value(long connects, int server, int weight) {}

  private static final MapSpec<Key, Value> SPEC =
      MapSpec.hash(
          new MapRef("round_trip"),
          Codec.of(Struct.of(Key.class), MethodHandles.lookup()),
          Codec.of(Struct.of(Value.class), MethodHandles.lookup()),
          100);

  private MapRoundTrip() {}

  /** Takes no arguments. */
  public static void main(String[] args) {
    try (var map = BpfMap.create(SPEC)) {
      var web = new Key(0x7f4d0001, (short) 80, (short) 6);
      var dns = new Key(0x7f4d0001, (short) 53, (short) 17);
      map.put(web, new Value(0, 1, 10));
      map.put(dns, new Value(0, 2, 20));
      System.out.println("web: " + map.get(web).orElseThrow());

      System.out.println("added twice: " + map.putIfAbsent(web, new Value(9, 9, 9)));
      System.out.println("replaced: " + map.replace(web, new Value(1L << 40, 1, 10)));
      System.out.println("web: " + map.get(web).orElseThrow());

      System.out.println("removed: " + map.remove(dns));
      System.out.println("dns: " + map.get(dns));
      map.forEach((key, value) -> System.out.println("left: " + key + " -> " + value));
    }
  }
}
