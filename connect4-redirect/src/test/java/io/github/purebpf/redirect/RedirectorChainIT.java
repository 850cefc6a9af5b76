package io.github.purebpf.redirect;

import static io.github.purebpf.redirect.TestBed.get;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.purebpf.redirect.cli.demo.ClientProgram;
import io.github.purebpf.redirect.cli.demo.OwnJvm;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A redirector in a cgroup, and another above it. */
@RequiresKernel
@NoLeakedFds
class RedirectorChainIT {
  private TestBed bed;
  private Path child;
  private Connect4Redirect inner;
  private Connect4Redirect outer;

  /** Where nobody listens: what one writes and the other reads. */
  private VirtualAddress between;

  @BeforeEach
  void open() throws IOException {
    bed = new TestBed();
    child = bed.cgroup.child("child");
    between = new VirtualAddress(Ipv4.parse("127.77.0.2"), bed.vip.port());
    inner = Connect4Redirect.open(RedirectOptions.DEFAULT.withPeerName(true));
    outer = Connect4Redirect.open(RedirectOptions.DEFAULT.withPeerName(true));
    outer.attach(bed.cgroup.path());
    inner.attach(child);
  }

  @AfterEach
  void close() throws IOException {
    inner.close();
    outer.close();
    bed.close();
  }

  private static String words(VirtualAddress vip) {
    return vip.address() + " " + vip.port();
  }

  private String bash() throws IOException {
    return get(bed.client(child, ClientProgram.bash().command()).ask(words(bed.vip)));
  }

  private Server toBetween() {
    return Server.parse(between.toString());
  }

  @Test
  void theOneAboveIsAskedAboutWhatTheOneBelowHasWritten() throws IOException {
    inner.put(bed.vip, toBetween());
    outer.put(between, bed.b.server());
    assertEquals("served B", bash());
  }

  @Test
  void theOneBelowIsNotAskedAgain() throws IOException {
    outer.put(bed.vip, toBetween());
    inner.put(between, bed.b.server());
    assertEquals("refused", bash());
  }

  @Test
  void theOneAboveHasTheLastWord() throws IOException {
    inner.put(bed.vip, bed.a.server());
    outer.put(VirtualAddress.parse(bed.a.server().toString()), bed.b.server());
    assertEquals("served B", bash());
  }

  @Test
  void theOneAboveAnswersGetpeernameLast() throws IOException {
    inner.put(bed.vip, toBetween());
    outer.put(between, bed.b.server());
    var client =
        bed.client(
            child,
            OwnJvm.of(
                Path.of("target", "test-classes").toString(),
                SocketProgram.class,
                "--enable-native-access=ALL-UNNAMED"));
    get(client.ask("inet a"));
    assertEquals("0", get(client.ask("connect a inet " + words(bed.vip))));
    assertEquals(between.toString(), get(client.ask("peer a")));
  }
}
