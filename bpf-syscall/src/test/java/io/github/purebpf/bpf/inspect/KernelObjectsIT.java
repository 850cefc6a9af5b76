package io.github.purebpf.bpf.inspect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.bpf.BpfMap;
import io.github.purebpf.bpf.BpfProgram;
import io.github.purebpf.bpf.Codec;
import io.github.purebpf.bpf.MapSpec;
import io.github.purebpf.bpf.ProgramSpec;
import io.github.purebpf.btf.BtfType;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.insn.MemSize;
import io.github.purebpf.testkit.Bpftool;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import io.github.purebpf.uapi.MapFlags;
import io.github.purebpf.uapi.MapType;
import io.github.purebpf.uapi.ProgramType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What the walk tells of objects that the test has made, and what bpftool tells of them. */
@RequiresKernel
@NoLeakedFds
class KernelObjectsIT {
  private static final MapRef SEEN = new MapRef("it_seen");

  private static final MapSpec<Integer, Long> SPEC =
      MapSpec.hash(SEEN, Codec.u32(), Codec.s64(), 77).withFlags(MapFlags.NO_PREALLOC);

  /** Looks one key up. */
  private static final BpfCode CODE =
      BpfCode.build(
          b -> {
            var key = b.stackSlot(MemSize.W);
            b.store(key, 0).mapLookup(SEEN, key).returning(1);
          });

  private static BpfProgram load(BpfMap<?, ?> map) {
    return BpfProgram.load(
        ProgramSpec.connect4("it_inspect", CODE).withLicense("Dual MIT/GPL"), map);
  }

  /** A field of the one JSON object that bpftool prints, as it is written there. */
  private static String field(String json, String name) {
    var matcher =
        Pattern.compile("\"" + name + "\": ?(\"[^\"]*\"|\\[[^]]*]|[^,}]*)[,}]").matcher(json);
    assertTrue(matcher.find(), () -> name + " in " + json);
    return matcher.group(1).replace("\"", "");
  }

  private static int number(String json, String name) {
    return Integer.decode(field(json, name));
  }

  @Test
  void aProgramIsAsBpftoolShowsIt() {
    var before = Instant.now().minusSeconds(1);
    try (var map = BpfMap.create(SPEC);
        var program = load(map)) {
      var info = KernelObjects.program(program.id()).orElseThrow();
      assertEquals(info.tag(), ProgramInfo.of(program).tag());
      var json = Bpftool.run("-j", "prog", "show", "id", Integer.toString(info.id()));
      assertEquals(Optional.of(ProgramType.CGROUP_SOCK_ADDR), info.type());
      assertEquals("cgroup_sock_addr", field(json, "type"));
      assertEquals("it_inspect", info.name());
      assertEquals(field(json, "name"), info.name());
      assertEquals(field(json, "tag"), info.tag());
      assertEquals(Boolean.parseBoolean(field(json, "gpl_compatible")), info.gplCompatible());
      assertEquals(number(json, "uid"), info.uid());
      assertEquals(number(json, "bytes_xlated"), info.xlatedSize());
      assertEquals(number(json, "bytes_jited"), info.jitedSize());
      assertEquals(number(json, "bytes_memlock"), info.memlock());
      assertEquals(number(json, "btf_id"), info.btfId().orElseThrow());
      assertEquals("[" + map.id() + "]", field(json, "map_ids"));
      assertEquals(List.of(map.id()), info.mapIds());
      assertTrue(info.statistics().verifiedInsns() >= 7, info::toString);
      assertEquals(program.statistics(), info.statistics());
      assertEquals(Optional.empty(), info.target());
      long loadedAt = Long.parseLong(field(json, "loaded_at"));
      assertTrue(Math.abs(info.loadTime().getEpochSecond() - loadedAt) <= 1, info::toString);
      assertFalse(info.loadTime().isBefore(before), info::toString);
      assertFalse(info.loadTime().isAfter(Instant.now().plusSeconds(1)), info::toString);
    }
  }

  @Test
  void aMapIsAsBpftoolShowsIt() {
    try (var map = BpfMap.create(SPEC)) {
      var info = KernelObjects.map(map.id()).orElseThrow();
      assertEquals(info, MapInfo.of(map));
      var json = Bpftool.run("-j", "map", "show", "id", Integer.toString(info.id()));
      assertEquals(Optional.of(MapType.HASH), info.type());
      assertEquals("hash", field(json, "type"));
      assertEquals("it_seen", info.name());
      assertEquals(field(json, "name"), info.name());
      assertEquals(number(json, "bytes_key"), info.keySize());
      assertEquals(number(json, "bytes_value"), info.valueSize());
      assertEquals(number(json, "max_entries"), info.maxEntries());
      assertEquals(77, info.maxEntries());
      assertEquals(number(json, "flags"), info.flags());
      assertEquals(MapFlags.NO_PREALLOC, info.flags());
      assertEquals(number(json, "bytes_memlock"), info.memlock());
      assertEquals(number(json, "btf_id"), info.types().orElseThrow().btfId());
      assertEquals(number(json, "frozen") != 0, info.frozen());
      assertFalse(info.frozen());
      map.freeze();
      assertTrue(MapInfo.of(map).frozen());
    }
  }

  @Test
  void theTypesOfAMapAreThoseItWasMadeWith() {
    try (var map = BpfMap.create(SPEC)) {
      var types = MapInfo.of(map).types().orElseThrow();
      var btf = KernelObjects.types(types.btfId());
      assertEquals(4, btf.sizeOf(types.keyTypeId()));
      assertEquals(8, btf.sizeOf(types.valueTypeId()));
    }
  }

  @Test
  void typeInformationIsAsBpftoolShowsIt() {
    try (var map = BpfMap.create(SPEC);
        var program = load(map)) {
      int id = ProgramInfo.of(program).btfId().orElseThrow();
      var info = KernelObjects.btf(id).orElseThrow();
      var json = Bpftool.run("-j", "btf", "show", "id", Integer.toString(id));
      assertEquals(number(json, "size"), info.size());
      assertEquals("[" + program.id() + "]", field(json, "prog_ids"));
      assertEquals(new BtfInfo(id, "", false, info.size()), info);
      assertTrue(KernelObjects.types(id).byName("it_inspect", BtfType.Func.class).isPresent());
    }
  }

  @Test
  void theKernelsOwnTypesAreListed() throws Exception {
    var vmlinux =
        KernelObjects.btfs().filter(btf -> btf.name().equals("vmlinux")).findFirst().orElseThrow();
    assertTrue(vmlinux.kernel());
    assertEquals(Files.readAllBytes(Path.of("/sys/kernel/btf/vmlinux")).length, vmlinux.size());
    assertTrue(
        KernelObjects.types(vmlinux.id())
            .byName("bpf_prog_info", BtfType.Struct.class)
            .isPresent());
  }

  private static List<Integer> bpftoolIds(String kind) {
    return Pattern.compile("\\{\"id\":(\\d+),")
        .matcher(Bpftool.run("-j", kind, "show"))
        .results()
        .map(id -> Integer.valueOf(id.group(1)))
        .toList();
  }

  /** Others come and go meanwhile; what was there before and after must be in the walk. */
  private static void assertHoldsAll(
      List<Integer> before, List<Integer> walk, List<Integer> after) {
    var stayed = new ArrayList<>(before);
    stayed.retainAll(after);
    assertTrue(walk.containsAll(stayed), () -> stayed + " in " + walk);
    assertEquals(walk.stream().sorted().toList(), walk);
  }

  @Test
  void theWalksFindWhatBpftoolLists() {
    try (var map = BpfMap.create(SPEC);
        var program = load(map)) {
      var maps = bpftoolIds("map");
      var programs = bpftoolIds("prog");
      var btfs = bpftoolIds("btf");
      assertTrue(maps.contains(map.id()));
      assertTrue(programs.contains(program.id()));
      var foundMaps = KernelObjects.maps().map(MapInfo::id).toList();
      var foundPrograms = KernelObjects.programs().map(ProgramInfo::id).toList();
      var foundBtfs = KernelObjects.btfs().map(BtfInfo::id).toList();
      assertHoldsAll(maps, foundMaps, bpftoolIds("map"));
      assertHoldsAll(programs, foundPrograms, bpftoolIds("prog"));
      assertHoldsAll(btfs, foundBtfs, bpftoolIds("btf"));
      assertTrue(foundMaps.contains(map.id()));
      assertTrue(foundPrograms.contains(program.id()));
    }
  }

  @Test
  void aWalkWhileOthersComeAndGoFindsThoseThatStay() throws Exception {
    var stop = new AtomicBoolean();
    var started = new CountDownLatch(1);
    var failure = new AtomicReference<Throwable>();
    try (var stays = BpfMap.create(SPEC);
        var program = load(stays)) {
      var churn =
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      for (int i = 0; i < 100_000 && !stop.get(); i++) {
                        try (var map = BpfMap.create(SPEC)) {
                          load(map).close();
                        }
                        started.countDown();
                      }
                    } catch (RuntimeException e) {
                      failure.set(e);
                    } finally {
                      started.countDown();
                    }
                  });
      try {
        started.await();
        for (int i = 0; i < 100; i++) {
          assertTrue(KernelObjects.maps().anyMatch(map -> map.id() == stays.id()));
          assertTrue(KernelObjects.programs().anyMatch(p -> p.id() == program.id()));
          assertTrue(KernelObjects.btfs().count() > 0);
        }
      } finally {
        stop.set(true);
        churn.join();
      }
    }
    assertEquals(null, failure.get());
  }

  @Test
  void whatIsGoneHasNoInfo() {
    int id;
    try (var map = BpfMap.create(SPEC)) {
      id = map.id();
    }
    // The kernel frees a map some time after the last descriptor is closed, but its id at once.
    assertEquals(Optional.empty(), KernelObjects.map(id));
  }
}
