package io.github.purebpf.redirect.cli;

import static io.github.purebpf.redirect.TestBed.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.bpf.BpfFs;
import io.github.purebpf.redirect.Connect4Redirect;
import io.github.purebpf.redirect.Server;
import io.github.purebpf.redirect.TestBed;
import io.github.purebpf.redirect.VirtualAddress;
import io.github.purebpf.testkit.RequiresKernel;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the command tells of connections that a client makes meanwhile. */
@RequiresKernel
class EventsCommandIT {
  private BpfFs pins;
  private TestBed bed;
  private Connect4Redirect redirect;
  private String pin;
  private String request;

  @BeforeEach
  void open() throws IOException {
    pins = BpfFs.mountDetached();
    bed = new TestBed();
    redirect = Connect4Redirect.open();
    redirect.put(bed.vip, bed.a.server());
    redirect.pin(pins.path().resolve("events"));
    redirect.attach(bed.cgroup.path());
    pin = "--pin=" + pins.path().resolve("events");
    request = "socket " + bed.vip.toString().replace(':', ' ');
  }

  @AfterEach
  void close() throws IOException {
    redirect.close();
    bed.close();
    pins.close();
  }

  /** The name of the cgroup as the command shows it. */
  private String container() {
    return "/" + bed.cgroup.path().getFileName();
  }

  private void assertLine(String regex, String line) {
    assertTrue(line.matches(regex), line + "\ndoes not match\n" + regex);
  }

  @Test
  void aConnectionIsALineWhenItIsMadeAndALineWhenItEnds() throws IOException, InterruptedException {
    var client = bed.jvm();
    try (var process = CommandProcess.start("events", pin, "--count=2")) {
      process.awaitLine("ready");
      assertEquals("served A", get(client.ask(request)));
      var places = bed.vip + " -> " + bed.a.server();
      var end = " by (/\\S+)?" + container() + " \\(process [0-9]+\\)";
      assertLine("\\S+Z +established " + places + " in [0-9.]+ms" + end, process.line());
      assertLine("\\S+Z +closed      " + places + " after [0-9.]+ms" + end, process.line());
      assertEquals(0, process.end());
    }
  }

  @Test
  void asJsonAndOfOneAddressAlone() throws IOException, InterruptedException {
    var client = bed.jvm();
    var other = new VirtualAddress(bed.vip.address(), bed.vip.port() == 1 ? 2 : 1);
    redirect.put(other, bed.b.server());
    try (var process =
        CommandProcess.start("events", pin, "--json", "--vip=" + other, "--count=1")) {
      process.awaitLine("ready");
      assertEquals("served A", get(client.ask(request)));
      assertEquals("served B", get(client.ask("socket " + other.toString().replace(':', ' '))));
      assertLine(
          ("\\{\"event\":\"established\",\"at\":\"[^\"]+Z\","
                  + "\"vip\":\\{\"address\":\"127.77.0.1\",\"port\":%d\\},"
                  + "\"server\":\\{\"address\":\"127.0.0.1\",\"port\":%d\\},"
                  + "\"nanoseconds\":[0-9]+,\"cgroup\":[0-9]+,\"path\":\"[^\"]*%s\","
                  + "\"process\":[0-9]+,\"thread\":[0-9]+\\}")
              .formatted(other.port(), bed.b.server().port(), container()),
          process.line());
      assertEquals(0, process.end());
    }
  }

  @Test
  void aSignalEndsItAndAnotherMayListen() throws IOException, InterruptedException {
    try (var process = CommandProcess.start("events", pin)) {
      process.awaitLine("ready");
      try (var second = CommandProcess.start("events", pin)) {
        assertLine("connect4-redirect: somebody listens to the events .*", second.line());
        assertEquals(6, second.end());
      }
      process.signal("TERM");
      assertEquals(0, process.end());
    }
    redirect.table().events().close();
  }

  @Test
  void watchShowsThemBelowTheServersUnlessAnotherListens()
      throws IOException, InterruptedException {
    try (var process = CommandProcess.start("watch", pin, "--interval=100ms")) {
      process.awaitLine(" open");
      var client = bed.jvm();
      assertEquals("served A", get(client.ask(request)));
      process.awaitLine("closed      " + bed.vip + " -> " + bed.a.server());
      process.signal("TERM");
      assertEquals(0, process.end());
    }
    try (var _ = redirect.table().events();
        var process = CommandProcess.start("watch", pin, "--count=1")) {
      process.awaitLine("events: another process listens to them");
      assertEquals(0, process.end());
    }
  }

  @Test
  void aServerThatIsNotThereIsALine() throws IOException, InterruptedException {
    redirect.put(bed.vip, new Server(bed.a.server().address(), bed.vip.port()));
    try (var process = CommandProcess.start("events", pin, "--count=1")) {
      process.awaitLine("ready");
      assertEquals("refused", get(bed.jvm().ask(request)));
      assertLine("\\S+Z +failed      .* after [0-9.]+ms by .*", process.line());
      assertEquals(0, process.end());
    }
  }
}
