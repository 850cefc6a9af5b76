package io.github.purebpf.redirect.cli.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.bpf.Cgroup2Mount;
import io.github.purebpf.bpf.error.Capability;
import io.github.purebpf.bpf.features.KernelRelease;
import io.github.purebpf.bpf.features.Outcome;
import io.github.purebpf.bpf.features.Report;
import io.github.purebpf.bpf.inspect.AttachedProgram;
import io.github.purebpf.bpf.inspect.AttachedPrograms;
import io.github.purebpf.insn.KernelVersion;
import io.github.purebpf.redirect.PersistentState;
import io.github.purebpf.redirect.PinnedAttachment;
import io.github.purebpf.redirect.RedirectOptions;
import io.github.purebpf.redirect.Server;
import io.github.purebpf.redirect.ServerTraffic;
import io.github.purebpf.redirect.Service;
import io.github.purebpf.redirect.ServiceTraffic;
import io.github.purebpf.redirect.TableUse;
import io.github.purebpf.redirect.VirtualAddress;
import io.github.purebpf.redirect.cli.doctor.Finding.Level;
import io.github.purebpf.uapi.AttachFlags;
import io.github.purebpf.uapi.AttachType;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FindingsTest {
  private static final AttachType CONNECT = AttachType.CGROUP_INET4_CONNECT;
  private static final AttachType RELEASE = AttachType.CGROUP_INET_SOCK_RELEASE;
  private static final Path CGROUP = Path.of("/c/a");

  private static void assertFinding(Level level, String words, Finding finding) {
    assertEquals(level, finding.level(), finding.toString());
    var all = finding.text() + finding.remedy().map(remedy -> " -> " + remedy).orElse("");
    assertTrue(all.contains(words), finding.toString());
  }

  @Test
  void aBadFindingHasARemedy() {
    assertThrows(
        IllegalArgumentException.class,
        () -> new Finding(Level.WARNING, "a", "b", Optional.empty()));
  }

  private static PinnedAttachment at(String path, PinnedAttachment.State state) {
    return new PinnedAttachment(1, Path.of(path), state);
  }

  @Test
  void whatIsPinnedTellsItsOwnerAndEachCgroup() {
    var state =
        new PersistentState(
            RedirectOptions.DEFAULT.withPeerName(true),
            List.of(
                at("/c/a", PinnedAttachment.State.WORKING),
                at("/c/b", PinnedAttachment.State.INCOMPLETE),
                at("/c/c", PinnedAttachment.State.GONE)),
            Optional.of("process 7"));
    var findings = AttachmentFindings.of(Path.of("/p"), state);
    assertEquals(4, findings.size());
    assertFinding(
        Level.OK,
        "its owner is process 7, scope all, getpeername tells the virtual address",
        findings.get(0));
    assertFinding(Level.OK, "/c/a is redirected", findings.get(1));
    assertFinding(Level.PROBLEM, "/c/b is attached in part: somebody has removed", findings.get(2));
    assertFinding(Level.WARNING, "detach --pin /p --cgroup /c/c", findings.get(3));
    var nowhere = new PersistentState(RedirectOptions.DEFAULT, List.of(), Optional.empty());
    findings = AttachmentFindings.of(Path.of("/p"), nowhere);
    assertFinding(Level.OK, "nobody owns it", findings.getFirst());
    assertFinding(
        Level.WARNING, "connect4-redirect attach --pin /p --cgroup DIR", findings.getLast());
  }

  @ParameterizedTest
  @CsvSource({"5.10.0, PROBLEM, too old", "5.15.1, OK, Linux 5.15.1", "6.18.5, OK, Linux 6.18.5"})
  void theKernelIsRecentOrTooOld(String release, Level level, String words) {
    var kernel = new KernelRelease(release, KernelVersion.parse(release), Optional.empty());
    assertFinding(level, words, KernelFindings.release(kernel));
  }

  @Test
  void aFeatureThatIsMissingIsAProblemOnlyIfItIsRequired() {
    var missing = new Outcome.Missing("needs Linux 5.18");
    assertFinding(Level.PROBLEM, "x is missing: needs", KernelFindings.required("x", missing));
    assertFinding(Level.WARNING, "-> do y", KernelFindings.wanted("x", missing, "do y"));
    assertFinding(Level.OK, "x", KernelFindings.required("x", new Outcome.Available()));
    var refused = new Outcome.Forbidden(Set.of(Capability.CAP_BPF), "EPERM");
    assertFinding(Level.WARNING, "with CAP_BPF", KernelFindings.required("x", refused));
    var policy = new Outcome.Forbidden(Set.of(), "EPERM");
    assertFinding(Level.PROBLEM, "a security module", KernelFindings.required("x", policy));
    var unknown = new Outcome.Unknown("EIO");
    assertFinding(Level.WARNING, "not known: EIO", KernelFindings.wanted("x", unknown, "do y"));
  }

  private static Report.Security security(Set<Capability> capabilities, int unprivileged) {
    return new Report.Security(
        capabilities,
        true,
        false,
        OptionalInt.of(unprivileged),
        Optional.empty(),
        Optional.empty(),
        OptionalLong.empty(),
        false);
  }

  @Test
  void capabilitiesAreThereOrMissing() {
    var both = Set.of(Capability.CAP_BPF, Capability.CAP_NET_ADMIN);
    assertFinding(Level.OK, "CAP_BPF", KernelFindings.privileges(security(both, 2)).getFirst());
    var one = Set.of(Capability.CAP_BPF);
    assertFinding(
        Level.PROBLEM,
        "CAP_BPF and no more -> run as root",
        KernelFindings.privileges(security(one, 2)).getFirst());
    assertFinding(
        Level.WARNING,
        "unprivileged_bpf_disabled=2",
        KernelFindings.privileges(security(both, 0)).getLast());
  }

  @ParameterizedTest
  @CsvSource({"0, WARNING, interpreter", "1, OK, is 1", "2, WARNING, kernel log"})
  void theCompilerIsOnOrNot(int enable, Level level, String words) {
    var jit =
        new Report.Jit(
            OptionalInt.of(enable), OptionalInt.empty(), OptionalInt.empty(), OptionalLong.empty());
    assertFinding(level, words, KernelFindings.jit(jit));
  }

  @Test
  void fewPortsAndManyRetriesAreTold() {
    assertFinding(Level.OK, "28232 connections", KernelFindings.ports("32768\t60999\n"));
    assertFinding(Level.WARNING, "1000 connections", KernelFindings.ports("32768\t33767\n"));
    assertFinding(Level.OK, "not told", KernelFindings.ports("\n"));
    assertFinding(Level.OK, "not told", KernelFindings.retries(""));
    assertFinding(Level.OK, "after 127 seconds", KernelFindings.retries("6\n"));
    assertFinding(Level.WARNING, "after 247 seconds", KernelFindings.retries("7\n"));
  }

  @Test
  void theMountsAreJudgedByWhatTheyShow() {
    assertFinding(Level.WARNING, "mount -t bpf", PlaceFindings.bpffs(List.of()));
    assertFinding(Level.OK, "/sys/fs/bpf", PlaceFindings.bpffs(List.of(Path.of("/sys/fs/bpf"))));
    assertFinding(Level.PROBLEM, "mount -t cgroup2", PlaceFindings.mounts(List.of()).getFirst());
    for (var scope : Cgroup2Mount.Scope.values()) {
      var level =
          switch (scope) {
            case HIERARCHY, PART -> Level.OK;
            case NAMESPACE, HIDDEN -> Level.WARNING;
          };
      var mount = new Cgroup2Mount(CGROUP, Path.of("/"), scope);
      assertFinding(level, "/c/a", PlaceFindings.mounts(List.of(mount)).getFirst());
    }
  }

  private static AttachedProgram program(int id, String name, int flags, String cgroup) {
    return new AttachedProgram(
        id, Optional.of(name), OptionalInt.empty(), flags, Optional.of(Path.of(cgroup)));
  }

  private static AttachedPrograms at(AttachType type, AttachedProgram... programs) {
    return new AttachedPrograms(type, 0, List.of(programs));
  }

  private static List<Finding> programs(
      List<AttachedPrograms> local, List<AttachedPrograms> effective) {
    return PlaceFindings.programs(CGROUP, List.of(RELEASE, CONNECT), local, effective);
  }

  @Test
  void ourProgramsAreAtAllHooksOrSomethingIsWrong() {
    var release = at(RELEASE, program(1, "rd_release", AttachFlags.ALLOW_MULTI, "/c/a"));
    var connect = at(CONNECT, program(2, "rd_connect4", AttachFlags.ALLOW_MULTI, "/c/a"));
    var none = programs(List.of(), List.of());
    assertEquals(1, none.size());
    assertFinding(Level.OK, "no redirector is at work in /c/a", none.getFirst());
    var all = programs(List.of(release, connect), List.of(release, connect));
    assertEquals(1, all.size());
    assertFinding(Level.OK, "at all its hooks", all.getFirst());
    assertFinding(
        Level.PROBLEM,
        "but not at CGROUP_INET4_CONNECT",
        programs(List.of(release), List.of(release)).getFirst());
  }

  @Test
  void aForeignProgramIsInTheWayIfItToleratesNoOther() {
    var above = at(CONNECT, program(7, "jealous", 0, "/c"));
    var finding = programs(List.of(), List.of(above)).getLast();
    assertFinding(
        Level.PROBLEM,
        "program 7 (jealous) is attached to /c at CGROUP_INET4_CONNECT and tolerates none beside it"
            + " or below -> bpftool cgroup detach /c cgroup_inet4_connect id 7",
        finding);
    var override = at(CONNECT, program(7, "mild", AttachFlags.ALLOW_OVERRIDE, "/c"));
    assertFinding(
        Level.WARNING, "sees the server", programs(List.of(), List.of(override)).getLast());
    var own = at(CONNECT, program(7, "mild", AttachFlags.ALLOW_OVERRIDE, "/c/a"));
    assertFinding(
        Level.PROBLEM, "none beside it -> ", programs(List.of(own), List.of(own)).getLast());
    var beside = at(CONNECT, program(7, "other", AttachFlags.ALLOW_MULTI, "/c/a"));
    assertFinding(
        Level.WARNING, "may change", programs(List.of(beside), List.of(beside)).getLast());
    var elsewhere = at(RELEASE, program(7, "other", AttachFlags.ALLOW_MULTI, "/c"));
    assertFinding(Level.OK, "program 7", programs(List.of(), List.of(elsewhere)).getLast());
  }

  @Test
  void theTableHasRoomAndItsServersAnswer() {
    var vip = VirtualAddress.parse("10.0.0.1:80");
    var server = Server.parse("10.1.2.3:80");
    var good = new ServerTraffic(server, true, 100, 95, 5, 0, 0);
    var bad = new ServerTraffic(server, true, 100, 30, 70, 0, 0);
    var use = new TableUse(1, 10, 1, 10);
    var well =
        TableFindings.of(
            use, List.of(new ServiceTraffic(Service.of(vip, server), 0, 0, List.of(good))));
    assertTrue(well.stream().allMatch(finding -> finding.level() == Level.OK), well.toString());
    var failing =
        TableFindings.of(
            use, List.of(new ServiceTraffic(Service.of(vip, server), 0, 0, List.of(bad))));
    assertFinding(Level.WARNING, "70 of 100 connects to 10.1.2.3:80", failing.getLast());
    var empty =
        TableFindings.of(use, List.of(new ServiceTraffic(Service.of(vip), 3, 0, List.of())));
    assertFinding(Level.WARNING, "has no server; 3 connects", empty.getLast());
    var untracked =
        TableFindings.of(
            use, List.of(new ServiceTraffic(Service.of(vip, server), 0, 9, List.of(good))));
    assertFinding(Level.WARNING, "9 connections to 10.0.0.1:80 are not", untracked.getLast());
    var full = TableFindings.of(new TableUse(10, 10, 8, 10), List.of());
    assertFinding(Level.PROBLEM, "10 of 10 virtual addresses: it is full", full.getFirst());
    assertFinding(Level.WARNING, "8 of 10 servers: it is nearly full", full.getLast());
  }

  @Test
  void theConfigurationOfTheKernelTellsWhetherConnectionsCanBeEnded(@TempDir Path root)
      throws IOException {
    var proc = Files.createDirectories(root.resolve("proc/sys/kernel"));
    Files.writeString(proc.resolve("osrelease"), "6.1.0\n");
    assertTrue(Destroyable.of(root) instanceof Outcome.Unknown);
    var boot = Files.createDirectory(root.resolve("boot")).resolve("config-6.1.0");
    Files.writeString(boot, "# CONFIG_INET_DIAG_DESTROY is not set\n");
    assertTrue(Destroyable.of(root) instanceof Outcome.Missing);
    try (var out =
        new OutputStreamWriter(
            new GZIPOutputStream(Files.newOutputStream(root.resolve("proc/config.gz"))),
            StandardCharsets.US_ASCII)) {
      out.write("CONFIG_INET_DIAG=y\nCONFIG_INET_DIAG_DESTROY=y\n");
    }
    assertTrue(Destroyable.of(root).isAvailable());
  }
}
