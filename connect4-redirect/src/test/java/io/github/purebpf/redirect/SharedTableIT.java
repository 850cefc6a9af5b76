package io.github.purebpf.redirect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.bpf.BpfFs;
import io.github.purebpf.bpf.DirectoryLock;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Several that change one pinned table at the same time. */
@RequiresKernel
@NoLeakedFds
class SharedTableIT {
  private static final int CHANGES = 120;
  private static final int KILLS = 6;
  private static final int LIMIT_SECONDS = 60;

  private BpfFs pins;
  private Path folder;
  private RedirectTable table;

  @BeforeEach
  void open() {
    pins = BpfFs.mountDetached();
    folder = pins.path().resolve("test");
    table = RedirectTable.create();
    table.pin(folder);
  }

  @AfterEach
  void close() {
    table.close();
    pins.close();
  }

  private static Callable<Void> changes(TableWork work, RedirectTable table) {
    return () -> {
      work.change(table, CHANGES);
      return null;
    };
  }

  private static Callable<Void> reads(RedirectTable table) {
    return () -> {
      for (int i = 0; i < CHANGES; i++) {
        TableWork.requireUnmixed(table);
      }
      return null;
    };
  }

  private void assertHolds(Map<VirtualAddress, Service> expected, RedirectTable... tables) {
    for (var each : tables) {
      assertEquals(expected, each.list());
      TableWork.requireUnmixed(each);
    }
    try (var fresh = RedirectTable.openPinned(folder)) {
      assertEquals(expected, fresh.list());
      TableWork.requireUnmixed(fresh);
    }
  }

  @Test
  void twoTablesInOneProcessTakeTurnsAndReadersSeeNoMix() throws Exception {
    var first = new TableWork(1, 11);
    var second = new TableWork(2, 12);
    try (var other = RedirectTable.openPinned(folder);
        var reader = RedirectTable.openPinned(folder);
        var threads = Executors.newFixedThreadPool(3)) {
      var work =
          threads.invokeAll(
              java.util.List.of(changes(first, table), changes(second, other), reads(reader)));
      for (var each : work) {
        each.get();
      }
      var expected = new TreeMap<>(first.done());
      expected.putAll(second.done());
      assertHolds(expected, table, other, reader);
    }
  }

  @Test
  void twoProcessesTakeTurnsAndReadersSeeNoMix() throws Exception {
    var child = start(3, 13, CHANGES);
    try (var reader = RedirectTable.openPinned(folder);
        var threads = Executors.newFixedThreadPool(2)) {
      var mine = new TableWork(4, 14);
      var work = threads.invokeAll(java.util.List.of(changes(mine, table), reads(reader)));
      for (var each : work) {
        each.get();
      }
      assertEquals("done", child.inputReader(StandardCharsets.US_ASCII).readLine());
      assertTrue(child.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS));
      var expected = new TreeMap<>(mine.done());
      expected.putAll(new TableWork(3, 13).pretend(CHANGES));
      assertHolds(expected, table, reader);
    } finally {
      child.destroyForcibly();
    }
  }

  @Test
  void whoeverIsKilledInTheMiddleLeavesAUsableTable() throws Exception {
    var mine = new TableWork(5, 15);
    for (int i = 0; i < KILLS; i++) {
      var child = start(6, i, Integer.MAX_VALUE);
      try {
        // How far it comes until the end of this differs from one time to the next.
        mine.change(table, 4 + i);
      } finally {
        child.destroyForcibly();
      }
      assertTrue(child.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS));
      TableWork.requireUnmixed(table);
      mine.change(table, 10);
      var left = new TreeMap<>(table.list());
      left.values().removeIf(service -> mine.done().containsKey(service.vip()));
      left.keySet().forEach(vip -> assertTrue(table.remove(vip), vip::toString));
      assertHolds(mine.done(), table);
    }
  }

  private Process start(int worker, long seed, int changes) throws java.io.IOException {
    var child =
        new ProcessBuilder(TableWork.command(folder, worker, seed, changes))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    assertEquals("begun", child.inputReader(StandardCharsets.US_ASCII).readLine());
    return child;
  }

  @Test
  void aTableThatIsChangedByOthersTooLongIsBusyAndStillRead() throws Exception {
    var vip = VirtualAddress.parse("127.77.0.1:80");
    var service = Service.of(vip, Server.parse("10.1.2.3:80"));
    table.put(service);
    var maps = folder.resolve("v3");
    try (var _ = DirectoryLock.tryAcquire(maps).orElseThrow()) {
      var turns = Turns.in(maps, Duration.ofMillis(1));
      var e = assertThrows(TableBusyException.class, turns::take);
      assertTrue(e.getMessage().contains("see /proc/locks"), e.getMessage());
      assertEquals(Map.of(vip, service), table.list());
      Thread.currentThread().interrupt();
      assertThrows(TableBusyException.class, () -> table.remove(vip));
      assertTrue(Thread.interrupted());
    }
    assertTrue(table.remove(vip));
  }

  @Test
  void aTableThatSomebodyUnpinnedIsChangedNoMore() {
    var vip = VirtualAddress.parse("127.77.0.1:80");
    try (var other = RedirectTable.openPinned(folder)) {
      table.close();
      var e = assertThrows(PinException.class, () -> other.remove(vip));
      assertTrue(e.getMessage().contains("somebody has unpinned the table"), e.getMessage());
      assertFalse(other.get(vip).isPresent());
    }
  }

  /** A connection that outlives its virtual address is not counted for the next one. */
  @Test
  void aTableThatIsLearnedAnewLeavesNothingOfAnAddressThatIsGone() {
    for (int i = 0; i < 3; i++) {
      var work = new TableWork(7, i);
      try (var other = RedirectTable.openPinned(folder)) {
        work.change(other, 40);
        other.list().keySet().forEach(other::remove);
        assertEquals(Map.of(), table.list());
        assertEquals(Map.of(), table.traffic());
      }
    }
  }
}
