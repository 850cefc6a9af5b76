package io.github.purebpf.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.insn.MapRef;
import io.github.purebpf.layout.Struct;
import io.github.purebpf.testkit.Allocations;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import jdk.jfr.Recording;
import org.junit.jupiter.api.Test;

/** What this thread allocates on the hot path, once it is compiled: nothing. */
@RequiresKernel
@NoLeakedFds
class AllocationIT {
  private static final MapRef NAME = new MapRef("it_alloc");
  private static final int CALLS = 20_000;

  record Service(int address, short port, short protocol) {
    static final Codec<Service> CODEC = Codec.of(Struct.of(Service.class), MethodHandles.lookup());
  }

  record Backend(long hits, int address, int weight) {
    static final Codec<Backend> CODEC = Codec.of(Struct.of(Backend.class), MethodHandles.lookup());
  }

  private static void allocatesNothing(Runnable call) {
    assertEquals(0, Allocations.least(CALLS, call), "bytes for " + CALLS + " calls");
  }

  private Object kept;

  @Test
  void theMeasureSeesASingleObjectForEachCall() {
    var e = assertThrows(AssertionError.class, () -> allocatesNothing(() -> kept = new int[] {1}));
    assertTrue(e.getMessage().contains("bytes for 20000 calls"), e.getMessage());
    assertNotNull(kept);
  }

  @Test
  void integersThroughAnElement() {
    try (var map = BpfMap.create(MapSpec.hash(NAME, Codec.u32(), Codec.s64(), 8))) {
      var element = map.element();
      allocatesNothing(() -> element.key(5_000_000).value(1_000_000_007L).put());
      long[] sum = {0};
      allocatesNothing(
          () -> {
            if (element.key(5_000_000).get()) {
              sum[0] += element.valueAsLong();
            }
          });
      assertEquals(0, sum[0] % 1_000_000_007L);
      allocatesNothing(() -> element.key(6_000_000).get());
      allocatesNothing(() -> element.key(6_000_000).remove());
    }
  }

  @Test
  void recordsThatAreUsedAgain() {
    var key = new Service(0x7f000001, (short) 80, (short) 6);
    var value = new Backend(1L << 40, 0x7f000002, 1);
    try (var map = BpfMap.create(MapSpec.hash(NAME, Service.CODEC, Backend.CODEC, 8))) {
      allocatesNothing(() -> map.put(key, value));
      allocatesNothing(() -> map.replace(key, value));
      var missing = new Service(0x7f000001, (short) 81, (short) 6);
      allocatesNothing(() -> map.getOrDefault(missing, value));
      allocatesNothing(() -> map.remove(missing));
      var element = map.element();
      allocatesNothing(() -> element.key(key).value(value).put());
      long[] hits = {0};
      allocatesNothing(
          () -> {
            if (element.key(key).get()) {
              hits[0] += element.valueMemory().get(ValueLayout.JAVA_LONG, 0);
            }
          });
      assertEquals(0, hits[0] % (1L << 40));
    }
  }

  @Test
  void whileTheFlightRecorderRecordsOtherThings() {
    try (var recording = new Recording();
        var map = BpfMap.create(MapSpec.hash(NAME, Codec.u32(), Codec.s64(), 8))) {
      recording.disable("purebpf.SlowMapOperation");
      recording.enable("purebpf.ProgramLoad");
      recording.start();
      var element = map.element();
      allocatesNothing(() -> element.key(5_000_000).value(1_000_000_007L).put());
      allocatesNothing(() -> element.key(5_000_000).get());
    }
  }

  @Test
  void aRecordKeyAndAnIntegerValue() {
    var key = new Service(0x7f000001, (short) 80, (short) 6);
    try (var map = BpfMap.create(MapSpec.hash(NAME, Service.CODEC, Codec.s64(), 8))) {
      var element = map.element();
      allocatesNothing(() -> element.key(key).value(System.nanoTime()).put());
      allocatesNothing(() -> element.key(key).get());
    }
  }

  @Test
  void aSumOverAllCpus() {
    var key = new Service(0x7f000001, (short) 80, (short) 6);
    try (var map = PerCpuMap.create(MapSpec.perCpuHash(NAME, Service.CODEC, Codec.s64(), 8))) {
      map.putSame(key, 1L << 40);
      long[] sum = {0};
      allocatesNothing(() -> sum[0] += map.sum(key));
      assertEquals(0, sum[0] % (1L << 40));
    }
  }

  @Test
  void batchesThroughColumns() {
    int entries = 64;
    try (var map = BpfMap.create(MapSpec.hash(NAME, Codec.u32(), Codec.s64(), entries))) {
      var batch = map.batch(entries);
      long[] sum = {0};
      allocatesNothing(
          () -> {
            for (int i = 0; i < entries; i++) {
              batch.keys().setAtIndex(ValueLayout.JAVA_INT, i, i);
              batch.values().setAtIndex(ValueLayout.JAVA_LONG, i, 1L << 40);
            }
            batch.size(entries);
            batch.put();
          });
      allocatesNothing(
          () -> {
            batch.rewind();
            while (batch.next()) {
              for (int i = 0; i < batch.size(); i++) {
                sum[0] += batch.values().getAtIndex(ValueLayout.JAVA_LONG, i);
              }
            }
          });
      assertEquals(0, sum[0] % (entries * (1L << 40)));
    }
  }
}
