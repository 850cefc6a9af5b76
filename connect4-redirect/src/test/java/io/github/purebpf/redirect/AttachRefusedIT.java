package io.github.purebpf.redirect;

import static io.github.purebpf.redirect.TestBed.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.purebpf.bpf.BpfFs;
import io.github.purebpf.bpf.BpfLink;
import io.github.purebpf.bpf.BpfProgram;
import io.github.purebpf.bpf.LegacyAttachment;
import io.github.purebpf.bpf.LegacyPoint;
import io.github.purebpf.bpf.LegacyPoint.Mode;
import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.bpf.inspect.Attachments;
import io.github.purebpf.redirect.cli.demo.Client;
import io.github.purebpf.redirect.dataplane.Hook;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.OpenFds;
import io.github.purebpf.testkit.RequiresKernel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A cgroup whose programs leave no room for ours: nothing is attached then, one line says why, and
 * without them it works.
 */
@RequiresKernel
@NoLeakedFds
class AttachRefusedIT {
  private static final String LINK = "anon_inode:bpf_link";

  /** {@code BPF_CGROUP_MAX_PROGS} */
  private static final int MOST = 64;

  private TestBed bed;
  private Path parent;
  private Path child;
  private BpfFs pins;
  private Client client;

  @BeforeEach
  void open() throws IOException {
    bed = new TestBed();
    parent = bed.cgroup.path();
    child = bed.cgroup.child("child");
    pins = BpfFs.mountDetached();
    client = bed.client(child, TestBed.jvmCommand());
  }

  @AfterEach
  void close() throws IOException {
    pins.close();
    bed.close();
  }

  private String answer(String how) {
    return get(client.ask(how + " " + bed.vip.toString().replace(':', ' ')));
  }

  private void assertAnswered(String answer) {
    assertEquals(answer, answer("socket"));
    assertEquals(answer, answer("inet-channel"));
  }

  private static BpfProgram jealous(Hook hook) {
    return ForeignProgram.idle("jealous", hook.programType(), hook.attachType());
  }

  /** The programs of a cgroup by hook. */
  private static Map<String, List<Integer>> programs(Path cgroup) {
    var programs = new TreeMap<String, List<Integer>>();
    for (var each : Attachments.ofCgroup(cgroup)) {
      if (!each.programs().isEmpty()) {
        programs.put(each.type().name(), each.programs().stream().map(p -> p.programId()).toList());
      }
    }
    return programs;
  }

  /** Tries in both ways; what was refused and what it said. */
  private void assertRefused(String errno, String words) throws IOException {
    var inParent = programs(parent);
    var inChild = programs(child);
    int links = OpenFds.now().count(LINK);
    try (var redirect = Connect4Redirect.open()) {
      redirect.put(bed.vip, bed.a.server());
      assertSays(
          errno, words, assertThrows(KernelErrorException.class, () -> redirect.attach(child)));
      assertEquals(links, OpenFds.now().count(LINK));
      assertAnswered("refused");
    }
    var folder = pins.path().resolve("refused");
    try (var redirect = PersistentRedirect.open(folder)) {
      redirect.table().put(bed.vip, bed.a.server());
      assertSays(
          errno, words, assertThrows(KernelErrorException.class, () -> redirect.attach(child)));
      assertEquals(List.of(), redirect.attachments());
      assertEquals(
          List.of(),
          List.copyOf(new PinnedLinks(PinFolder.maps(folder).resolve("links")).cgroups()));
      assertAnswered("refused");
      redirect.uninstall();
    }
    assertEquals(links, OpenFds.now().count(LINK));
    assertEquals(inParent, programs(parent));
    assertEquals(inChild, programs(child));
  }

  private static void assertSays(String errno, String words, KernelErrorException e) {
    assertEquals("BPF_LINK_CREATE " + errno, e.command() + " " + e.errnoName());
    assertFalse(e.getMessage().contains("\n"), e.getMessage());
    assertEquals(words, e.getMessage().substring(e.getMessage().lastIndexOf(": ") + 2));
  }

  private void assertWorks() {
    try (var redirect = Connect4Redirect.open()) {
      redirect.put(bed.vip, bed.a.server());
      redirect.attach(child);
      assertAnswered("served A");
    }
    try (var redirect = PersistentRedirect.open(pins.path().resolve("works"))) {
      redirect.table().put(bed.vip, bed.b.server());
      redirect.attach(child);
      assertAnswered("served B");
      redirect.uninstall();
    }
    assertAnswered("refused");
  }

  @ParameterizedTest
  @EnumSource(names = {"OPERATIONS", "RELEASE", "CONNECT4", "CONNECT6"})
  void aProgramThatToleratesNoOtherIsNamed(Hook hook) throws IOException {
    try (var program = jealous(hook)) {
      var here = new LegacyPoint.Cgroup(child, Mode.EXCLUSIVE);
      var attachment = program.attachLegacy(here);
      assertRefused(
          "EPERM",
          "program %d (jealous) is attached to %s without BPF_F_ALLOW_MULTI and tolerates no other;"
                  .formatted(program.id(), child)
              + " detach it first");
      attachment.detach();
      assertWorks();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"OPERATIONS", "RELEASE", "CONNECT4", "CONNECT6"})
  void soIsOneAbove(Hook hook) throws IOException {
    try (var program = jealous(hook)) {
      program.attachLegacy(new LegacyPoint.Cgroup(parent, Mode.EXCLUSIVE));
      assertRefused(
          "EPERM",
          "program %d (jealous) is attached to %s without BPF_F_ALLOW_MULTI and tolerates no other"
                  .formatted(program.id(), parent)
              + " below; detach it first");
      new LegacyAttachment(program, new LegacyPoint.Cgroup(parent, Mode.EXCLUSIVE)).detach();
      assertWorks();
    }
  }

  @ParameterizedTest
  @CsvSource({"CONNECT6,OVERRIDE", "CONNECT4,OVERRIDE", "CONNECT6,MULTI", "OPERATIONS,OVERRIDE"})
  void oneAboveThatLetsOthersBeIsNotInTheWay(Hook hook, Mode mode) {
    try (var program = jealous(hook)) {
      var attachment = program.attachLegacy(new LegacyPoint.Cgroup(parent, mode));
      assertWorks();
      attachment.detach();
    }
  }

  @Test
  void inItsOwnCgroupThatIsNotEnough() throws IOException {
    try (var program = jealous(Hook.CONNECT6)) {
      var attachment = program.attachLegacy(new LegacyPoint.Cgroup(child, Mode.OVERRIDE));
      assertRefused(
          "EPERM",
          "program %d (jealous) is attached to %s with BPF_F_ALLOW_OVERRIDE, and all programs of a"
                  .formatted(program.id(), child)
              + " cgroup share one mode; detach it or take its mode");
      attachment.detach();
      assertWorks();
    }
  }

  @Test
  void sixtyFourAreTheMostAndNoneIsLost() throws IOException {
    try (var program = jealous(Hook.CONNECT6);
        var elsewhere = Connect4Redirect.open()) {
      elsewhere.attach(bed.cgroup.child("elsewhere"));
      elsewhere.put(bed.vip, bed.b.server());
      var other = bed.client(parent.resolve("elsewhere"), TestBed.jvmCommand());
      var links = new ArrayList<BpfLink>();
      for (int i = 0; i < MOST; i++) {
        links.add(program.attachToCgroup(child));
      }
      try {
        assertRefused(
            "E2BIG", "64 programs are attached there already, and no more fit; detach one");
        assertEquals(MOST, programs(child).get("CGROUP_INET6_CONNECT").size());
        assertEquals("served B", get(other.ask("socket " + bed.vip.toString().replace(':', ' '))));
        links.removeLast().close();
        assertWorks();
      } finally {
        links.forEach(BpfLink::close);
      }
    }
  }
}
