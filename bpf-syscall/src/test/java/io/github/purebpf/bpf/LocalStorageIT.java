package io.github.purebpf.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.bpf.error.BpfException;
import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.bpf.internal.sys.BpfMapInfo;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.testkit.Bpftool;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import io.github.purebpf.testkit.ScratchCgroup;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.channels.DatagramChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Values with sockets, files, tasks and cgroups. */
@RequiresKernel
@NoLeakedFds
class LocalStorageIT {
  private static final MapRef NAME = new MapRef("it_storage");

  @TempDir private Path folder;

  private static <O> void holdsAValue(LocalStorage<O, Long> storage, O owner, O other) {
    assertEquals(Optional.empty(), storage.get(owner));
    assertTrue(storage.putIfAbsent(owner, 1L));
    assertFalse(storage.putIfAbsent(owner, 2L));
    assertEquals(Optional.of(1L), storage.get(owner));
    storage.put(owner, 3L);
    assertEquals(Optional.of(3L), storage.get(owner));
    assertEquals(Optional.empty(), storage.get(other));
    assertTrue(storage.remove(owner));
    assertFalse(storage.remove(owner));
    assertEquals(Optional.empty(), storage.get(owner));
    try (var arena = Arena.ofConfined()) {
      // They are not made without the types of keys and values.
      var info = storage.info(arena, BpfMapInfo.BTF_ID + Integer.BYTES);
      assertTrue(info.get(ValueLayout.JAVA_INT, BpfMapInfo.BTF_ID) > 0);
      assertEquals(1, info.get(ValueLayout.JAVA_INT, BpfMapInfo.MAP_FLAGS));
    }
  }

  private static DatagramChannel socket() throws Exception {
    var loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
    return DatagramChannel.open(StandardProtocolFamily.INET)
        .bind(new InetSocketAddress(loopback, 0));
  }

  @Test
  void aSocketHoldsAValue() throws Exception {
    try (var storage = SocketStorage.create(NAME, Codec.s64());
        var one = socket();
        var two = socket()) {
      holdsAValue(storage, SocketFds.of("udp", one, null), SocketFds.of("udp", two, null));
      int map = storage.withFd(fd -> fd);
      var e = assertThrows(KernelErrorException.class, () -> storage.get(map));
      assertTrue(e.getMessage().endsWith("the file descriptor is no socket"), e.getMessage());
    }
  }

  @Test
  void aFileHoldsAValueUnderAllItsNames() throws Exception {
    var file = Files.createFile(folder.resolve("file"));
    try (var storage = InodeStorage.create(NAME, Codec.s64())) {
      holdsAValue(storage, file, folder);
      storage.put(file, 5L);
      var link = Files.createLink(folder.resolve("link"), file);
      assertEquals(Optional.of(5L), storage.get(link));
      var e = assertThrows(BpfException.class, () -> storage.get(folder.resolve("absent")));
      assertEquals("ENOENT", e.errnoName());
    }
  }

  @Test
  void aTaskHoldsAValue() throws Exception {
    var sleeper = new ProcessBuilder("sleep", "60").start();
    try (var storage = TaskStorage.create(NAME, Codec.s64())) {
      holdsAValue(storage, ProcessHandle.current(), sleeper.toHandle());
    } finally {
      sleeper.destroyForcibly().waitFor();
    }
  }

  @Test
  void aCgroupHoldsAValue() throws Exception {
    try (var storage = CgroupStorage.create(NAME, Codec.s64());
        var cgroup = ScratchCgroup.create()) {
      holdsAValue(storage, cgroup.path(), cgroup.child("child"));
      assertThrows(NotCgroup2Exception.class, () -> storage.get(folder));
    }
  }

  @Test
  void othersSeeThemAndTheyAreOpenedFromTheirPins() throws Exception {
    try (var fs = BpfFs.mountDetached();
        var storage = TaskStorage.create(NAME, Codec.s64())) {
      var pin = fs.path().resolve("tasks");
      storage.pin(pin);
      storage.put(ProcessHandle.current(), 9L);
      try (var again = TaskStorage.openPinned(pin, NAME, Codec.s64())) {
        assertEquals(Optional.of(9L), again.get(ProcessHandle.current()));
      }
      var shown = Bpftool.run("-j", "map", "show", "id", Integer.toString(storage.id()));
      assertTrue(shown.contains("\"type\":\"task_storage\",\"name\":\"it_storage\""), shown);
      assertTrue(
          shown.contains("\"flags\":1,\"bytes_key\":4,\"bytes_value\":8,\"max_entries\":0"), shown);
    }
  }
}
