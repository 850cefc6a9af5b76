package io.github.purebpf.redirect.cli;

import static io.github.purebpf.redirect.TestBed.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.redirect.TestBed;
import io.github.purebpf.redirect.cli.demo.Client;
import io.github.purebpf.testkit.RequiresKernel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The command in a container with a cgroup namespace and mounts of its own: the cgroup2 that it
 * sees begins at its own cgroup, and there is no BPF file system.
 */
@RequiresKernel
class PrivateNamespaceIT {
  private static final String ENTER =
      """
      cgroup=$1 root=$2
      shift 2
      echo $$ >"$cgroup/cgroup.procs" && exec unshare -C -m sh -c '
        umount -a -t cgroup2,bpf
        mount -t cgroup2 none "$1" && shift && exec "$@"
      ' sh "$root" "$@"
      """;

  @TempDir private Path root;
  private TestBed bed;
  private Path container;

  @BeforeEach
  void open() throws IOException {
    bed = new TestBed();
    container = bed.cgroup.child("container");
  }

  @AfterEach
  void close() throws IOException {
    bed.close();
  }

  private List<String> prefix() {
    return List.of("sh", "-c", ENTER, "sh", container.toString(), root.toString());
  }

  private String answer(Client client, String how) {
    return get(client.ask(how + " " + bed.vip.toString().replace(':', ' ')));
  }

  @Test
  void itIsReallyOne() throws IOException, InterruptedException {
    var command = new ArrayList<>(prefix());
    command.addAll(List.of("stat", "-c", "%i", root.toString()));
    var process = new ProcessBuilder(command).redirectErrorStream(true).start();
    var inode = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), inode);
    assertNotEquals("1", inode.strip(), "the true root");
  }

  @Test
  void runRedirectsTheCgroupThatIsTheRootThereAndNoOther() throws Exception {
    var inside = bed.client(container, TestBed.jvmCommand());
    var outside = bed.client(bed.cgroup.child("outside"), TestBed.jvmCommand());
    try (var process =
        CommandProcess.startWith(
            prefix(), "run", "--cgroup=" + root, "--vip=" + bed.vip + "=" + bed.a.server())) {
      assertEquals("ready: 1 address mapped for " + root, process.line());
      for (var how : new String[] {"socket", "inet-channel"}) {
        assertEquals("served A", answer(inside, how));
        assertEquals("refused", answer(outside, how));
      }
      process.signal("TERM");
      assertEquals(0, process.end());
    }
    assertEquals("refused", answer(inside, "socket"));
  }

  @Test
  void runRedirectsACgroupThatIsSeenThere() throws Exception {
    var below = bed.cgroup.child("container/below");
    var inside = bed.client(below, TestBed.jvmCommand());
    var beside = bed.client(container, TestBed.jvmCommand());
    try (var process =
        CommandProcess.startWith(
            prefix(),
            "run",
            "--cgroup=" + root.resolve("below"),
            "--vip=" + bed.vip + "=" + bed.b.server())) {
      process.awaitLine("ready");
      assertEquals("served B", answer(inside, "socket"));
      assertEquals("refused", answer(beside, "socket"));
      process.signal("TERM");
      assertEquals(0, process.end());
    }
  }

  @Test
  void doctorSaysThatItsRootIsNone() throws Exception {
    try (var process = CommandProcess.startWith(prefix(), "doctor", "--cgroup=" + root)) {
      var output = process.rest();
      process.end();
      assertTrue(
          output.contains(root + " looks like the root and is only that of this container"),
          output);
      assertTrue(
          output.contains("-> to reach other containers, mount the cgroup2 of the host"), output);
      assertFalse(output.contains("with every process of the machine"), output);
      assertTrue(output.contains("no redirector is at work in " + root), output);
      assertTrue(
          output.contains("no BPF file system is mounted, so no other process can reach the table"),
          output);
      assertTrue(output.contains("-> mount -t bpf bpf /sys/fs/bpf"), output);
    }
  }

  @Test
  void withoutABpfFileSystemRunSaysWhatToMount() throws Exception {
    try (var process =
        CommandProcess.startWith(
            prefix(),
            "run",
            "--cgroup=" + root,
            "--pin=/sys/fs/bpf/connect4",
            "--vip=" + bed.vip + "=" + bed.a.server())) {
      var output = process.rest();
      assertEquals(ExitCode.PIN.status(), process.end(), output);
      assertTrue(output.matches("connect4-redirect: .*mount -t bpf bpf /sys/fs/bpf.*\n"), output);
    }
    assertEquals("refused", answer(bed.client(container, TestBed.jvmCommand()), "socket"));
  }
}
