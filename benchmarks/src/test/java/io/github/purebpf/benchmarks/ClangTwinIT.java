package io.github.purebpf.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.asm.SourceLines;
import io.github.purebpf.bpf.ProgramSpec;
import io.github.purebpf.redirect.cli.demo.NamedServer;
import io.github.purebpf.redirect.dataplane.CgroupFilter;
import io.github.purebpf.redirect.dataplane.Dataplane;
import io.github.purebpf.redirect.dataplane.Head;
import io.github.purebpf.redirect.dataplane.Hook;
import io.github.purebpf.redirect.dataplane.ProgramOptions;
import io.github.purebpf.redirect.dataplane.ServerWord;
import io.github.purebpf.redirect.dataplane.ServiceImage;
import io.github.purebpf.redirect.dataplane.Table;
import io.github.purebpf.redirect.dataplane.VipKey;
import io.github.purebpf.testkit.Await;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import io.github.purebpf.testkit.ScratchCgroup;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The connect4 program beside what clang makes of the same in C. */
@RequiresKernel
@NoLeakedFds
class ClangTwinIT {
  private static final int VIP = 0x7f4d0001;
  private static final int PORT = 8502;
  private static final ProgramOptions OPTIONS =
      new ProgramOptions(CgroupFilter.ALL, true, true, true);

  @TempDir private Path folder;
  private ClangTwin twin;

  @BeforeEach
  void find() {
    var found = ClangTwin.find(new Workshop(Path.of("src/peers"), folder));
    if (found.isEmpty()) {
      String missing = "the oracle is missing: apt-get install " + ClangTwin.PACKAGES;
      assertTrue(!"1".equals(System.getenv("PUREBPF_REQUIRE_KERNEL")), missing);
      System.err.println(missing);
      Assumptions.abort(missing);
    }
    twin = found.get();
  }

  @Test
  void oursIsNotLonger() throws IOException, InterruptedException {
    assertNotLonger(Hook.CONNECT4.code(OPTIONS), twin.compile("cgroup/connect4"));
    assertNotLonger(Programs.connect4(SourceLines.OMITTED), twin.compile("cgroup/connect4_plain"));
  }

  private static void assertNotLonger(BpfCode ours, BpfCode theirs) {
    assertTrue(
        ours.slots() <= theirs.slots(), () -> ours.slots() + " slots, clang: " + theirs.slots());
  }

  @ParameterizedTest
  @ValueSource(
      ints = {
        Head.POLICY_SINGLE,
        Head.POLICY_WEIGHTED,
        Head.POLICY_ROUND_ROBIN,
        Head.POLICY_LEAST_CONNECTIONS,
        Head.POLICY_STICKY_CONTAINER,
        Head.POLICY_STICKY_SOCKET
      })
  void theirsDoesTheSameOnTheSameTable(int policy) throws IOException, InterruptedException {
    var spec = ProgramSpec.connect4("clang", twin.compile("cgroup/connect4")).withLicense("GPL");
    try (var cgroup = ScratchCgroup.create();
        var server = NamedServer.start("A");
        var dataplane = Dataplane.create();
        var program = dataplane.load(spec);
        var operations = dataplane.load(Hook.OPERATIONS, OPTIONS);
        var _ = operations.attachToCgroup(cgroup.path());
        var _ = program.attachToCgroup(cgroup.path())) {
      var table = dataplane.table();
      var member =
          new ServiceImage.MemberImage(ServerWord.of(0x7f000001, server.server().port()), 1);
      put(table, policy, List.of(member));
      assertEquals("A\n", answer(cgroup));
      long vip = VipKey.tcp(VIP, PORT).word();
      var figures = table.figures(vip).orElseThrow().backends().getFirst();
      assertEquals(1, figures.attempted());
      assertEquals(1, figures.established());
      Await.until(
          "the connection is counted out",
          () -> table.figures(vip).orElseThrow().backends().getFirst().load() == 0);
      put(table, policy, List.of());
      assertTrue(answer(cgroup).endsWith("Connection refused\n"));
    }
  }

  private static void put(Table table, int policy, List<ServiceImage.MemberImage> members) {
    table.begin();
    table.put(new ServiceImage(VipKey.tcp(VIP, PORT).word(), policy, 111, 0, members));
    table.end(true);
  }

  private static String answer(ScratchCgroup cgroup) throws IOException {
    var script = "exec 2>&1; LC_ALL=C; exec 3<>/dev/tcp/127.77.0.1/" + PORT + " && cat <&3";
    var client = cgroup.exec(List.of("bash", "-c", script));
    return new String(client.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
  }
}
