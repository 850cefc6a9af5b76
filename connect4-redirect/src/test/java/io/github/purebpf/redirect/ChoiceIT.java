package io.github.purebpf.redirect;

import static io.github.purebpf.redirect.TestBed.get;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.purebpf.bpf.Cgroup2;
import io.github.purebpf.redirect.cli.demo.OwnJvm;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** What is told beforehand is what the program in the kernel does. */
@RequiresKernel
@NoLeakedFds
class ChoiceIT {
  private static final int CGROUPS = 8;

  @Test
  void theServerOfAContainerIsKnownBeforehand() throws IOException {
    try (var bed = new TestBed();
        var redirect = Connect4Redirect.open()) {
      redirect
          .table()
          .put(
              Service.of(bed.vip, bed.a.server(), bed.b.server())
                  .withPolicy(Policy.STICKY_CONTAINER));
      redirect.attach(bed.cgroup.path());
      for (int i = 0; i < CGROUPS; i++) {
        var cgroup = Files.createDirectory(bed.cgroup.path().resolve("c" + i));
        var told =
            Choice.of(
                    redirect.table().traffic(bed.vip).orElseThrow(),
                    OptionalLong.of(Cgroup2.require(cgroup).id()))
                .certain()
                .orElseThrow();
        var expected = told.equals(bed.a.server()) ? "served A" : "served B";
        var client = bed.client(cgroup, TestBed.jvmCommand());
        assertEquals(expected, get(client.ask("socket " + bed.vip.toString().replace(':', ' '))));
      }
    }
  }

  @Test
  void theLeastLoadedServerIsKnownBeforehand() throws IOException, InterruptedException {
    try (var bed = new TestBed();
        var holder = HoldingServer.start("H");
        var redirect = Connect4Redirect.open()) {
      redirect.put(bed.vip, holder.server());
      redirect.attach(bed.cgroup.path());
      var client =
          bed.client(
              bed.cgroup.path(),
              OwnJvm.of(
                  Path.of("target", "test-classes").toString(),
                  SocketProgram.class,
                  "--enable-native-access=ALL-UNNAMED"));
      get(client.ask("inet a"));
      get(client.ask("connect a inet " + bed.vip.toString().replace(':', ' ')));
      holder.await(1);
      redirect.table().put(Service.of(bed.vip, holder.server(), bed.b.server()));
      var choice = Choice.of(redirect.table().traffic(bed.vip).orElseThrow(), OptionalLong.empty());
      assertEquals(1, choice.candidates().getFirst().load());
      assertEquals(bed.b.server(), choice.certain().orElseThrow());
      assertEquals(
          "served B", get(bed.jvm().ask("socket " + bed.vip.toString().replace(':', ' '))));
    }
  }
}
