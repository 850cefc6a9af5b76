package io.github.purebpf.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.bpf.internal.sys.BpfMapInfo;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.layout.NetworkOrder;
import io.github.purebpf.layout.Struct;
import io.github.purebpf.testkit.Bpftool;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import io.github.purebpf.uapi.MapFlags;
import io.github.purebpf.uapi.MapType;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import org.junit.jupiter.api.Test;

/** Tools print the keys and values of maps by the fields of the records they are made from. */
@RequiresKernel
@NoLeakedFds
class MapTypesIT {
  private static final MapRef NAME = new MapRef("it_types");

  record Service(@NetworkOrder int address, @NetworkOrder short port, short protocol) {}

  record Backend(long hits, int weight, byte state, byte zone, short spare) {}

  private static <R extends Record> Codec<R> codec(Class<R> type) {
    return Codec.of(Struct.of(type), MethodHandles.lookup());
  }

  private static int btfId(BpfMap<?, ?> map) {
    try (var arena = Arena.ofConfined()) {
      return map.info(arena, BpfMapInfo.BTF_ID + Integer.BYTES)
          .get(ValueLayout.JAVA_INT, BpfMapInfo.BTF_ID);
    }
  }

  private static String dump(BpfMap<?, ?> map) {
    return Bpftool.run("-j", "map", "dump", "id", Integer.toString(map.id())).replace(" ", "");
  }

  @Test
  void recordsArePrintedByTheirFields() {
    try (var map =
        BpfMap.create(MapSpec.hash(NAME, codec(Service.class), codec(Backend.class), 4))) {
      map.put(
          new Service(0x7f000001, (short) 80, (short) 6),
          new Backend(5, 1, (byte) 2, (byte) 200, (short) 0));
      String dump = dump(map);
      // What is in network order is printed as this machine reads it.
      assertTrue(
          dump.contains(
              "\"formatted\":{\"key\":{\"address\":16777343,\"port\":20480,\"protocol\":6},"
                  + "\"value\":{\"hits\":5,\"weight\":1,\"state\":2,\"zone\":200,\"spare\":0}}"),
          dump);
    }
  }

  @Test
  void integersArePrintedAsSuch() {
    try (var map = BpfMap.create(MapSpec.array(NAME, Codec.s64(), 1))) {
      map.put(0, -5L);
      String dump = dump(map);
      assertTrue(dump.contains("\"formatted\":{\"key\":0,\"value\":-5}"), dump);
    }
  }

  @Test
  void bytesAreAnArray() {
    try (var map = BpfMap.create(MapSpec.hash(NAME, Codec.bytes(3), Codec.u32(), 1))) {
      map.put(new byte[] {1, 2, 3}, -1);
      assertTrue(btfId(map) > 0);
      String dump = dump(map);
      assertTrue(dump.contains("\"key\":[1,2,3],\"value\":4294967295"), dump);
    }
  }

  @Test
  void aMapTypeThatRefusesTypesIsMadeWithout() {
    try (var map =
        BpfMap.create(new MapSpec<>(NAME, MapType.DEVMAP, Codec.u32(), Codec.u32(), 4, 0))) {
      assertEquals(0, btfId(map));
    }
  }

  @Test
  void storageOfSocketsWhichNeedsTypesIsMade() {
    try (var map =
        BpfMap.create(
            new MapSpec<>(
                NAME,
                MapType.SK_STORAGE,
                Codec.s32(),
                codec(Backend.class),
                0,
                MapFlags.NO_PREALLOC))) {
      assertTrue(btfId(map) > 0);
    }
  }
}
