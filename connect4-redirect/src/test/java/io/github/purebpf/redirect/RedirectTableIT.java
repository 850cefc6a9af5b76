package io.github.purebpf.redirect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.bpf.BpfFs;
import io.github.purebpf.bpf.BpfMap;
import io.github.purebpf.bpf.Codec;
import io.github.purebpf.bpf.MapSpec;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@RequiresKernel
@NoLeakedFds
class RedirectTableIT {
  private static final VirtualAddress VIP = VirtualAddress.parse("127.77.0.1:80");
  private static final VirtualAddress OTHER = VirtualAddress.parse("127.77.0.1:81");
  private static final Server A = Server.parse("10.1.2.3:8080");
  private static final Server B = Server.parse("10.1.2.4:8081");

  private RedirectTable table;
  private BpfFs pins;
  private Path folder;

  @BeforeEach
  void open() {
    table = RedirectTable.create();
    pins = BpfFs.mountDetached();
    folder = pins.path().resolve("test");
  }

  @AfterEach
  void close() {
    table.close();
    pins.close();
  }

  private void unpinAll() throws IOException {
    try (var pins = Files.list(folder.resolve("v3"))) {
      pins.forEach(BpfFs::unpin);
    }
    Files.delete(folder.resolve("v3"));
  }

  /** The one server of each virtual address. */
  private static Map<VirtualAddress, Server> servers(RedirectTable table) {
    return table.list().values().stream()
        .collect(Collectors.toMap(Service::vip, service -> service.servers().getFirst().server()));
  }

  @Test
  void anEditThatThrowsIsUndone() {
    table.put(VIP, A);
    table.put(OTHER, B);
    var before = table.list();
    var another = VirtualAddress.parse("127.77.0.1:82");
    var e =
        assertThrows(
            IllegalStateException.class,
            () ->
                table.edit(
                    edit -> {
                      edit.put(Service.of(another, A, B));
                      edit.put(Service.of(VIP, B).withPolicy(Policy.SINGLE));
                      assertTrue(edit.remove(OTHER));
                      assertFalse(edit.remove(OTHER));
                      edit.put(Service.of(OTHER, A));
                      assertEquals(3, edit.list().size());
                      assertEquals(Optional.of(Service.of(OTHER, A)), edit.get(OTHER));
                      throw new IllegalStateException("no");
                    }));
    assertEquals("no", e.getMessage());
    assertEquals(before, table.list());
    boolean removed = table.edit(edit -> edit.remove(VIP));
    assertTrue(removed);
    assertEquals(Map.of(OTHER, B), servers(table));
  }

  @Test
  void editsOfSeveralProcessesLoseNothing() throws Exception {
    table.pin(folder);
    table.put(Service.of(VIP).withServers(List.of(new WeightedServer(A, 1))));
    try (var threads = Executors.newFixedThreadPool(3)) {
      var all =
          threads.invokeAll(
              Collections.nCopies(
                  3,
                  () -> {
                    try (var other = RedirectTable.openPinned(folder)) {
                      for (int i = 0; i < 50; i++) {
                        other.edit(RedirectTableIT::heavier);
                      }
                      return "done";
                    }
                  }));
      for (var one : all) {
        assertEquals("done", one.get());
      }
    }
    assertEquals(151, table.get(VIP).orElseThrow().servers().getFirst().weight());
  }

  private static Optional<Service> heavier(TableEdit edit) {
    var old = edit.get(VIP);
    int weight = old.orElseThrow().servers().getFirst().weight();
    edit.put(old.get().withServers(List.of(new WeightedServer(A, weight + 1))));
    return old;
  }

  @Test
  void holdsWhatWasPut() {
    table.put(VIP, A);
    table.put(OTHER, B);
    assertEquals(Optional.of(Service.of(VIP, A)), table.get(VIP));
    assertEquals(Map.of(VIP, A, OTHER, B), servers(table));
    table.put(VIP, B);
    assertEquals(Optional.of(Service.of(VIP, B)), table.get(VIP));
    assertTrue(table.remove(VIP));
    assertFalse(table.remove(VIP));
    assertEquals(Optional.empty(), table.get(VIP));
    assertEquals(Map.of(OTHER, B), servers(table));
  }

  @Test
  void listsByAscendingAddress() {
    for (var text : List.of("200.0.0.1:1", "10.0.0.1:9", "10.0.0.1:80", "9.0.0.1:65535")) {
      table.put(VirtualAddress.parse(text), A);
    }
    assertEquals(
        "[9.0.0.1:65535, 10.0.0.1:9, 10.0.0.1:80, 200.0.0.1:1]", table.list().keySet().toString());
  }

  @Test
  void whenFullItRefusesOneMoreButStillReplaces() {
    for (int i = 0; i < RedirectTable.CAPACITY; i++) {
      table.put(new VirtualAddress(Ipv4.ofBits(i), 80), A);
    }
    assertThrows(TableFullException.class, () -> table.put(VIP, A));
    var first = new VirtualAddress(Ipv4.ofBits(0), 80);
    table.put(first, B);
    assertEquals(Optional.of(Service.of(first, B)), table.get(first));
    assertEquals(RedirectTable.CAPACITY, table.list().size());
  }

  @Test
  void aPinnedTableIsSharedWithWhoeverOpensIt() {
    table.pin(folder);
    table.put(VIP, A);
    try (var other = RedirectTable.openPinned(folder)) {
      assertEquals(Map.of(VIP, A), servers(other));
      other.put(VIP, B);
      assertEquals(Optional.of(Service.of(VIP, B)), table.get(VIP));
    }
    try (var again = RedirectTable.openPinned(folder)) {
      assertEquals(Map.of(VIP, B), servers(again), "closing what was opened does not unpin");
    }
  }

  @Test
  void closingUnpinsAndRemovesTheFoldersThatItMade() throws IOException {
    var existing = Files.createDirectory(pins.path().resolve("existing"));
    table.pin(existing.resolve("made").resolve("too"));
    assertEquals(
        "rwx------",
        java.nio.file.attribute.PosixFilePermissions.toString(
            Files.getPosixFilePermissions(existing.resolve("made"))));
    table.close();
    assertTrue(Files.isDirectory(existing));
    assertFalse(Files.exists(existing.resolve("made")));
  }

  @Test
  void aFolderThatSomebodyElseUsesStays() throws IOException {
    table.pin(folder);
    var theirs = Files.createDirectory(folder.resolve("theirs"));
    table.close();
    assertTrue(Files.exists(theirs));
    assertFalse(Files.exists(folder.resolve("v3")));
  }

  @Test
  void aTableThatHasTakenThePlaceStays() throws IOException {
    table.pin(folder);
    unpinAll();
    try (var successor = RedirectTable.create()) {
      successor.pin(folder);
      table.close();
      try (var found = RedirectTable.openPinned(folder)) {
        successor.put(VIP, A);
        assertEquals(Optional.of(Service.of(VIP, A)), found.get(VIP));
      }
    }
  }

  @Test
  void aPinThatIsGoneDoesNotHinderTheEnd() throws IOException {
    table.pin(folder);
    unpinAll();
    table.close();
    assertFalse(Files.exists(folder));
  }

  @Test
  void aFolderHoldsOneTable() {
    table.pin(folder);
    table.put(VIP, A);
    try (var second = RedirectTable.create()) {
      var e = assertThrows(AlreadyPinnedException.class, () -> second.pin(folder));
      assertTrue(e.getMessage().endsWith("remove it: rm -r " + folder.resolve("v3")));
    }
    try (var found = RedirectTable.openPinned(folder)) {
      assertEquals(Map.of(VIP, A), servers(found));
    }
  }

  @Test
  void aTableIsPinnedOnce() {
    table.pin(folder);
    var elsewhere = pins.path().resolve("elsewhere");
    assertThrows(IllegalStateException.class, () -> table.pin(elsewhere));
    assertFalse(Files.exists(elsewhere));
  }

  @Test
  void anotherFileSystemIsRefused(@TempDir Path elsewhere) throws IOException {
    var e =
        assertThrows(PinException.class, () -> table.pin(elsewhere.resolve("deep").resolve("er")));
    assertTrue(e.getMessage().contains("mount -t bpf bpf /sys/fs/bpf"), e.getMessage());
    try (var files = Files.list(elsewhere)) {
      assertEquals(List.of(), files.toList());
    }
    assertThrows(PinException.class, () -> RedirectTable.openPinned(elsewhere));
  }

  @Test
  void aNameWithADotIsRefused() {
    for (var name : List.of("with.dot", "with.dot/below", "above/with.dot")) {
      var dotted = pins.path().resolve(name);
      var e = assertThrows(PinException.class, () -> table.pin(dotted));
      assertTrue(e.getMessage().contains("takes no dots in names"), e.getMessage());
      assertThrows(PinException.class, () -> RedirectTable.openPinned(dotted));
    }
    assertFalse(Files.exists(pins.path().resolve("above")), "what was made is removed again");
  }

  @Test
  void whereNothingIsPinnedThereIsNothingToOpen() {
    assertThrows(PinException.class, () -> RedirectTable.openPinned(folder));
    assertThrows(PinException.class, () -> RedirectTable.openPinned(pins.path()));
  }

  @Test
  void aMapOfAnotherLayoutIsRefused() throws IOException {
    Files.createDirectory(folder);
    Files.createDirectory(folder.resolve("v3"));
    var spec = MapSpec.hash(new MapRef("other"), Codec.u32(), Codec.u32(), 1);
    try (var other = BpfMap.create(spec)) {
      other.pin(folder.resolve("v3").resolve("vips"));
    }
    var e = assertThrows(PinException.class, () -> RedirectTable.openPinned(folder));
    assertTrue(
        e.getMessage().contains("its values have 4 bytes")
            || e.getMessage().contains("its keys have 4 bytes, not 8"),
        e.getMessage());
  }

  @Test
  void whatAnotherVersionHasPinnedIsRefusedAndStays() throws IOException {
    Files.createDirectory(folder);
    for (var name : List.of("table", "v4")) {
      var theirs = Files.createDirectory(folder.resolve(name));
      var e = assertThrows(PinException.class, () -> table.pin(folder));
      assertTrue(
          e.getMessage().contains("layout " + (name.equals("v4") ? "v4" : "v1")), e.getMessage());
      assertThrows(PinException.class, () -> RedirectTable.openPinned(folder));
      assertTrue(Files.exists(theirs));
      Files.delete(theirs);
    }
    table.pin(folder);
  }
}
