package io.github.purebpf.bpf;

import static io.github.purebpf.insn.Reg.R0;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.bpf.internal.sys.BpfMapInfo;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.testkit.Bpftool;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import io.github.purebpf.uapi.AttachType;
import io.github.purebpf.uapi.MapFlags;
import io.github.purebpf.uapi.ProgramType;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** Interfaces and CPUs that packets are redirected to. Nothing is attached, nothing is sent. */
@RequiresKernel
@NoLeakedFds
class RedirectionMapsIT {
  private static final MapRef NAME = new MapRef("it_redirect");
  private static final int LOOPBACK = 1;
  private static final int PASS = 2;

  private static BpfProgram program(AttachType hook) {
    return BpfProgram.load(
        new ProgramSpec(
            "pass",
            ProgramType.XDP,
            Optional.ofNullable(hook),
            BpfCode.build(b -> b.mov(R0, PASS).exit()),
            "GPL",
            0));
  }

  private interface Devices {
    void put(int key, int ifindex);

    void put(int key, int ifindex, BpfProgram program);
  }

  @Test
  void interfacesOfTheThreadsNamespaceGoIn() {
    try (var namespace = NetworkNamespace.create();
        var map = DevMap.create(NAME, 4);
        var hash = DevMapHash.create(NAME, 4);
        var seer = program(AttachType.XDP_DEVMAP)) {
      String _ =
          namespace.call(
              () -> {
                assertEquals(OptionalInt.empty(), map.ifindex(3));
                map.put(3, LOOPBACK);
                hash.put(77, LOOPBACK, seer);
                return "";
              });
      assertEquals(OptionalInt.of(LOOPBACK), map.ifindex(3));
      assertEquals(OptionalInt.empty(), map.programId(3));
      assertEquals(OptionalInt.of(LOOPBACK), hash.ifindex(77));
      assertEquals(OptionalInt.of(seer.id()), hash.programId(77));
      map.remove(3);
      assertEquals(OptionalInt.empty(), map.ifindex(3));
      assertTrue(hash.remove(77));
      assertFalse(hash.remove(77));
      assertEquals(OptionalInt.empty(), hash.ifindex(77));
    }
  }

  @Test
  void whatCannotBeRedirectedToIsRefusedWithWords() {
    try (var map = DevMap.create(NAME, 4);
        var hash = DevMapHash.create(NAME, 4);
        var plain = program(null)) {
      for (var devices : new Devices[] {devices(map), devices(hash)}) {
        var absent = assertThrows(KernelErrorException.class, () -> devices.put(1, 1 << 30));
        assertEquals("EINVAL", absent.errnoName());
        assertTrue(absent.getMessage().contains("has no such interface"), absent.getMessage());
        var unfit = assertThrows(KernelErrorException.class, () -> devices.put(1, LOOPBACK, plain));
        assertTrue(unfit.getMessage().contains("the program was not loaded for DEVMAP"));
      }
      var outside = assertThrows(KernelErrorException.class, () -> map.put(4, LOOPBACK));
      assertTrue(outside.getMessage().contains("outside its 4 entries"), outside.getMessage());
    }
  }

  private static Devices devices(KernelMap map) {
    return new Devices() {
      @Override
      public void put(int key, int ifindex) {
        if (map instanceof DevMap devices) {
          devices.put(key, ifindex);
        } else {
          ((DevMapHash) map).put(key, ifindex);
        }
      }

      @Override
      public void put(int key, int ifindex, BpfProgram program) {
        if (map instanceof DevMap devices) {
          devices.put(key, ifindex, program);
        } else {
          ((DevMapHash) map).put(key, ifindex, program);
        }
      }
    };
  }

  @Test
  void theKernelsOwnFlagDoesNotMakeItAnotherMap() {
    try (var fs = BpfFs.mountDetached();
        var map = DevMap.create(NAME, 4);
        var arena = Arena.ofConfined()) {
      int flags =
          map.info(arena, BpfMapInfo.MAP_FLAGS + Integer.BYTES)
              .get(ValueLayout.JAVA_INT, BpfMapInfo.MAP_FLAGS);
      assertEquals(MapFlags.RDONLY_PROG, flags);
      map.pin(fs.path().resolve("devices"));
      DevMap.openPinned(fs.path().resolve("devices"), NAME, 4).close();
      var shown = Bpftool.run("-j", "map", "show", "id", Integer.toString(map.id()));
      assertTrue(shown.contains("\"type\":\"devmap\""), shown);
      assertTrue(shown.contains("\"bytes_value\":8,\"max_entries\":4"), shown);
    }
  }

  @Test
  void aCpuGetsAQueueAndAProgram() {
    try (var map = CpuMap.create(NAME, 1);
        var seer = program(AttachType.XDP_CPUMAP);
        var plain = program(null)) {
      assertEquals(OptionalInt.empty(), map.queueSize(0));
      map.put(0, 64);
      assertEquals(OptionalInt.of(64), map.queueSize(0));
      assertEquals(OptionalInt.empty(), map.programId(0));
      map.put(0, 128, seer);
      assertEquals(OptionalInt.of(128), map.queueSize(0));
      assertEquals(OptionalInt.of(seer.id()), map.programId(0));
      var dump = Bpftool.run("-j", "map", "dump", "id", Integer.toString(map.id()));
      assertTrue(dump.contains("\"value\":[\"0x80\",\"0x00\",\"0x00\",\"0x00\""), dump);
      var unfit = assertThrows(KernelErrorException.class, () -> map.put(0, 1, plain));
      assertTrue(unfit.getMessage().contains("not loaded for CPUMAP"), unfit.getMessage());
      assertThrows(IllegalArgumentException.class, () -> map.put(0, 0));
      assertThrows(IllegalArgumentException.class, () -> map.put(0, 16385));
      var outside = assertThrows(KernelErrorException.class, () -> map.put(1, 64));
      assertEquals("E2BIG", outside.errnoName());
      map.remove(0);
      assertEquals(OptionalInt.empty(), map.queueSize(0));
    }
  }
}
