package io.github.purebpf.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.bpf.internal.sys.BpfMapInfo;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.testkit.Bpftool;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

@RequiresKernel
@NoLeakedFds
class BloomFilterIT {
  private static final MapRef NAME = new MapRef("it_bloom");

  private static long extra(BloomFilter<?> filter) {
    try (var arena = Arena.ofConfined()) {
      return filter
          .info(arena, BpfMapInfo.MAP_EXTRA + Long.BYTES)
          .get(ValueLayout.JAVA_LONG, BpfMapInfo.MAP_EXTRA);
    }
  }

  @Test
  void neverDeniesWhatWasAddedAndRarelyAdmitsWhatWasNot() {
    int values = 1000;
    try (var filter = BloomFilter.create(NAME, Codec.u32(), values)) {
      assertEquals(0, IntStream.range(0, values).filter(i -> filter.mightContain(i)).count());
      IntStream.range(0, values).forEach(filter::add);
      assertTrue(IntStream.range(0, values).allMatch(i -> filter.mightContain(i)));
      // Laid out for a few percent.
      long wrong = IntStream.range(values, 11 * values).filter(i -> filter.mightContain(i)).count();
      assertTrue(wrong < values, wrong + " of " + 10 * values);
    }
  }

  @Test
  void theNumberOfHashFunctionsReachesTheKernel() {
    try (var one = BloomFilter.create(NAME, Codec.u32(), 8, 1);
        var most = BloomFilter.create(NAME, Codec.u32(), 8, 15);
        var usual = BloomFilter.create(NAME, Codec.u32(), 8)) {
      assertEquals(1, extra(one));
      assertEquals(15, extra(most));
      most.add(7);
      assertTrue(most.mightContain(7));
      assertFalse(usual.mightContain(7));
    }
    assertThrows(
        IllegalArgumentException.class, () -> BloomFilter.create(NAME, Codec.u32(), 8, 16));
    assertThrows(IllegalArgumentException.class, () -> BloomFilter.create(NAME, Codec.u32(), 8, 0));
  }

  @Test
  void othersSeeTheSameFilter() {
    try (var filter = BloomFilter.create(NAME, Codec.u32(), 8, 3)) {
      var id = Integer.toString(filter.id());
      var shown = Bpftool.run("-j", "map", "show", "id", id);
      assertTrue(shown.contains("\"type\":\"bloom_filter\",\"name\":\"it_bloom\""), shown);
      assertTrue(shown.contains("\"bytes_key\":0,\"bytes_value\":4,\"max_entries\":8"), shown);
      assertTrue(shown.contains("\"btf_id\":"), shown);
      Bpftool.run("map", "update", "id", id, "value", "5", "0", "0", "0");
      assertTrue(filter.mightContain(5));
    }
  }
}
