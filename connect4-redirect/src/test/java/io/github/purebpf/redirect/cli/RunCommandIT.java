package io.github.purebpf.redirect.cli;

import static io.github.purebpf.redirect.TestBed.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.bpf.BpfFs;
import io.github.purebpf.bpf.BpfProgram;
import io.github.purebpf.bpf.ProgramSpec;
import io.github.purebpf.redirect.HoldingServer;
import io.github.purebpf.redirect.Keepalive;
import io.github.purebpf.redirect.NoServer;
import io.github.purebpf.redirect.Policy;
import io.github.purebpf.redirect.RedirectTable;
import io.github.purebpf.redirect.Server;
import io.github.purebpf.redirect.Service;
import io.github.purebpf.redirect.TestBed;
import io.github.purebpf.redirect.Tool;
import io.github.purebpf.redirect.cli.demo.Client;
import io.github.purebpf.testkit.RequiresKernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The command in the foreground, and other processes that change its table. */
@RequiresKernel
class RunCommandIT {
  private TestBed bed;
  private BpfFs pins;
  private Path pin;

  @BeforeEach
  void open() throws IOException {
    bed = new TestBed();
    pins = BpfFs.mountDetached();
    pin = pins.path().resolve("redirect");
  }

  @AfterEach
  void close() throws IOException {
    pins.close();
    bed.close();
  }

  private String[] run() {
    return new String[] {
      "run", "--cgroup", bed.cgroup.toString(), "--pin=" + pin, "--vip", mapping(bed.a.server())
    };
  }

  private String mapping(Server server) {
    return bed.vip + "=" + server;
  }

  private CommandProcess ready(List<String> prefix) throws IOException {
    var process = CommandProcess.startWith(prefix, run());
    assertEquals(
        "ready: 1 address mapped for " + bed.cgroup + ", pinned in " + pin, process.line());
    return process;
  }

  private void assertAnswers(String expected, Client client) {
    assertEquals(expected, get(client.ask("socket " + bed.vip.toString().replace(':', ' '))));
  }

  private static void assertEndsWith(ExitCode expected, String... arguments)
      throws IOException, InterruptedException {
    try (var process = CommandProcess.start(arguments)) {
      var output = process.rest();
      assertEquals(expected.status(), process.end(), output);
    }
  }

  @Test
  void connectionsThatWereOpenAreCountedAndOnesThatMayNotBeLookedForAreTold()
      throws IOException, InterruptedException {
    try (var server = HoldingServer.start("H")) {
      var shell =
          bed.cgroup.exec(
              List.of(
                  "bash",
                  "-c",
                  "exec 3<>/dev/tcp/%s; read line <&3; echo $line; read line"
                      .formatted(server.server().toString().replace(':', '/'))));
      assertEquals("H", shell.inputReader().readLine());
      var command = run();
      command[command.length - 1] = mapping(server.server());
      try (var process = CommandProcess.start(command)) {
        process.awaitLine("ready");
        assertEquals("1 connection was open in " + bed.cgroup + " and is counted", process.line());
        assertTrue(Result.of("stats", "--pin=" + pin, "--json").out().contains("\"open\":1"));
        process.signal("TERM");
        assertEquals(0, process.end());
      }
      var prefix =
          List.of(
              "setpriv", "--bounding-set=-sys_admin,-perfmon", "--inh-caps=-sys_admin,-perfmon");
      try (var process = CommandProcess.startWith(prefix, command)) {
        process.awaitLine("connections that were open in " + bed.cgroup + " are missing");
        process.awaitLine("ready");
        process.signal("TERM");
        assertEquals(0, process.end());
      }
    }
  }

  @Test
  void setChangesWhatItSaysAndNothingElse() throws IOException, InterruptedException {
    try (var process = ready(List.of())) {
      var two = mapping(bed.a.server()) + "*3," + bed.b.server();
      var set =
          Result.of("set", "--pin=" + pin, "--policy=weighted", "--keepalive=30/10/3/1500ms", two);
      assertEquals(
          "%s is mapped to %s*3 %s, it was to %s\n"
              .formatted(bed.vip, bed.a.server(), bed.b.server(), bed.a.server()),
          set.out());
      Result.of("set", "--pin=" + pin, "--no-server=unreachable", bed.vip + "=");
      try (var table = RedirectTable.openPinned(pin)) {
        assertEquals(
            Service.of(bed.vip)
                .withPolicy(Policy.WEIGHTED)
                .withNoServer(NoServer.UNREACHABLE)
                .withKeepalive(
                    new Keepalive(
                        Duration.ofSeconds(30),
                        Duration.ofSeconds(10),
                        3,
                        Duration.ofMillis(1500))),
            table.get(bed.vip).orElseThrow());
      }
      assertEquals(
          "%-21s %-17s no server\n".formatted(bed.vip, "weighted"),
          Result.of("list", "--pin=" + pin).out());
      process.signal("TERM");
      assertEquals(0, process.end());
    }
  }

  @Test
  void onlyListedCgroupsAreRedirected() throws IOException, InterruptedException {
    var inside = Files.createDirectory(bed.cgroup.path().resolve("inside"));
    try (var process =
        CommandProcess.start(
            "run",
            "--cgroup=" + bed.cgroup,
            "--scope=listed",
            "--list-cgroup=" + inside,
            "--peer-name",
            "--vip=" + mapping(bed.a.server()))) {
      process.awaitLine("ready");
      assertAnswers("refused", bed.jvm());
      assertAnswers("served A", bed.client(inside, TestBed.jvmCommand()));
      process.signal("TERM");
      assertEquals(0, process.end());
    }
  }

  @Test
  void otherProcessesChangeWhereConnectsGo() throws IOException, InterruptedException {
    try (var process = ready(List.of())) {
      var client = bed.jvm();
      assertAnswers("served A", client);

      assertEndsWith(ExitCode.OK, "set", "--pin", pin.toString(), mapping(bed.b.server()));
      assertAnswers("served B", client);

      var list = Result.of("list", "--pin", pin.toString());
      assertEquals(
          "%-21s %-17s %s\n".formatted(bed.vip, "least-connections", bed.b.server()), list.out());
      var json = Result.of("list", "--json", "--pin", pin.toString());
      assertEquals(
          ListCommand.json(List.of(Service.of(bed.vip, bed.b.server())), Map.of(), Optional.empty())
              + "\n",
          json.out());

      assertEndsWith(ExitCode.OK, "unset", "--pin", pin.toString(), bed.vip.toString());
      assertAnswers("refused", client);
      assertEndsWith(ExitCode.NOT_MAPPED, "unset", "--pin", pin.toString(), bed.vip.toString());

      process.signal("TERM");
      assertEquals(0, process.end());
    }
  }

  /** A shell that starts something in the background lets it ignore SIGINT, hence env. */
  @ParameterizedTest
  @ValueSource(strings = {"TERM", "INT", "HUP"})
  void aSignalDetachesAndUnpins(String signal) throws IOException, InterruptedException {
    try (var process = ready(List.of("env", "--default-signal=" + signal))) {
      var client = bed.jvm();
      assertAnswers("served A", client);
      process.signal(signal);
      assertEquals("", process.rest());
      assertEquals(0, process.end());
      assertAnswers("refused", client);
      assertFalse(Files.exists(pin));
    }
  }

  @Test
  void aSecondOneIsRefusedAndChangesNothing() throws IOException, InterruptedException {
    try (var process = ready(List.of())) {
      var client = bed.jvm();
      try (var second =
          CommandProcess.start(
              "run",
              "--cgroup",
              bed.cgroup.toString(),
              "--pin",
              pin.toString(),
              "--vip",
              mapping(bed.b.server()))) {
        var complaint = second.rest();
        assertEquals(ExitCode.IN_USE.status(), second.end(), complaint);
        assertTrue(complaint.contains("remove it: rm -r " + pin.resolve("v3")), complaint);
      }
      assertAnswers("served A", client);
      process.signal("TERM");
      assertEquals(0, process.end());
    }
  }

  /** {@code rm -r}. */
  private static void removeByHand(Path folder) throws IOException {
    try (var files = Files.walk(folder)) {
      for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  @Test
  void afterAKillTheKernelDetachesAndThePinIsRemovedByHand()
      throws IOException, InterruptedException {
    try (var process = ready(List.of())) {
      var client = bed.jvm();
      assertAnswers("served A", client);
      process.signal("KILL");
      process.end();
      assertAnswers("refused", client);
      assertEndsWith(ExitCode.IN_USE, run());
      removeByHand(pin.resolve("v3"));
      try (var again = ready(List.of())) {
        assertAnswers("served A", client);
        again.signal("TERM");
        assertEquals(0, again.end());
      }
    }
  }

  @Test
  void withoutAPinItRedirectsAllTheSame() throws IOException, InterruptedException {
    try (var process =
        CommandProcess.start(
            "run", "--cgroup", bed.cgroup.toString(), "--vip", mapping(bed.a.server()))) {
      assertEquals("ready: 1 address mapped for " + bed.cgroup, process.line());
      assertAnswers("served A", bed.jvm());
      process.signal("TERM");
      assertEquals(0, process.end());
    }
  }

  /** Only its cgroup is that of a container. */
  @Test
  void aContainerIsRedirectedByTheFirstDigitsOfItsId() throws IOException, InterruptedException {
    var id = "%012x".formatted(ProcessHandle.current().pid()) + "5eed".repeat(13);
    var container = bed.cgroup.child("docker-" + id + ".scope");
    Files.createDirectory(container.resolve("init.scope"));
    bed.cgroup.child("crio-conmon-" + id + ".scope");
    try (var process =
        CommandProcess.start(
            "run", "--container", id.substring(0, 20), "--vip", mapping(bed.a.server()))) {
      assertEquals("ready: 1 address mapped for " + container, process.line());
      assertAnswers("served A", bed.client(container, TestBed.jvmCommand()));
      assertAnswers("refused", bed.jvm());
      process.signal("TERM");
      assertEquals(0, process.end());
    }
  }

  @Test
  void podsAreFollowedAsTheyComeAndGo() throws IOException, InterruptedException {
    var slice = bed.cgroup.child("kubepods.slice");
    var one = Files.createDirectory(slice.resolve("kubepods-pod1.slice"));
    try (var process =
        CommandProcess.start(
            "run",
            "--follow",
            slice.toString(),
            "--match=*-pod*",
            "--vip",
            mapping(bed.a.server()))) {
      assertEquals("attached " + one, process.line());
      assertEquals("ready: 1 address mapped for cgroups below " + slice, process.line());
      var two = slice.resolve("kubepods-burstable.slice/kubepods-burstable-pod2.slice");
      var container = Files.createDirectories(two.resolve("container"));
      assertEquals("attached " + two, process.line());
      var client = bed.client(container, TestBed.jvmCommand());
      assertAnswers("served A", client);
      assertAnswers("refused", bed.client(slice, TestBed.jvmCommand()));
      Files.delete(one);
      assertEquals("gone " + one, process.line());
      process.signal("TERM");
      assertEquals("", process.rest());
      assertEquals(0, process.end());
      assertAnswers("refused", client);
    }
  }

  @Test
  void aPodThatAnotherProgramClosesIsToldAndTheRestIsRedirected()
      throws IOException, InterruptedException {
    var bpftool = Tool.require("bpftool");
    var slice = bed.cgroup.child("slice");
    var blocked = Files.createDirectory(slice.resolve("blocked"));
    var code = BpfCode.build(b -> b.returning(1));
    try (var jealous = BpfProgram.load(ProgramSpec.connect4("jealous", code))) {
      var program = pins.path().resolve("jealous");
      jealous.pin(program);
      bpftool.run(
          "cgroup",
          "attach",
          blocked.toString(),
          "cgroup_inet4_connect",
          "pinned",
          program.toString());
    }
    try (var process =
        CommandProcess.start(
            "run", "--follow", slice.toString(), "--vip", mapping(bed.a.server()))) {
      var failure = process.line();
      assertTrue(
          failure.matches("connect4-redirect: " + blocked + ": .*EPERM.*; it is tried again"),
          failure);
      assertEquals("ready: 1 address mapped for cgroups below " + slice, process.line());
      var free = Files.createDirectory(slice.resolve("free"));
      assertEquals("attached " + free, process.line());
      assertAnswers("served A", bed.client(free, TestBed.jvmCommand()));
      process.signal("TERM");
      assertEquals(0, process.end());
    }
  }
}
