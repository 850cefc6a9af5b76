package io.github.purebpf.bpf.inspect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.bpf.BpfLink;
import io.github.purebpf.bpf.BpfProgram;
import io.github.purebpf.bpf.LinkInfo;
import io.github.purebpf.bpf.NetworkNamespace;
import io.github.purebpf.bpf.NotCgroup2Exception;
import io.github.purebpf.bpf.ProgramSpec;
import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.testkit.Bpftool;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import io.github.purebpf.testkit.ScratchCgroup;
import io.github.purebpf.uapi.AttachFlags;
import io.github.purebpf.uapi.AttachType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Programs attached to cgroups of the test's own, as they are found again. */
@RequiresKernel
@NoLeakedFds
class AttachmentsIT {
  private static final BpfCode PASS = BpfCode.build(b -> b.returning(1));

  private ScratchCgroup cgroup;
  private Path child;
  private final List<AutoCloseable> open = new ArrayList<>();

  @BeforeEach
  void create() throws IOException {
    cgroup = ScratchCgroup.create();
    child = cgroup.child("child");
  }

  @AfterEach
  void remove() throws Exception {
    for (var object : open.reversed()) {
      object.close();
    }
    cgroup.close();
  }

  private <T extends AutoCloseable> T keep(T object) {
    open.add(object);
    return object;
  }

  private BpfProgram connect4(String name) {
    return keep(BpfProgram.load(ProgramSpec.connect4(name, PASS)));
  }

  private BpfLink attach(BpfProgram program, Path path) {
    return keep(program.attachToCgroup(path));
  }

  private static AttachedProgram attached(
      BpfProgram program, String name, BpfLink link, Path path) {
    return new AttachedProgram(
        program.id(),
        Optional.of(name),
        OptionalInt.of(link.id()),
        AttachFlags.ALLOW_MULTI,
        Optional.of(path));
  }

  /** The ids that bpftool shows for the hook, in its order. */
  private static List<Integer> bpftoolIds(Path path, String... more) {
    var arguments = new ArrayList<>(List.of("-j", "cgroup", "show", path.toString()));
    arguments.addAll(List.of(more));
    return Pattern.compile("\\{\"id\":(\\d+),\"attach_type\":\"[a-z_]*inet4_connect\"")
        .matcher(Bpftool.run(arguments.toArray(new String[0])))
        .results()
        .map(id -> Integer.valueOf(id.group(1)))
        .toList();
  }

  private static List<Integer> ids(AttachedPrograms list) {
    return list.programs().stream().map(AttachedProgram::programId).toList();
  }

  @Test
  void whatIsAttachedIsToldWithItsLink() {
    var one = connect4("it_one");
    var two = connect4("it_two");
    var six = keep(BpfProgram.load(ProgramSpec.connect6("it_six", PASS)));
    var linkOne = attach(one, cgroup.path());
    var linkTwo = attach(two, cgroup.path());
    var linkSix = attach(six, cgroup.path());
    var lists = Attachments.ofCgroup(cgroup.path());
    assertEquals(
        List.of(AttachType.CGROUP_INET4_CONNECT, AttachType.CGROUP_INET6_CONNECT),
        lists.stream().map(AttachedPrograms::type).toList());
    assertEquals(
        List.of(
            attached(one, "it_one", linkOne, cgroup.path()),
            attached(two, "it_two", linkTwo, cgroup.path())),
        lists.getFirst().programs());
    assertEquals(
        List.of(attached(six, "it_six", linkSix, cgroup.path())), lists.getLast().programs());
    assertEquals(bpftoolIds(cgroup.path()), ids(lists.getFirst()));
    assertEquals(List.of(), Attachments.ofCgroup(child));
  }

  @Test
  void whatRunsIsToldWithTheCgroupItComesFrom() {
    var above = connect4("it_above");
    var below = connect4("it_below");
    var linkAbove = attach(above, cgroup.path());
    var linkBelow = attach(below, child);
    var linkBoth = attach(above, child);
    var effective = Attachments.effectiveInCgroup(child);
    assertEquals(1, effective.size());
    assertEquals(
        List.of(
            attached(below, "it_below", linkBelow, child),
            attached(above, "it_above", linkBoth, child),
            attached(above, "it_above", linkAbove, cgroup.path())),
        effective.getFirst().programs());
    assertEquals(bpftoolIds(child, "effective"), ids(effective.getFirst()));
  }

  @Test
  void theRevisionGrowsWithEveryChange() {
    attach(connect4("it_one"), child);
    long first = Attachments.ofCgroup(child).getFirst().revision();
    assertEquals(first, Attachments.effectiveInCgroup(child).getFirst().revision());
    attach(connect4("it_two"), child);
    long second = Attachments.ofCgroup(child).getFirst().revision();
    assertTrue(first == 0 ? second == 0 : second == first + 1, first + " then " + second);
  }

  @Test
  void manyProgramsAreReadWhole() {
    var program = connect4("it_many");
    for (int i = 0; i < 60; i++) {
      attach(program, child);
    }
    assertEquals(60, Attachments.effectiveInCgroup(child).getFirst().programs().size());
    assertEquals(
        60,
        Attachments.ofCgroup(child).getFirst().programs().stream()
            .map(AttachedProgram::linkId)
            .distinct()
            .count());
  }

  @Test
  void linksAreWalkedAndOpenedByTheirIds() throws IOException {
    var program = connect4("it_link");
    var link = attach(program, child);
    long inode = (long) Files.getAttribute(child, "unix:ino");
    var expected =
        new LinkInfo.Cgroup(
            link.id(),
            program.id(),
            OptionalLong.of(inode),
            Optional.of(AttachType.CGROUP_INET4_CONNECT));
    assertTrue(KernelObjects.links().anyMatch(expected::equals));
    assertEquals(Optional.of(expected), KernelObjects.link(link.id()));
    int id = link.id();
    try (var again = BpfLink.openById(id)) {
      link.close();
      assertEquals(program.id(), again.programId());
      assertEquals(1, Attachments.ofCgroup(child).size());
    }
    assertEquals(List.of(), Attachments.ofCgroup(child));
    assertEquals(Optional.empty(), KernelObjects.link(id));
    var e = assertThrows(KernelErrorException.class, () -> BpfLink.openById(id));
    assertEquals("ENOENT", e.errnoName());
    assertTrue(e.getMessage().contains("there is no such link"), e.getMessage());
  }

  @Test
  void bpftoolListsTheSameLinks() {
    var link = attach(connect4("it_link"), child);
    var shown = Bpftool.run("-j", "link", "show", "id", Integer.toString(link.id()));
    var info = (LinkInfo.Cgroup) KernelObjects.link(link.id()).orElseThrow();
    assertTrue(shown.contains("\"type\":\"cgroup\""), shown);
    assertTrue(shown.contains("\"prog_id\":" + info.programId() + ","), shown);
    assertTrue(shown.contains("\"cgroup_id\":" + info.cgroupId().orElseThrow()), shown);
  }

  @Test
  void anEmptyNetworkNamespaceAndItsLoopbackHaveNone() {
    try (var namespace = NetworkNamespace.create()) {
      assertEquals(List.of(), Attachments.ofNetworkNamespace(namespace));
      assertEquals(List.of(), namespace.call(() -> Attachments.ofInterface(1)));
      var e =
          assertThrows(
              KernelErrorException.class, () -> namespace.call(() -> Attachments.ofInterface(99)));
      assertEquals("ENODEV", e.errnoName());
      assertTrue(e.getMessage().contains("no such interface"), e.getMessage());
    }
  }

  @Test
  void whatIsNoCgroupIsRefused() {
    assertThrows(NotCgroup2Exception.class, () -> Attachments.ofCgroup(Path.of("/proc")));
  }
}
