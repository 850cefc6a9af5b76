package io.github.purebpf.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.bpf.internal.sys.BpfMapInfo;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import io.github.purebpf.uapi.MapFlags;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What maps are made with beyond their sizes, as the kernel has it. */
@RequiresKernel
@NoLeakedFds
class MapOptionsIT {
  private static final MapRef NAME = new MapRef("it_options");

  /** The kernel keeps them with the descriptor, not with the map. */
  private static final int OF_THE_DESCRIPTOR = MapFlags.RDONLY | MapFlags.WRONLY;

  private static MapSpec<Integer, Long> hash() {
    return MapSpec.hash(NAME, Codec.u32(), Codec.s64(), 64);
  }

  private static int flags(KernelMap map) {
    try (var arena = Arena.ofConfined()) {
      return map.info(arena, BpfMapInfo.MAP_FLAGS + Integer.BYTES)
          .get(ValueLayout.JAVA_INT, BpfMapInfo.MAP_FLAGS);
    }
  }

  private static void refused(String errno, String words, Executable call) {
    var e = assertThrows(KernelErrorException.class, call);
    assertEquals(errno, e.errnoName(), e::getMessage);
    assertTrue(e.getMessage().contains(words), e::getMessage);
  }

  @ParameterizedTest
  @ValueSource(
      ints = {
        MapFlags.NO_PREALLOC,
        MapFlags.NO_PREALLOC | MapFlags.ZERO_SEED,
        MapFlags.RDONLY_PROG,
        MapFlags.WRONLY_PROG | MapFlags.RDONLY
      })
  void flagsReachTheKernelBesideThoseOfTheSpec(int flags) {
    var spec = hash().withFlags(MapFlags.ZERO_SEED);
    try (var map = BpfMap.create(spec, MapOption.flags(flags))) {
      assertEquals((flags | MapFlags.ZERO_SEED) & ~OF_THE_DESCRIPTOR, flags(map));
      assertEquals(flags | MapFlags.ZERO_SEED, map.spec().flags());
    }
    try (var map =
        PerCpuMap.create(
            MapSpec.perCpuHash(NAME, Codec.u32(), Codec.s64(), 8), MapOption.flags(flags))) {
      assertEquals(flags & ~OF_THE_DESCRIPTOR, flags(map));
    }
  }

  @Test
  void aNodeIsAskedFor() {
    try (var map = BpfMap.create(hash(), MapOption.numaNode(0))) {
      assertEquals(MapFlags.NUMA_NODE, flags(map));
      map.put(1, 2L);
    }
    refused(
        "EINVAL",
        "NUMA node 1023 is offline",
        () -> BpfMap.create(hash(), MapOption.numaNode(1023)));
  }

  @Test
  void whatThisProcessMayOnlyReadOrWriteItDoesNotDoOtherwise() {
    try (var map = BpfMap.create(hash(), MapOption.flags(MapFlags.RDONLY))) {
      assertEquals(Optional.empty(), map.get(1));
      refused("EPERM", "its flags (0x8)", () -> map.put(1, 1L));
      refused("EPERM", "its flags (0x8)", () -> map.remove(1));
      refused("EPERM", "", map::freeze);
    }
    try (var map = BpfMap.create(hash(), MapOption.flags(MapFlags.WRONLY))) {
      map.put(1, 1L);
      refused("EPERM", "its flags (0x10)", () -> map.get(1));
      refused("EPERM", "its flags (0x10)", () -> map.forEach((_, _) -> {}));
    }
    refused(
        "EINVAL",
        "flags 0x18",
        () -> BpfMap.create(hash(), MapOption.flags(MapFlags.RDONLY | MapFlags.WRONLY)));
  }

  @Test
  void whatIsFrozenIsReadAndNotWritten() {
    try (var map = BpfMap.create(hash())) {
      map.put(1, 5L);
      map.freeze();
      assertEquals(Optional.of(5L), map.get(1));
      refused("EPERM", "it is frozen", () -> map.put(1, 6L));
      refused("EPERM", "it is frozen", () -> map.putAll(java.util.Map.of(1, 6L)));
      refused("EPERM", "it is frozen", () -> map.remove(1));
      refused("EPERM", "it is frozen", map::freeze);
    }
  }

  /** Without a seed of their own, two tables have their entries in the same order. */
  @Test
  void tablesWithoutSeedAreOfOneOrder() {
    var orders = new ArrayList<List<Integer>>();
    for (int i = 0; i < 2; i++) {
      try (var map = BpfMap.create(hash(), MapOption.flags(MapFlags.ZERO_SEED))) {
        IntStream.range(0, 32).forEach(key -> map.put(key, 0L));
        orders.add(List.copyOf(map.toMap().keySet()));
      }
    }
    assertEquals(orders.getFirst(), orders.getLast());
  }

  @Test
  void theExtraOfAFilterIsItsHashFunctions() {
    try (var filter = BloomFilter.create(NAME, Codec.s64(), 8, 3);
        var arena = Arena.ofConfined()) {
      long extra =
          filter
              .info(arena, BpfMapInfo.MAP_EXTRA + Long.BYTES)
              .get(ValueLayout.JAVA_LONG, BpfMapInfo.MAP_EXTRA);
      assertEquals(3, extra);
    }
  }
}
