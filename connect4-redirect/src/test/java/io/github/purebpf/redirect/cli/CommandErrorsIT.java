package io.github.purebpf.redirect.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.bpf.BpfFs;
import io.github.purebpf.bpf.BpfMap;
import io.github.purebpf.bpf.BpfProgram;
import io.github.purebpf.bpf.Codec;
import io.github.purebpf.bpf.LegacyPoint;
import io.github.purebpf.bpf.MapSpec;
import io.github.purebpf.bpf.ProgramSpec;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.redirect.RedirectTable;
import io.github.purebpf.redirect.Server;
import io.github.purebpf.redirect.VirtualAddress;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import io.github.purebpf.testkit.ScratchCgroup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each way to go wrong has one sentence, an exit code, and leaves everything as it was. */
@RequiresKernel
@NoLeakedFds
class CommandErrorsIT {
  private static final String MAPPING = "127.77.0.1:80=127.0.0.1:8080";

  /** All that root may, taken away; the owner of the files stays the same. */
  private static final List<String> POWERLESS =
      List.of("setpriv", "--bounding-set=-all", "--inh-caps=-all", "--ambient-caps=-all");

  @TempDir private Path folder;
  private ScratchCgroup cgroup;
  private BpfFs pins;
  private Set<Path> before;

  @BeforeEach
  void open() throws IOException {
    cgroup = ScratchCgroup.create();
    pins = BpfFs.mountDetached();
    before = pinned();
  }

  @AfterEach
  void close() throws IOException {
    assertEquals(before, pinned());
    pins.close();
    cgroup.close();
  }

  private Set<Path> pinned() throws IOException {
    try (var files = Files.walk(pins.path())) {
      return new TreeSet<>(files.toList());
    }
  }

  private static void assertFails(ExitCode expected, String words, String... arguments) {
    var result = Result.of(arguments);
    assertEquals(expected, result.exitCode(), result.err());
    assertTrue(result.onlyError().contains(words), result.err());
  }

  private static void runFails(ExitCode expected, String words, Object cgroup) {
    assertFails(expected, words, "run", "--cgroup", cgroup.toString(), "--vip", MAPPING);
  }

  @Test
  void aCgroupThatDoesNotExist() {
    runFails(ExitCode.CGROUP, "does not exist", cgroup.path().resolve("none"));
  }

  @Test
  void aFileInPlaceOfACgroup() {
    runFails(ExitCode.CGROUP, "is no directory", cgroup.path().resolve("cgroup.procs"));
  }

  @Test
  void anOrdinaryFolderInPlaceOfACgroup() {
    runFails(ExitCode.CGROUP, "cgroup2 is mounted at", folder);
  }

  @Test
  void aCgroupOfVersion1() throws IOException {
    var version1 = firstMount("cgroup");
    Assumptions.assumeTrue(version1.isPresent(), "needs a host with cgroup version 1");
    runFails(ExitCode.CGROUP, "is a cgroup of version 1; cgroup2 is mounted at", version1.get());
  }

  @Test
  void aContainerThatIsNotThere() {
    var words = "there is no cgroup of a container 00000000000000000000; ";
    var id = "00000000000000000000";
    assertFails(ExitCode.CGROUP, words, "run", "--container", id, "--vip", MAPPING);
    assertFails(ExitCode.CGROUP, "is no id", "run", "--container", "web", "--vip", MAPPING);
  }

  @Test
  void placesWithinOneAnother() throws IOException {
    var child = cgroup.child("child").toString();
    var top = cgroup.toString();
    var twice = "%s is given twice; leave one out".formatted(child);
    var within = "%s is within %s; leave one out".formatted(child, top);
    assertFails(
        ExitCode.USAGE, twice, "run", "--cgroup", child, "--cgroup", child, "--vip", MAPPING);
    assertFails(
        ExitCode.USAGE, within, "run", "--cgroup", top, "--cgroup", child, "--vip", MAPPING);
    assertFails(
        ExitCode.USAGE, within, "run", "--follow", child, "--cgroup", top, "--vip", MAPPING);
    assertFails(
        ExitCode.USAGE, within, "run", "--follow", top, "--cgroup", child, "--vip", MAPPING);
  }

  @Test
  void whatCannotBeFollowed() {
    var none = cgroup.path().resolve("none").toString();
    assertFails(ExitCode.CGROUP, "does not exist", "run", "--follow", none, "--vip", MAPPING);
  }

  private static Optional<String> firstMount(String type) throws IOException {
    try (var lines = Files.lines(Path.of("/proc/self/mountinfo"))) {
      return lines
          .filter(line -> line.contains(" - " + type + " "))
          .map(line -> line.split(" ", -1)[4])
          .findFirst();
    }
  }

  @Test
  void aCgroupWithAProgramThatToleratesNoOther() {
    var proceed = BpfCode.build(b -> b.returning(1));
    try (var program = BpfProgram.load(ProgramSpec.connect6("jealous", proceed))) {
      program.attachLegacy(new LegacyPoint.Cgroup(cgroup.path(), LegacyPoint.Mode.EXCLUSIVE));
      runFails(
          ExitCode.IN_USE,
          "program %d (jealous) is attached to %s without BPF_F_ALLOW_MULTI and tolerates no other;"
                  .formatted(program.id(), cgroup)
              + " detach it first",
          cgroup);
    }
  }

  @Test
  void aPinFolderInAnotherFileSystem() throws IOException {
    var words = "mount -t bpf bpf /sys/fs/bpf";
    var elsewhere = folder.resolve("pins").toString();
    assertFails(
        ExitCode.PIN, words, "run", "--cgroup=" + cgroup, "--pin", elsewhere, "--vip", MAPPING);
    assertFails(ExitCode.PIN, words, "list", "--pin", folder.toString());
    try (var files = Files.list(folder)) {
      assertEquals(List.of(), files.toList());
    }
  }

  @Test
  void aPinFolderWithADot() {
    var dotted = pins.path().resolve("with.dot").toString();
    assertFails(
        ExitCode.PIN, "no dots", "run", "--cgroup=" + cgroup, "--pin", dotted, "--vip", MAPPING);
  }

  @Test
  void aPinFolderWithoutATable() {
    var none = pins.path().resolve("none").toString();
    assertFails(ExitCode.PIN, "there is no " + none, "list", "--pin", none);
    var empty = pins.path().toString();
    assertFails(ExitCode.PIN, "has pinned its table", "set", "--pin", empty, MAPPING);
    assertFails(ExitCode.PIN, "has pinned its table", "unset", "--pin", empty, "127.77.0.1:80");
  }

  @Test
  void aPinFolderWithAnotherMap() throws IOException {
    var spec = MapSpec.hash(new MapRef("other"), Codec.u32(), Codec.u32(), 1);
    var folder = Files.createDirectory(pins.path().resolve("v3"));
    var pin = folder.resolve("vips");
    try (var other = BpfMap.create(spec)) {
      other.pin(pin);
    }
    var words = "its keys have 4 bytes, not 8";
    assertFails(ExitCode.PIN, words, "set", "--pin", pins.path().toString(), MAPPING);
    Files.delete(pin);
    Files.delete(folder);
  }

  @Test
  void aTableThatIsFull() {
    try (var table = RedirectTable.create()) {
      table.pin(pins.path().resolve("full"));
      var server = Server.parse("127.0.0.1:1");
      for (int i = 0; i < RedirectTable.CAPACITY; i++) {
        var vip = "10.%d.%d.%d:1".formatted(i >>> 16, i >>> 8 & 255, i & 255);
        table.put(VirtualAddress.parse(vip), server);
      }
      var pin = pins.path().resolve("full").toString();
      assertFails(ExitCode.FULL, "the table is full", "set", "--pin", pin, MAPPING);
    }
  }

  @Test
  void withoutPrivilegeEveryCommandSaysWhatItNeeds() throws IOException, InterruptedException {
    var pin = pins.path().resolve("mine").toString();
    try (var table = RedirectTable.create()) {
      table.pin(pins.path().resolve("mine"));
      assertPowerless("demo");
      assertPowerless("run", "--cgroup", cgroup.toString(), "--vip", MAPPING);
      assertPowerless("set", "--pin", pin, MAPPING);
      assertPowerless("unset", "--pin", pin, "127.77.0.1:80");
      assertPowerless("list", "--pin", pin);
      assertPowerless("drain", "--pin", pin, "127.77.0.1:80", "127.0.0.1:1");
      assertPowerless("rebalance", "--pin", pin, "127.77.0.1:80");
      assertEquals(0, table.list().size());
    }
    var attached = pins.path().resolve("attached").toString();
    assertPowerless("attach", "--pin", attached, "--cgroup", cgroup.toString());
    assertEquals(before, pinned());
    assertEquals(
        ExitCode.OK,
        Result.of("attach", "--pin", attached, "--cgroup", cgroup.toString()).exitCode());
    var with = pinned();
    assertPowerless("attach", "--pin", attached);
    assertPowerless("detach", "--pin", attached);
    assertPowerless("detach", "--pin", attached, "--cgroup", cgroup.toString());
    assertEquals(with, pinned());
    assertEquals(ExitCode.OK, Result.of("detach", "--pin", attached).exitCode());
  }

  private static void assertPowerless(String... arguments)
      throws IOException, InterruptedException {
    try (var process = CommandProcess.startWith(POWERLESS, arguments)) {
      var output = process.rest();
      assertEquals(ExitCode.PRIVILEGE.status(), process.end(), output);
      assertTrue(output.matches("connect4-redirect: .*CAP_BPF.*\n"), output);
    }
  }
}
