package io.github.purebpf.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import io.github.purebpf.testkit.ScratchCgroup;
import io.github.purebpf.uapi.AttachType;
import io.github.purebpf.uapi.MapType;
import io.github.purebpf.uapi.ProgramType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@RequiresKernel
@NoLeakedFds
class PinIT {
  private static final MapSpec<Integer, Integer> SPEC = Fixtures.SERVICES_SPEC;

  private BpfFs fs;

  @BeforeEach
  void mount() {
    fs = BpfFs.mountDetached();
  }

  @AfterEach
  void unmount() {
    fs.close();
  }

  private Path at(String name) {
    return fs.path().resolve(name);
  }

  @Test
  void aDetachedFileSystemIsOnNoTableAndEndsWithItsClose() throws IOException {
    var root = fs.path();
    assertTrue(Files.isDirectory(root));
    assertFalse(Files.readString(Path.of("/proc/self/mountinfo")).contains(" - bpf none rw"));
    assertEquals(root, BpfFs.require(root));
    fs.close();
    assertFalse(Files.exists(root));
  }

  @Test
  void aMapOutlivesItsDescriptorInItsPin() {
    int id;
    try (var map = BpfMap.create(SPEC)) {
      map.put(1, 11);
      map.pin(at("services"));
      id = map.id();
    }
    try (var again = BpfMap.openPinned(at("services"), SPEC)) {
      assertEquals(Optional.of(11), again.get(1));
      assertEquals(id, again.id());
    }
    assertTrue(BpfFs.unpin(at("services")));
    assertFalse(BpfFs.unpin(at("services")));
    var e = assertThrows(KernelErrorException.class, () -> BpfMap.openPinned(at("services"), SPEC));
    assertEquals("ENOENT", e.errnoName());
    assertTrue(e.getMessage().endsWith("nothing is pinned there"), e.getMessage());
  }

  @Test
  void aMapOfAnotherShapeIsRefusedInWords() {
    try (var map = BpfMap.create(SPEC)) {
      map.pin(at("m"));
    }
    var name = new MapRef("services");
    assertRefused("its keys have 4 bytes, not 8", MapSpec.hash(name, Codec.s64(), Codec.u32(), 16));
    assertRefused(
        "its values have 4 bytes, not 8", MapSpec.hash(name, Codec.u32(), Codec.s64(), 16));
    assertRefused("it holds 16 entries, not 17", MapSpec.hash(name, Codec.u32(), Codec.u32(), 17));
    assertRefused(
        "its type is BPF_MAP_TYPE_HASH, not BPF_MAP_TYPE_LRU_HASH",
        new MapSpec<>(name, MapType.LRU_HASH, Codec.u32(), Codec.u32(), 16, 0));
  }

  private void assertRefused(String difference, MapSpec<?, ?> spec) {
    var e = assertThrows(IllegalArgumentException.class, () -> BpfMap.openPinned(at("m"), spec));
    assertTrue(e.getMessage().contains(difference), e.getMessage());
  }

  @Test
  void anObjectOfAnotherKindIsRefused() {
    try (var map = BpfMap.create(SPEC);
        var program = BpfProgram.load(ProgramSpec.connect4("pass", Fixtures.PASS))) {
      map.pin(at("map"));
      program.pin(at("program"));
    }
    var e =
        assertThrows(IllegalArgumentException.class, () -> BpfMap.openPinned(at("program"), SPEC));
    assertTrue(e.getMessage().endsWith("is the pin of a bpf-prog, not of a bpf-map"));
    assertThrows(IllegalArgumentException.class, () -> BpfLink.openPinned(at("map")));
    assertThrows(
        IllegalArgumentException.class,
        () -> BpfProgram.openPinned(at("program"), ProgramType.XDP, Optional.empty()));
  }

  @Test
  void aNameIsTakenOnce() {
    try (var map = BpfMap.create(SPEC)) {
      map.pin(at("m"));
      var e = assertThrows(KernelErrorException.class, () -> map.pin(at("m")));
      assertEquals("EEXIST", e.errnoName());
    }
  }

  @Test
  void otherFileSystemsAreRefused(@TempDir Path dir) {
    try (var map = BpfMap.create(SPEC)) {
      var e = assertThrows(IllegalArgumentException.class, () -> map.pin(dir.resolve("m")));
      assertTrue(e.getMessage().contains("mount -t bpf bpf " + dir), e.getMessage());
    }
  }

  @Test
  void aPinnedProgramCanBeAttached() throws IOException {
    try (var cgroup = ScratchCgroup.create()) {
      try (var program = BpfProgram.load(ProgramSpec.connect4("pass", Fixtures.PASS))) {
        program.pin(at("program"));
      }
      var hook = Optional.of(AttachType.CGROUP_INET4_CONNECT);
      try (var program = BpfProgram.openPinned(at("program"), ProgramType.CGROUP_SOCK_ADDR, hook);
          var link = program.attachToCgroup(cgroup.path())) {
        assertEquals(program.id(), link.programId());
      }
    }
  }

  @Test
  void aPinnedLinkStaysAttached() throws IOException {
    try (var cgroup = ScratchCgroup.create()) {
      int id;
      try (var program = BpfProgram.load(ProgramSpec.connect4("pass", Fixtures.PASS));
          var link = program.attachToCgroup(cgroup.path())) {
        link.pin(at("link"));
        id = link.id();
      }
      try (var again = BpfLink.openPinned(at("link"))) {
        assertEquals(id, again.id());
        assertTrue(again.cgroupId().isPresent());
        try (var six = BpfProgram.load(ProgramSpec.connect6("six", Fixtures.PASS))) {
          assertThrows(IllegalArgumentException.class, () -> again.update(six));
        }
        again.detach();
        assertTrue(again.cgroupId().isEmpty());
      }
      assertTrue(BpfFs.unpin(at("link")));
    }
  }
}
