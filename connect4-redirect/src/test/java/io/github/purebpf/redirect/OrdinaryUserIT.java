package io.github.purebpf.redirect;

import static io.github.purebpf.redirect.TestBed.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.redirect.cli.demo.Client;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** An ordinary user with two capabilities does all of it, and is told when one is missing. */
@RequiresKernel
@NoLeakedFds
class OrdinaryUserIT {
  @TempDir private Path folder;
  private TestBed bed;

  @BeforeEach
  void open() throws IOException {
    bed = new TestBed();
  }

  @AfterEach
  void close() throws IOException {
    bed.close();
  }

  private List<String> command(String capabilities, Scope scope) throws IOException {
    var command =
        new ArrayList<>(List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"));
    command.addAll(List.of("--inh-caps=-all" + capabilities, "--bounding-set=-all" + capabilities));
    if (!capabilities.isEmpty()) {
      command.add("--ambient-caps=" + capabilities.substring(1));
    }
    command.addAll(
        ChildJvm.commandForEverybody(
            folder, OrdinaryUser.class, bed.cgroup.toString(), scope.name()));
    return command;
  }

  private String answer(Client client, String how) {
    return get(client.ask(how + " " + bed.vip.toString().replace(':', ' ')));
  }

  private void assertAnswered(Client client, String answer) {
    for (var how : List.of("socket", "inet-channel")) {
      assertEquals(answer, answer(client, how));
    }
  }

  @ParameterizedTest
  @EnumSource
  void twoCapabilitiesAreEnoughForAllOfIt(Scope scope) throws IOException, InterruptedException {
    var client = bed.jvm();
    var process =
        new ProcessBuilder(command(",+bpf,+net_admin", scope)).redirectErrorStream(true).start();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      var user = new Client("user", process, threads);
      assertEquals("ready", get(user.started()));
      assertAnswered(client, "refused");
      assertEquals("done", get(user.ask("put %s %s".formatted(bed.vip, bed.a.server()))));
      assertAnswered(client, "served A");
      assertEquals("done", get(user.ask("put %s %s".formatted(bed.vip, bed.b.server()))));
      assertAnswered(client, "served B");
      assertEquals("[" + bed.vip + "]", get(user.ask("list")));
      assertEquals("2", get(user.ask("established " + bed.vip)));
      assertEquals("true", get(user.ask("remove " + bed.vip)));
      assertAnswered(client, "refused");
      assertEquals("done", get(user.ask("put %s %s".formatted(bed.vip, bed.a.server()))));
      assertAnswered(client, "served A");
      assertEquals("failed: the process has ended", get(user.ask("close")));
      assertEquals(0, process.waitFor());
      assertAnswered(client, "refused");
    } finally {
      process.destroyForcibly();
    }
  }

  @ParameterizedTest
  @CsvSource({"',+bpf',CAP_NET_ADMIN", "',+net_admin',CAP_BPF", "'',CAP_BPF"})
  void theOneThatIsMissingIsNamed(String capabilities, String missing) throws Exception {
    var process =
        new ProcessBuilder(command(capabilities, Scope.ALL)).redirectErrorStream(true).start();
    var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), output);
    assertTrue(
        output.matches("MissingPrivilegeException: .* this thread lacks .*" + missing + ".*\n"),
        output);
  }
}
