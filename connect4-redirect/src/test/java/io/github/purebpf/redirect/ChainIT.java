package io.github.purebpf.redirect;

import static io.github.purebpf.redirect.TestBed.get;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.purebpf.bpf.BpfLink;
import io.github.purebpf.bpf.BpfProgram;
import io.github.purebpf.bpf.LegacyPoint;
import io.github.purebpf.redirect.cli.demo.Client;
import io.github.purebpf.redirect.cli.demo.OwnJvm;
import io.github.purebpf.testkit.Await;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Programs of others in the cgroup above or below ours. Those of the cgroup of the socket run
 * first, then those of the cgroups above, and each sees what the ones before have written.
 */
@RequiresKernel
@NoLeakedFds
class ChainIT {
  private static final String EPERM = "-1";

  private TestBed bed;
  private Path parent;
  private Path child;
  private HoldingServer x;
  private HoldingServer y;
  private Connect4Redirect redirect;
  private Client client;

  /** An address that stands for something and where nobody listens. */
  private VirtualAddress between;

  private final List<AutoCloseable> foreign = new ArrayList<>();

  @BeforeEach
  void open() throws IOException {
    bed = new TestBed();
    parent = bed.cgroup.path();
    child = bed.cgroup.child("child");
    x = HoldingServer.start("X");
    y = HoldingServer.start("Y");
    between = TestBed.unusedVip();
    redirect = Connect4Redirect.open(RedirectOptions.DEFAULT.withPeerName(true));
    client =
        bed.client(
            child,
            OwnJvm.of(
                Path.of("target", "test-classes").toString(),
                SocketProgram.class,
                "--enable-native-access=ALL-UNNAMED"));
  }

  @AfterEach
  void close() throws Exception {
    for (var each : foreign.reversed()) {
      each.close();
    }
    redirect.close();
    x.close();
    y.close();
    bed.close();
  }

  /** Attaches a program of others with a link. */
  private BpfLink attach(BpfProgram program, Path cgroup) {
    foreign.add(program);
    var link = program.attachToCgroup(cgroup);
    foreign.add(link);
    return link;
  }

  private String connect(String family) {
    return NamespaceBed.connect(client, "s", family, bed.vip);
  }

  private String peer() {
    return get(client.ask("peer s"));
  }

  private ServerTraffic traffic(VirtualAddress vip) {
    return redirect.table().traffic(vip).orElseThrow().servers().getFirst();
  }

  private static ServerTraffic figures(
      HoldingServer server, long attempted, long established, long failed, long connecting) {
    return new ServerTraffic(
        server.server(), true, attempted, established, failed, connecting, established);
  }

  @ParameterizedTest
  @CsvSource({"inet,link", "inet6,link", "inet,legacy", "inet6,legacy"})
  void whatAChildRewritesToAVirtualAddressIsRedirectedAbove(String family, String how) {
    redirect.put(between, y.server());
    redirect.attach(parent);
    var program = ForeignProgram.rewriting(family, bed.vip, between);
    if (how.equals("link")) {
      attach(program, child);
    } else {
      foreign.add(program);
      // The cgroup takes it along.
      program.attachLegacy(new LegacyPoint.Cgroup(child, LegacyPoint.Mode.MULTI));
    }
    assertEquals("Y", connect(family));
    assertEquals(figures(y, 1, 1, 0, 0), traffic(between));
    assertEquals(between.toString(), peer(), "the address that we have seen");
  }

  @ParameterizedTest
  @ValueSource(strings = {"inet", "inet6"})
  void whatAChildRewritesToAServerIsNotOurs(String family) {
    redirect.put(bed.vip, y.server());
    redirect.attach(parent);
    attach(ForeignProgram.rewriting(family, bed.vip, x.server()), child);
    assertEquals("X", connect(family));
    assertEquals(figures(y, 0, 0, 0, 0), traffic(bed.vip));
    assertEquals(x.server().toString(), peer());
  }

  /** It is counted for the server that we have chosen, for we do not see where it goes instead. */
  @ParameterizedTest
  @ValueSource(strings = {"inet", "inet6"})
  void aProgramAboveSeesTheServerAndHasTheLastWord(String family) throws Exception {
    redirect.put(bed.vip, x.server());
    redirect.attach(child);
    attach(ForeignProgram.rewriting(family, x.server(), y.server()), parent);
    assertEquals("Y", connect(family));
    assertEquals(figures(x, 1, 1, 0, 0), traffic(bed.vip));
    assertEquals("0", get(client.ask("close s")));
    Await.until("the connection to end", () -> traffic(bed.vip).open() == 0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"inet", "inet6"})
  void aProgramAboveThatWantsTheVirtualAddressDoesNotSeeIt(String family) {
    redirect.put(bed.vip, x.server());
    redirect.attach(child);
    attach(ForeignProgram.rewriting(family, bed.vip, y.server()), parent);
    assertEquals("X", connect(family));
  }

  @ParameterizedTest
  @CsvSource({"inet,parent", "inet6,parent", "inet,child", "inet6,child"})
  void aVetoOfOthersIsCountedAsFailedWhenTheSocketIsClosed(String family, String where)
      throws Exception {
    redirect.put(bed.vip, x.server());
    boolean above = where.equals("parent");
    redirect.attach(above ? child : parent);
    var veto = attach(ForeignProgram.refusing(family), above ? parent : child);
    assertEquals(EPERM, connect(family));
    assertEquals(figures(x, 1, 0, 0, 1), traffic(bed.vip), "as long as it may try again");
    assertEquals(
        EPERM, get(client.ask("connect s %s %s".formatted(family, words(bed.vip)))), "again");
    assertEquals(figures(x, 2, 0, 1, 1), traffic(bed.vip));
    assertEquals("0", get(client.ask("close s")));
    Await.until("both to have failed", () -> traffic(bed.vip).equals(figures(x, 2, 0, 2, 0)));
    veto.detach();
    assertEquals("X", connect(family));
    assertEquals(figures(x, 3, 1, 2, 0), traffic(bed.vip));
    assertEquals(1, x.taken());
  }

  private static String words(VirtualAddress address) {
    return address.toString().replace(':', ' ');
  }

  @ParameterizedTest
  @CsvSource({"inet,parent", "inet6,parent", "inet,child", "inet6,child"})
  void theOutermostNamesThePeer(String family, String where) {
    redirect.put(bed.vip, x.server());
    boolean above = where.equals("parent");
    redirect.attach(above ? child : parent);
    var foreign = attach(ForeignProgram.naming(family, between), above ? parent : child);
    assertEquals("X", connect(family));
    assertEquals((above ? between : bed.vip).toString(), peer());
    foreign.detach();
    assertEquals(bed.vip.toString(), peer());
  }
}
