package io.github.purebpf.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.bpf.error.BpfException;
import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.testkit.RequiresKernel;
import io.github.purebpf.testkit.ScratchCgroup;
import java.io.File;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * What processes with few capabilities get, asked in JVMs that have given theirs up. These keep the
 * user id, so that they can read the classes, but no capability comes with it any more.
 */
@RequiresKernel
class PrivilegeIT {
  private static final List<String> AS_ANYBODY =
      List.of("setpriv", "--securebits=+noroot,+noroot_locked");

  /** The program of the child: prints the outcome of each step on a line. */
  static final class Child {
    private Child() {}

    public static void main(String[] args) {
      step("map", () -> BpfMap.create(Fixtures.SERVICES_SPEC).close());
      step(
          "program",
          () -> {
            try (var program = BpfProgram.load(ProgramSpec.connect4("pass", Fixtures.PASS));
                var _ = program.attachToCgroup(Path.of(args[0]))) {
              System.out.println("attached");
            }
          });
      step("mount", () -> BpfFs.mountDetached().close());
    }

    private static void step(String name, Runnable step) {
      try {
        step.run();
        System.out.println(name + ": done");
      } catch (BpfException e) {
        System.out.println(name + ": " + e.getClass().getSimpleName() + ": " + e.getMessage());
      }
    }
  }

  private static List<String> run(String capabilities) throws Exception {
    try (var cgroup = ScratchCgroup.create()) {
      var command = new ArrayList<>(AS_ANYBODY);
      command.add("--inh-caps=-all" + capabilities);
      command.add("--bounding-set=-all" + capabilities);
      if (!capabilities.isEmpty()) {
        command.add("--ambient-caps=" + capabilities.substring(1));
      }
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.add("--enable-native-access=ALL-UNNAMED");
      command.add("-XX:+UseSerialGC");
      command.add("-cp");
      command.add(
          String.join(
              File.pathSeparator, root(BpfMap.class), root(BpfCode.class), root(Child.class)));
      command.add(Child.class.getName());
      command.add(cgroup.path().toString());
      var process = new ProcessBuilder(command).redirectErrorStream(true).start();
      var output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertEquals(0, process.waitFor(), output);
      return output.lines().toList();
    }
  }

  /** The directory or jar that a class was read from. */
  private static String root(Class<?> type) throws Exception {
    String file = type.getName().replace('.', '/') + ".class";
    String url = type.getResource("/" + file).toString();
    String path = url.substring(0, url.length() - file.length()).replaceFirst("^jar:(.*)!/$", "$1");
    return Path.of(URI.create(path)).toString();
  }

  @Test
  void withoutCapabilitiesEverythingIsAMissingPrivilege() throws Exception {
    var lines = run("");
    assertEquals(3, lines.size(), lines::toString);
    assertTrue(
        lines
            .get(0)
            .startsWith(
                "map: MissingPrivilegeException: BPF_MAP_CREATE of map services needs CAP_BPF;"
                    + " this thread lacks CAP_BPF"),
        lines::toString);
    assertTrue(
        lines
            .get(1)
            .startsWith(
                "program: MissingPrivilegeException: BPF_PROG_LOAD of program pass needs"
                    + " CAP_NET_ADMIN and CAP_BPF; this thread lacks CAP_NET_ADMIN and CAP_BPF"),
        lines::toString);
    assertEquals(
        "mount: MissingPrivilegeException: fsopen of a BPF file system needs CAP_SYS_ADMIN;"
            + " this thread lacks CAP_SYS_ADMIN",
        lines.get(2).replace("fsmount", "fsopen").replace("fsconfig", "fsopen"));
  }

  @Test
  void capBpfAloneLoadsNoProgramOfTheNetwork() throws Exception {
    var lines = run(",+bpf");
    assertEquals("map: done", lines.get(0), lines::toString);
    assertEquals(
        "program: MissingPrivilegeException: BPF_PROG_LOAD of program pass needs"
            + " CAP_NET_ADMIN and CAP_BPF; this thread lacks CAP_NET_ADMIN",
        lines.get(1));
  }

  @Test
  void capBpfAndCapNetAdminLoadAndAttach() throws Exception {
    var lines = run(",+bpf,+net_admin");
    assertEquals(List.of("map: done", "attached", "program: done"), lines.subList(0, 3));
    assertTrue(lines.get(3).startsWith("mount: MissingPrivilegeException"), lines::toString);
  }

  @Test
  void withAllCapabilitiesNothingIsMissing() {
    // The counterpart in this JVM: what the kernel refuses here is no privilege.
    assertThrows(
        KernelErrorException.class,
        () -> BpfMap.create(MapSpec.hash(Fixtures.SERVICES, Codec.u32(), Codec.u32(), 0)));
  }
}
