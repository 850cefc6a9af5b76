package io.github.purebpf.redirect.dataplane;

import static io.github.purebpf.redirect.TestBed.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.redirect.TestBed;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How long programs report, and what finds no room. */
@RequiresKernel
@NoLeakedFds
class EventFeedIT {
  private static final int CONNECTS = 20_000; // more than there is room for

  private TestBed bed;
  private Dataplane dataplane;

  @BeforeEach
  void open() throws IOException {
    bed = new TestBed();
    dataplane = Dataplane.create();
  }

  @AfterEach
  void close() throws IOException {
    dataplane.close();
    bed.close();
  }

  /** Connects that are refused for want of a server. */
  private void refuse() throws IOException {
    var options = ProgramOptions.ofKernel(CgroupFilter.ALL);
    try (var connect6 = dataplane.load(Hook.CONNECT6, options);
        var _ = connect6.attachToCgroup(bed.cgroup.path())) {
      long vip = VipKey.tcp(0x7f4d0001, bed.vip.port()).word();
      Change.put(dataplane.table(), new ServiceImage(vip, Head.POLICY_SINGLE, 111, 0, List.of()));
      var request = "load %s %d".formatted(bed.vip.toString().replace(':', ' '), CONNECTS);
      assertEquals("{refused=%d}".formatted(CONNECTS), get(bed.jvm().ask(request)));
    }
  }

  private void reportUntil(long nanos) {
    var meta = dataplane.meta();
    assertTrue(meta.heardUntil(meta.heardUntil(), nanos));
  }

  @Test
  void whatFindsNoRoomIsCounted() throws IOException {
    try (var feed = dataplane.listen().orElseThrow()) {
      reportUntil(System.nanoTime() + TimeUnit.HOURS.toNanos(1));
      refuse();
      long room = (1 << 20) / (EventEntry.STRUCT.size() + 8L);
      assertTrue(Math.abs(CONNECTS - room - feed.unheard()) <= 1, () -> feed.unheard() + " lost");
    }
  }

  @Test
  void programsReportNothingToOneWhoWasKilled() throws IOException {
    try (var _ = dataplane.listen().orElseThrow()) {
      reportUntil(System.nanoTime());
      refuse();
      assertEquals(0, dataplane.meta().unheard(), "nothing was written, so all had room");
    }
  }

  @Test
  void oneWhoIsSilentForTooLongIsReplacedAndToldSo() {
    var silent = dataplane.listen().orElseThrow();
    try {
      assertTrue(dataplane.listen().isEmpty());
      reportUntil(System.nanoTime());
      try (var next = dataplane.listen().orElseThrow()) {
        var e =
            assertThrows(IllegalStateException.class, () -> silent.poll(Duration.ZERO, _ -> {}));
        assertEquals(
            "another process listens to the events of this table by now; poll at least every 5 s",
            e.getMessage());
        silent.close();
        assertEquals(0, next.poll(Duration.ZERO, _ -> {}));
      }
    } finally {
      silent.close();
    }
  }
}
