package io.github.purebpf.redirect;

import static io.github.purebpf.redirect.TestBed.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.redirect.cli.demo.Client;
import io.github.purebpf.redirect.cli.demo.NamedServer;
import io.github.purebpf.testkit.RequiresKernel;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Very many changes of a table that is at work: nothing grows with their number. */
@RequiresKernel
class ChurnIT {
  private static final int FEW = 50_000;
  private static final int MANY = 1_000_000;
  private static final int CONNECTS = 60;
  private static final int LIMIT_MINUTES = 10;
  private static final long SEED = 1_000_003;

  private final Random random = new Random(SEED);
  private TestBed bed;
  private NamedServer third;
  private List<NamedServer> servers;

  @BeforeEach
  void open() throws IOException {
    bed = new TestBed();
    third = NamedServer.start("C");
    servers = List.of(bed.a, bed.b, third);
  }

  @AfterEach
  void close() throws IOException {
    third.close();
    bed.close();
  }

  private void assertNothingGrowsWith(int changes) throws Exception {
    var command =
        ChildJvm.command(
            ChurningProgram.class,
            bed.cgroup.toString(),
            Long.toString(SEED),
            bed.a.server().toString(),
            bed.b.server().toString(),
            third.server().toString());
    var process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var program = new Client("churn", process, threads);
      assertEquals("ready", get(program.started()));
      churn(program, changes / 2);
      assertEquals("done", get(program.ask("remember")));
      churn(program, changes);
      assertEquals("no more", get(program.ask("compare")));
      assertEquals("as put", get(program.ask("list")));
      assertConnectsGoWhereTheTableSays(program);
      assertEquals("done", get(program.ask("clear")));
      assertEquals("as put", get(program.ask("list")));
    } finally {
      process.destroyForcibly();
    }
  }

  private static void churn(Client program, int changes) throws Exception {
    assertEquals("done", program.ask("churn " + changes).get(LIMIT_MINUTES, TimeUnit.MINUTES));
  }

  private void assertConnectsGoWhereTheTableSays(Client program) throws IOException {
    var client = bed.jvm();
    for (int i = 0; i < CONNECTS; i++) {
      var vip = ChurningProgram.vip(random.nextInt(ChurningProgram.ADDRESSES));
      var places = List.of(get(program.ask("servers " + vip)).split(" ", -1));
      var possible =
          places.equals(List.of(""))
              ? List.of("refused")
              : servers.stream()
                  .filter(server -> places.contains(server.server().toString()))
                  .map(server -> "served " + server.name())
                  .toList();
      var answer = get(client.ask("socket " + vip.toString().replace(':', ' ')));
      assertTrue(possible.contains(answer), () -> vip + ": " + answer + ", not " + possible);
    }
  }

  @Test
  void nothingGrowsWithTheNumberOfChanges() throws Exception {
    assertNothingGrowsWith(FEW);
  }

  @Test
  @Tag(LongRun.TAG)
  void norWithAMillionOfThem() throws Exception {
    assertNothingGrowsWith(LongRun.times(MANY));
  }
}
