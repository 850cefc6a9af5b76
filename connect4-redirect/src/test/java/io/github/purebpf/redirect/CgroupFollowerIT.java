package io.github.purebpf.redirect;

import static io.github.purebpf.redirect.TestBed.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.bpf.BpfFs;
import io.github.purebpf.bpf.BpfProgram;
import io.github.purebpf.bpf.Cgroup2;
import io.github.purebpf.bpf.NotCgroup2Exception;
import io.github.purebpf.bpf.ProgramSpec;
import io.github.purebpf.redirect.cli.demo.Client;
import io.github.purebpf.redirect.cli.demo.ClientProgram;
import io.github.purebpf.testkit.Await;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.OpenFds;
import io.github.purebpf.testkit.RequiresKernel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Cgroups that come and go below a folder. */
@RequiresKernel
@NoLeakedFds
class CgroupFollowerIT {
  private static final String LINK = "anon_inode:bpf_link";

  /** More events than a key of the watch service keeps, which is 512. */
  private static final int FLOOD = 700;

  private final FollowerNews news = new FollowerNews();
  private TestBed bed;
  private Path slice;
  private Connect4Redirect redirect;

  @BeforeEach
  void open() throws IOException {
    bed = new TestBed();
    slice = bed.cgroup.child("slice");
    redirect = Connect4Redirect.open();
    redirect.put(bed.vip, bed.a.server());
  }

  @AfterEach
  void close() throws IOException {
    redirect.close();
    bed.close();
  }

  private CgroupFollower follow(CgroupsBelow cgroups) {
    return CgroupFollower.start(cgroups, CgroupWork.attaching(redirect), news);
  }

  private Path make(String name) throws IOException {
    return Files.createDirectory(slice.resolve(name));
  }

  private Client bash(Path cgroup) throws IOException {
    return bed.client(cgroup, ClientProgram.bash().command());
  }

  private void assertAnswers(String expected, Client client) {
    assertEquals(expected, get(client.ask(bed.vip.toString().replace(':', ' '))));
  }

  @Test
  @SuppressWarnings("try") // closed in the midst, to see what that does
  void whatAppearsBelowIsRedirectedAndWhatIsBesideIsNot() throws Exception {
    var outside = bash(bed.cgroup.child("other"));
    var above = bash(slice);
    try (var follower = follow(CgroupsBelow.childrenOf(slice))) {
      var child = make("child");
      assertEquals("began " + child, news.next());
      assertEquals(List.of(child), follower.cgroups());
      var client = bash(child);
      assertAnswers("served A", client);
      assertAnswers("served A", bash(Files.createDirectory(child.resolve("below"))));
      assertAnswers("refused", outside);
      assertAnswers("refused", above);
      redirect.put(bed.vip, bed.b.server());
      assertAnswers("served B", client);
      follower.close();
      assertAnswers("refused", client);
      assertEquals(List.of(), follower.cgroups());
    }
    assertEquals(List.of(), news.rest());
    assertEquals(0, OpenFds.now().count(LINK));
  }

  @Test
  void whatIsThereIsAttachedWhenItHasStarted() throws Exception {
    var one = make("one");
    var two = make("two");
    var client = bash(two);
    try (var follower = follow(CgroupsBelow.childrenOf(slice))) {
      assertEquals(List.of("began " + one, "began " + two), news.rest());
      assertEquals(List.of(one, two), follower.cgroups());
      assertAnswers("served A", client);
    }
  }

  @Test
  void podsAreAttachedAtAnyDepthAndTheirContainersNotAgain() throws Exception {
    var guaranteed = make("kubepods-pod1.slice");
    try (var follower = follow(CgroupsBelow.named(slice, "*-pod*"))) {
      assertEquals("began " + guaranteed, news.next());
      int links = OpenFds.now().count(LINK);
      var pod = slice.resolve("kubepods-burstable.slice/kubepods-burstable-pod2.slice");
      var container = Files.createDirectories(pod.resolve("cri-containerd-pod3.scope"));
      assertEquals("began " + pod, news.next());
      assertAnswers("served A", bash(container));
      assertEquals(2 * links, OpenFds.now().count(LINK));

      var later = make("kubepods-pod4.slice");
      Files.createDirectory(later.resolve("x-pod5"));
      assertEquals("began " + later, news.next());
      Files.delete(later.resolve("x-pod5"));
      Files.delete(later);
      assertEquals("gone " + later, news.next());
      assertEquals(List.of(pod, guaranteed), follower.cgroups());
      assertEquals(2 * links, OpenFds.now().count(LINK));
    }
  }

  @Test
  void manyThatComeAndGoLeaveNoLink() throws Exception {
    try (var follower = follow(CgroupsBelow.childrenOf(slice))) {
      var first = make("first");
      assertEquals("began " + first, news.next());
      int links = OpenFds.now().count(LINK);
      for (int i = 0; i < 200; i++) {
        Files.delete(make("c" + i % 7));
      }
      var last = make("last");
      Await.until("the last", () -> follower.cgroups().equals(List.of(first, last)));
      assertEquals(2 * links, OpenFds.now().count(LINK));
      var failures = news.until("began " + last);
      assertTrue(
          failures.stream().noneMatch(line -> line.startsWith("failed")), failures::toString);
      assertAnswers("served A", bash(last));
    }
  }

  /** The cgroup goes between the event and the attachment. */
  @Test
  void whatVanishesAtThatMomentIsNoFailure() throws Exception {
    CgroupWork attaching = CgroupWork.attaching(redirect);
    CgroupWork late =
        cgroup -> {
          if (cgroup.endsWith("short")) {
            delete(cgroup);
          }
          return attaching.begin(cgroup);
        };
    try (var _ = CgroupFollower.start(CgroupsBelow.childrenOf(slice), late, news)) {
      make("short");
      var last = make("last");
      assertEquals(List.of("began " + last), news.until("began " + last));
    }
  }

  private static void delete(Path cgroup) {
    try {
      Files.delete(cgroup);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Events are lost while the listener keeps the follower waiting. */
  @Test
  @SuppressWarnings("try") // closed in the midst, to see what that does
  void whatWasMissedInAFloodIsFoundAllTheSame() throws Exception {
    var entered = new CountDownLatch(1);
    var release = new CountDownLatch(1);
    var slow =
        new CgroupFollower.Listener() {
          @Override
          public void began(Path cgroup) {
            if (cgroup.endsWith("first")) {
              entered.countDown();
              await(release);
            }
          }

          @Override
          public void gone(Path cgroup) {}

          @Override
          public void failed(Path cgroup, RuntimeException why) {
            news.failed(cgroup, why);
          }
        };
    try (var table = RedirectTable.create();
        var follower =
            CgroupFollower.start(CgroupsBelow.childrenOf(slice), CgroupWork.listing(table), slow)) {
      var there = new TreeSet<Path>();
      there.add(make("first"));
      await(entered);
      for (int i = 0; i < FLOOD; i++) {
        there.add(make("c" + i));
      }
      for (int i = 0; i < FLOOD; i += 3) {
        var cgroup = slice.resolve("c" + i);
        Files.delete(cgroup);
        if (i % 2 == 0) {
          Files.createDirectory(cgroup);
        } else {
          there.remove(cgroup);
        }
      }
      release.countDown();
      var ids = new TreeSet<Long>();
      there.forEach(cgroup -> ids.add(Cgroup2.require(cgroup).id()));
      Await.until("all", () -> table.listedCgroups().equals(ids));
      assertEquals(List.copyOf(there), follower.cgroups());
      follower.close();
      assertEquals(new TreeSet<Long>(), table.listedCgroups());
    }
    assertEquals(List.of(), news.rest());
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void onlyThoseThatAreNamedAreRedirectedInTheScopeListed() throws Exception {
    try (var listed = Connect4Redirect.open(RedirectOptions.DEFAULT.withScope(Scope.LISTED))) {
      listed.put(bed.vip, bed.b.server());
      listed.attach(bed.cgroup.path());
      try (var _ =
          CgroupFollower.start(
              CgroupsBelow.childrenOf(slice), CgroupWork.listing(listed.table()), news)) {
        var child = make("child");
        assertEquals("began " + child, news.next());
        var client = bash(child);
        assertAnswers("served B", client);
        assertAnswers("refused", bash(slice));
      }
      assertAnswers("refused", bash(slice.resolve("child")));
    }
  }

  @Test
  void aForeignProgramThatToleratesNoOtherIsToldAndTheOthersAreRedirected() throws Exception {
    var bpftool = Tool.require("bpftool");
    var blocked = make("blocked");
    var free = make("free");
    try (var pins = BpfFs.mountDetached();
        var jealous =
            BpfProgram.load(ProgramSpec.connect4("jealous", BpfCode.build(b -> b.returning(1))))) {
      var pin = pins.path().resolve("jealous");
      jealous.pin(pin);
      var place = List.of(blocked.toString(), "cgroup_inet4_connect", "pinned", pin.toString());
      bpftool.run(words("attach", place));
      try (var follower = follow(CgroupsBelow.childrenOf(slice))) {
        var failure = news.next();
        assertTrue(failure.startsWith("failed " + blocked + " "), failure);
        assertTrue(failure.contains("EPERM"), failure);
        assertEquals("began " + free, news.next());
        assertAnswers("served A", bash(free));
        var later = make("later");
        assertEquals("began " + later, news.next());
        assertEquals(List.of(free, later), follower.cgroups());

        bpftool.run(words("detach", place));
        assertEquals("began " + blocked, news.next());
        assertAnswers("served A", bash(blocked));
      }
    }
  }

  private static String[] words(String verb, List<String> place) {
    var words = new ArrayList<>(List.of("cgroup", verb));
    words.addAll(place);
    return words.toArray(String[]::new);
  }

  @Test
  void aTopThatIsMadeAgainIsFollowedAgain() throws Exception {
    var child = make("child");
    try (var _ = follow(CgroupsBelow.childrenOf(slice))) {
      assertEquals("began " + child, news.next());
      Files.delete(child);
      assertEquals("gone " + child, news.next());
      Files.delete(slice);
      assertEquals("failed %s the cgroup %s does not exist".formatted(slice, slice), news.next());
      Files.createDirectory(slice);
      make("child");
      assertEquals("began " + child, news.next());
      assertAnswers("served A", bash(child));
    }
  }

  @Test
  void whatIsAttachedForGoodStaysAndWhatHasGoneMeanwhileTakesNoRoom() throws Exception {
    try (var pins = BpfFs.mountDetached();
        var persistent = PersistentRedirect.open(pins.path().resolve("redirect"))) {
      persistent.table().put(bed.vip, bed.b.server());
      var work = CgroupWork.attaching(persistent);
      var children = CgroupsBelow.childrenOf(slice);
      var stays = make("stays");
      var goes = make("goes");
      var client = bash(stays);
      try (var _ = CgroupFollower.start(children, work, news)) {
        var shortly = make("shortly");
        news.until("began " + shortly);
        Files.delete(shortly);
        assertEquals("gone " + shortly, news.next());
        assertEquals(2, persistent.attachments().size());
      }
      assertAnswers("served B", client);
      Files.delete(goes);
      Await.until("the end of its links", () -> hasGone(persistent, goes));
      try (var _ = CgroupFollower.start(children, work, news)) {
        assertEquals(
            List.of(stays), persistent.attachments().stream().map(PinnedAttachment::path).toList());
      }
      persistent.uninstall();
    }
  }

  private static boolean hasGone(PersistentRedirect persistent, Path cgroup) {
    return persistent.attachments().stream()
        .anyMatch(
            attachment ->
                attachment.path().equals(cgroup)
                    && attachment.state() == PinnedAttachment.State.GONE);
  }

  @Test
  @SuppressWarnings("try") // closed in the midst, to see what that does
  void theEndLeavesNothing() throws Exception {
    var before = threads();
    try (var follower = follow(CgroupsBelow.named(slice, "x*"))) {
      make("x");
      assertEquals("began " + slice.resolve("x"), news.next());
      assertTrue(threads().contains("cgroup-follower"));
      follower.close();
      make("x2");
    }
    assertFalse(threads().contains("cgroup-follower"));
    Await.until("the end of the watcher", () -> before.containsAll(watchers()));
    assertEquals(List.of(), news.rest());
    assertEquals(0, OpenFds.now().count(LINK));
  }

  private static Set<String> threads() {
    var names = new HashSet<String>();
    Thread.getAllStackTraces().keySet().forEach(thread -> names.add(thread.getName()));
    return names;
  }

  private static Set<String> watchers() {
    var names = threads();
    names.removeIf(name -> !name.contains("Watch"));
    return names;
  }

  @Test
  void whatIsNoCgroupIsNotFollowed() {
    var none = CgroupsBelow.childrenOf(slice.resolve("none"));
    assertThrows(NotCgroup2Exception.class, () -> follow(none));
  }

  @Test
  void aListenerThatThrowsOrClosesEndsNothingElse() throws Exception {
    var other = make("other");
    try (var _ = follow(CgroupsBelow.childrenOf(slice));
        var table = RedirectTable.create()) {
      assertEquals("began " + other, news.next());
      var self = new CgroupFollower[1];
      var ending =
          new CgroupFollower.Listener() {
            @Override
            public void began(Path cgroup) {
              if (cgroup.endsWith("last")) {
                self[0].close();
              }
            }

            @Override
            public void gone(Path cgroup) {}

            @Override
            public void failed(Path cgroup, RuntimeException why) {
              news.failed(cgroup, why);
            }
          };
      self[0] =
          CgroupFollower.start(CgroupsBelow.childrenOf(slice), CgroupWork.listing(table), ending);
      assertEquals(1, table.listedCgroups().size());
      var last = make("last");
      assertEquals("began " + last, news.next());
      Await.until("the end", () -> table.listedCgroups().isEmpty());
      self[0].close();
      assertEquals(List.of(), news.rest());
    }
  }
}
