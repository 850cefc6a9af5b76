package io.github.purebpf.redirect.dataplane;

import static io.github.purebpf.redirect.TestBed.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.redirect.TestBed;
import io.github.purebpf.testkit.Await;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The connect program beside what clang makes of the same in C. */
@RequiresKernel
@NoLeakedFds
class ClangTwinIT {
  @TempDir private Path folder;
  private BpfCode theirs;

  @BeforeEach
  void compile() throws IOException, InterruptedException {
    theirs = ClangTwin.compile(folder);
  }

  @Test
  void oursIsNotLonger() {
    int ours = ConnectProgram.connect4(new ProgramOptions(CgroupFilter.ALL, true, true)).slots();
    assertTrue(ours <= theirs.slots(), () -> ours + " slots, clang: " + theirs.slots());
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
    try (var bed = new TestBed();
        var dataplane = Dataplane.create();
        var program = dataplane.load(ClangTwin.spec(theirs));
        var operations =
            dataplane.load(Hook.OPERATIONS, new ProgramOptions(CgroupFilter.ALL, true, true));
        var _ = operations.attachToCgroup(bed.cgroup.path());
        var _ = program.attachToCgroup(bed.cgroup.path())) {
      var table = dataplane.table();
      var server = bed.a.server();
      long vip = VipKey.tcp(0x7f4d0001, bed.vip.port()).word();
      var member = new ServiceImage.MemberImage(ServerWord.of(0x7f000001, server.port()), 1);
      Change.put(table, new ServiceImage(vip, policy, 111, 0, List.of(member)));
      var request = "inet-channel " + bed.vip.toString().replace(':', ' ');
      var client = bed.jvm();
      assertEquals("served A", get(client.ask(request)));
      var figures = table.figures(vip).orElseThrow().backends().getFirst();
      assertEquals(1, figures.attempted());
      assertEquals(1, figures.established());
      Await.until(
          "the connection is counted out",
          () -> table.figures(vip).orElseThrow().backends().getFirst().load() == 0);
      Change.put(table, new ServiceImage(vip, policy, 111, 0, List.of()));
      assertEquals("refused", get(client.ask(request)));
    }
  }
}
