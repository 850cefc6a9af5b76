package io.github.purebpf.redirect;

import static io.github.purebpf.redirect.TestBed.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.bpf.BpfFs;
import io.github.purebpf.bpf.BpfLink;
import io.github.purebpf.bpf.BpfProgram;
import io.github.purebpf.bpf.Cgroup2;
import io.github.purebpf.bpf.DirectoryLock;
import io.github.purebpf.bpf.ProgramSpec;
import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.redirect.PinnedAttachment.State;
import io.github.purebpf.redirect.cli.demo.Client;
import io.github.purebpf.redirect.dataplane.CgroupFilter;
import io.github.purebpf.redirect.dataplane.Hook;
import io.github.purebpf.redirect.dataplane.ProgramOptions;
import io.github.purebpf.testkit.Await;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A redirector that goes on without its controller. */
@RequiresKernel
@NoLeakedFds
class PersistentRedirectIT {
  /** Updates of links, which together take some seconds. */
  private static final int UPGRADES = 9000;

  private static final int KILLS = 5;
  private static final int MANY_KILLS = 100;

  private static final Set<String> HOOKS =
      new TreeSet<>(Set.of("connect4", "connect6", "operations", "release"));

  private TestBed bed;
  private BpfFs pins;
  private Path folder;

  @BeforeEach
  void open() throws IOException {
    bed = new TestBed();
    pins = BpfFs.mountDetached();
    folder = pins.path().resolve("above").resolve("redirect");
  }

  @AfterEach
  void close() throws IOException {
    pins.close();
    bed.close();
  }

  private PersistentRedirect redirect() {
    return PersistentRedirect.open(folder, RedirectOptions.DEFAULT, Takeover.REFUSE);
  }

  /** One that maps the address to A and is attached to the cgroup. */
  private PersistentRedirect atWork() {
    var redirect = redirect();
    redirect.table().put(bed.vip, bed.a.server());
    redirect.attach(bed.cgroup.path());
    return redirect;
  }

  private String answer(Client client) {
    return get(client.ask("socket " + bed.vip.toString().replace(':', ' ')));
  }

  private long id() {
    return Cgroup2.require(bed.cgroup.path()).id();
  }

  private Path links() {
    return folder.resolve("v3").resolve("links");
  }

  private SortedSet<String> pinnedHooks(long cgroup) throws IOException {
    var names = new TreeSet<String>();
    try (var links = Files.list(links())) {
      links
          .map(path -> path.getFileName().toString())
          .filter(name -> name.endsWith("_" + cgroup))
          .forEach(name -> names.add(name.replace("_" + cgroup, "")));
    }
    return names;
  }

  /** What bpftool tells of programs that are attached to a cgroup. */
  private static long attached(Path cgroup) {
    try {
      return Tool.require("bpftool")
          .run("cgroup", "show", cgroup.toString())
          .lines()
          .filter(line -> line.contains("rd_"))
          .count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  private ServerTraffic traffic(RedirectTable table) {
    return table.traffic(bed.vip).orElseThrow().servers().getFirst();
  }

  /** All that there is in a folder. */
  private static List<Path> tree(Path root) throws IOException {
    // The dot, because the root of a private file system is a symbolic link.
    try (var files = Files.walk(root.resolve("."))) {
      return files
          .skip(1)
          .map(Path::normalize)
          .filter(file -> !file.toString().endsWith(".debug")) // the kernel's own iterators
          .toList();
    }
  }

  @Test
  void closingLeavesItAtWorkAndTheNextGoesOnWithItsCounters() throws Exception {
    var client = bed.jvm();
    assertEquals("refused", answer(client));
    try (var redirect = atWork()) {
      assertEquals("served A", answer(client));
      assertTrue(redirect.isOwner());
    }
    assertEquals("served A", answer(client));
    try (var table = RedirectTable.openPinned(folder)) {
      table.put(bed.vip, bed.b.server());
    }
    assertEquals("served B", answer(client));
    try (var redirect = redirect()) {
      assertEquals("served B", answer(client));
      var attachment = new PinnedAttachment(id(), bed.cgroup.path(), State.WORKING);
      assertEquals(List.of(attachment), redirect.attachments());
      assertEquals(attachment, redirect.attach(bed.cgroup.path()), "a second time");
      redirect.table().put(bed.vip, bed.a.server());
      assertEquals(2, traffic(redirect.table()).established());
      assertTrue(redirect.detach(bed.cgroup.path()));
      assertFalse(redirect.detach(id()));
      assertEquals("refused", answer(client));
      assertEquals(List.of(), redirect.attachments());
      assertEquals(0, attached(bed.cgroup.path()));
      assertEquals(Set.of(), pinnedHooks(id()));
    }
  }

  @Test
  void noConnectMissesTheRedirectionWhileProgramsAreReplaced() throws Exception {
    var client = bed.jvm();
    try (var redirect = atWork()) {
      var dataplane = redirect.table().dataplane();
      var sets =
          List.of(
              Connect4Redirect.load(dataplane, RedirectOptions.DEFAULT),
              Connect4Redirect.load(dataplane, RedirectOptions.DEFAULT));
      var links = new ArrayList<BpfLink>();
      var ids = new ArrayList<Integer>();
      var load = new Load(client, bed.vip);
      try {
        Await.until("load", () -> load.made() > 0);
        for (var hook : sets.getFirst().keySet()) {
          links.add(new PinnedLinks(links()).open(hook, id()).orElseThrow());
          ids.add(links.getLast().id());
        }
        for (int i = 0; i < UPGRADES / links.size(); i++) {
          var programs = List.copyOf(sets.get(i % 2).values());
          for (int j = 0; j < links.size(); j++) {
            links.get(j).update(programs.get(j));
          }
        }
        // And as a controller does it, with loading.
        for (int i = 0; i < 20; i++) {
          redirect.upgrade(RedirectOptions.DEFAULT.withPeerName(i % 2 == 0));
        }
        for (int j = 0; j < links.size(); j++) {
          assertEquals(ids.get(j), links.get(j).id());
          assertEquals(id(), links.get(j).cgroupId().orElseThrow());
        }
      } finally {
        links.forEach(BpfLink::close);
        sets.forEach(set -> set.values().forEach(BpfProgram::close));
      }
      assertAllServedByA(load, redirect.table());
    }
  }

  private void assertAllServedByA(Load load, RedirectTable table) throws InterruptedException {
    var answers = load.stop();
    long made = load.made();
    assertEquals(Map.of("served A", made), answers);
    assertEquals(made, bed.a.served());
    Await.until("all to be closed", () -> traffic(table).open() == 0);
    assertEquals(
        "%d %d 0".formatted(made, made),
        "%d %d %d"
            .formatted(
                traffic(table).attempted(), traffic(table).established(), traffic(table).failed()));
  }

  @Test
  void noConnectMissesTheRedirectionWhileControllersAreKilled() throws Exception {
    assertNoneIsMissedUnderKills(KILLS);
  }

  @Test
  @Tag(LongRun.TAG)
  void norWhileAHundredAreKilled() throws Exception {
    assertNoneIsMissedUnderKills(LongRun.times(MANY_KILLS));
  }

  /** By hook; those that come and go with the options are left out. */
  private Map<String, Integer> linkIds() {
    return HOOKS.stream()
        .collect(
            Collectors.toMap(
                hook -> hook,
                hook -> {
                  try (var link = BpfLink.openPinned(links().resolve(hook + "_" + id()))) {
                    return link.id();
                  }
                }));
  }

  private void assertNoneIsMissedUnderKills(int kills) throws Exception {
    var client = bed.jvm();
    atWork().close();
    var ids = linkIds();
    var load = new Load(client, bed.vip);
    for (int i = 0; i < kills; i++) {
      try (var child = new PersistentController.Child(folder, Takeover.REFUSE)) {
        assertEquals("open", child.line());
        child.send("churn %s %s".formatted(bed.vip, bed.a.server()));
        for (int j = 0; j < i % 3; j++) {
          assertEquals("turned", child.line());
        }
        child.kill();
      }
    }
    try (var redirect = redirect()) {
      assertEquals(
          List.of(new PinnedAttachment(id(), bed.cgroup.path(), State.WORKING)),
          redirect.attachments());
      assertEquals(HOOKS, pinnedHooks(id()));
      assertEquals(ids, linkIds());
      assertAllServedByA(load, redirect.table());
    }
  }

  @Test
  void aCgroupThatIsMadeAgainIsAttachedAgain() throws Exception {
    var path = bed.cgroup.child("again");
    try (var redirect = redirect()) {
      redirect.table().put(bed.vip, bed.a.server());
      long first = redirect.attach(path).cgroupId();
      Files.delete(path);
      var gone = new PinnedAttachment(first, path, State.GONE);
      Await.until("it to be gone", () -> redirect.attachments().equals(List.of(gone)));
      try (var link = BpfLink.openPinned(links().resolve("connect6_" + first));
          var program =
              redirect
                  .table()
                  .dataplane()
                  .load(Hook.CONNECT6, new ProgramOptions(CgroupFilter.ALL, false, true, false))) {
        var e = assertThrows(KernelErrorException.class, () -> link.update(program));
        assertEquals("ENOLINK", e.errnoName());
      }
      assertEquals(List.of(gone), redirect.repair(), "while there is none");
      assertEquals(Set.of(), pinnedHooks(first));

      Files.createDirectory(path);
      var client = bed.client(path, TestBed.jvmCommand());
      assertEquals("refused", answer(client));
      long second = Cgroup2.require(path).id();
      assertEquals(List.of(new PinnedAttachment(second, path, State.WORKING)), redirect.repair());
      assertEquals("served A", answer(client));
      assertEquals(HOOKS, pinnedHooks(second));
    }
  }

  @Test
  void openingRepairsAndAGoneCgroupCanBeDetached() throws Exception {
    var again = bed.cgroup.child("again");
    var never = bed.cgroup.child("never");
    long gone;
    try (var redirect = redirect()) {
      redirect.table().put(bed.vip, bed.a.server());
      redirect.attach(again);
      gone = redirect.attach(never).cgroupId();
      Files.delete(again);
      Files.delete(never);
      Await.until(
          "both to be gone",
          () -> redirect.attachments().stream().allMatch(each -> each.state() == State.GONE));
    }
    Files.createDirectory(again);
    var client = bed.client(again, TestBed.jvmCommand());
    assertEquals("refused", answer(client));
    try (var redirect = redirect()) {
      assertEquals("served A", answer(client));
      assertEquals(2, redirect.attachments().size());
      assertTrue(redirect.detach(gone));
      assertEquals(
          List.of(new PinnedAttachment(Cgroup2.require(again).id(), again, State.WORKING)),
          redirect.attachments());
    }
  }

  /** As others do who unpin or detach a link, or a controller that was killed while it attached. */
  @Test
  void whatIsNotWholeIsMended() throws Exception {
    var client = bed.jvm();
    try (var redirect = atWork()) {
      BpfFs.unpin(links().resolve("connect6_" + id()));
      try (var link = BpfLink.openPinned(links().resolve("release_" + id()))) {
        link.detach();
      }
      var incomplete = new PinnedAttachment(id(), bed.cgroup.path(), State.INCOMPLETE);
      Await.until("the link to go", () -> "refused".equals(answer(client)));
      assertEquals(List.of(incomplete), redirect.attachments());
      assertEquals(State.WORKING, redirect.repair().getFirst().state());
      assertEquals("served A", answer(client));
      BpfFs.unpin(links().resolve("connect4_" + id()));
      assertEquals(State.WORKING, redirect.attach(bed.cgroup.path()).state());
      BpfFs.unpin(links().resolve("connect4_" + id()));
    }
    try (var redirect = redirect()) {
      assertEquals(State.WORKING, redirect.attachments().getFirst().state());
      assertEquals(HOOKS, pinnedHooks(id()));
      // As after a kill -9 in the middle of detaching.
      redirect.table().dataplane().wishes().remove(id());
    }
    try (var redirect = redirect()) {
      assertEquals(List.of(), redirect.attachments());
      assertEquals(Set.of(), pinnedHooks(id()));
      assertEquals(0, attached(bed.cgroup.path()));
    }
  }

  @Test
  void whatWasNeverFinishedIsBegunAnew() throws Exception {
    atWork().close();
    BpfFs.unpin(folder.resolve("v3").resolve("meta"));
    BpfFs.unpin(folder.resolve("v3").resolve("members"));
    var e = assertThrows(PinException.class, () -> RedirectTable.openPinned(folder));
    assertTrue(e.getMessage().contains("lacks some maps"), e.getMessage());
    try (var redirect = redirect()) {
      assertEquals(Map.of(), redirect.table().list());
      assertEquals(0, attached(bed.cgroup.path()));
    }
  }

  @Test
  void hooksComeAndGoWithTheOptions() throws Exception {
    atWork().close();
    var all = new TreeSet<>(HOOKS);
    all.addAll(Set.of("peer_name4", "peer_name6"));
    for (int i = 0; i < 2; i++) {
      PersistentRedirect.open(folder, RedirectOptions.DEFAULT.withPeerName(true), Takeover.REFUSE)
          .close();
      assertEquals(all, pinnedHooks(id()));
      assertEquals(6, attached(bed.cgroup.path()));
      redirect().close();
      assertEquals(HOOKS, pinnedHooks(id()));
      assertEquals(4, attached(bed.cgroup.path()));
    }
  }

  /** A program attached without flags tolerates no other; this one blocks one hook only. */
  private BpfProgram jealous(String hook, ProgramSpec spec) throws Exception {
    var jealous = BpfProgram.load(spec);
    var pin = pins.path().resolve("jealous");
    jealous.pin(pin);
    Tool.require("bpftool")
        .run("cgroup", "attach", bed.cgroup.toString(), hook, "pinned", pin.toString());
    return jealous;
  }

  @Test
  void attachingIsAllOrNothing() throws Exception {
    var proceed = io.github.purebpf.asm.BpfCode.build(b -> b.returning(1));
    try (var _ = jealous("cgroup_inet6_connect", ProgramSpec.connect6("jealous", proceed));
        var redirect = redirect()) {
      var e = assertThrows(KernelErrorException.class, () -> redirect.attach(bed.cgroup.path()));
      assertEquals("EPERM", e.errnoName());
      assertEquals(List.of(), redirect.attachments());
      assertEquals(Set.of(), pinnedHooks(id()));
      assertEquals(0, attached(bed.cgroup.path()));
    }
  }

  @Test
  void upgradingIsAllOrNothing() throws Exception {
    var client = bed.jvm();
    var proceed = io.github.purebpf.asm.BpfCode.build(b -> b.returning(1));
    atWork().close();
    int before = programOf("connect6_" + id());
    var spec =
        new ProgramSpec(
            "jealous",
            io.github.purebpf.uapi.ProgramType.CGROUP_SOCK_ADDR,
            java.util.Optional.of(io.github.purebpf.uapi.AttachType.CGROUP_INET6_GETPEERNAME),
            proceed,
            "GPL",
            0);
    var options = RedirectOptions.DEFAULT.withPeerName(true);
    try (var _ = jealous("cgroup_inet6_getpeername", spec)) {
      assertThrows(
          KernelErrorException.class,
          () -> PersistentRedirect.open(folder, options, Takeover.REFUSE));
      assertEquals(before, programOf("connect6_" + id()));
      assertEquals(HOOKS, pinnedHooks(id()));
      assertEquals("served A", answer(client));
      try (var redirect = redirect()) {
        int mine = programOf("connect6_" + id());
        assertThrows(KernelErrorException.class, () -> redirect.upgrade(options));
        assertEquals(mine, programOf("connect6_" + id()));
        assertEquals(State.WORKING, redirect.attachments().getFirst().state());
      }
      assertEquals("served A", answer(client));
    }
  }

  private int programOf(String link) {
    try (var opened = BpfLink.openPinned(links().resolve(link))) {
      return opened.programId();
    }
  }

  @Test
  void aSecondControllerIsRefusedAndToldWhoHasIt() throws Exception {
    try (var child = new PersistentController.Child(folder, Takeover.REFUSE)) {
      assertEquals("open", child.line());
      assertEquals("done", child.ask("attach " + bed.cgroup.path()));
      var e = assertThrows(OwnedException.class, this::redirect);
      assertEquals(
          "%s belongs to process %d; end that, or take over: Takeover.TAKE, or --take-over"
              .formatted(folder.resolve("v3"), child.pid()),
          e.getMessage());
      assertThrows(
          OwnedException.class, () -> PersistentRedirect.uninstall(folder, Takeover.REFUSE));
      assertEquals("done", child.ask("put %s %s".formatted(bed.vip, bed.a.server())));
      var client = bed.jvm();
      assertEquals("served A", answer(client));
      child.kill();
      redirect().close();
      assertEquals("served A", answer(client));
    }
  }

  @Test
  void whoeverIsTakenOverChangesNothingMore() throws Exception {
    var client = bed.jvm();
    try (var child = new PersistentController.Child(folder, Takeover.REFUSE)) {
      assertEquals("open", child.line());
      assertEquals("done", child.ask("attach " + bed.cgroup.path()));
      child.signal("STOP"); // it hangs
      try (var redirect = PersistentRedirect.open(folder, RedirectOptions.DEFAULT, Takeover.TAKE)) {
        redirect.table().put(bed.vip, bed.a.server());
        assertTrue(redirect.isOwner());
        child.signal("CONT");
        var expected =
            "TakenOverException: %s was taken over by process %d; close this, and leave the work to it"
                .formatted(folder.resolve("v3"), ProcessHandle.current().pid());
        assertEquals(expected, child.ask("put %s %s".formatted(bed.vip, bed.b.server())));
        assertEquals(expected, child.ask("attach " + bed.cgroup.path()));
        assertEquals("served A", answer(client));
        assertThrows(OwnedException.class, this::redirect);
        child.send("close");
        assertEquals(null, child.line());
        assertThrows(OwnedException.class, this::redirect, "its end frees nothing of ours");
        assertEquals("served A", answer(client));
      }
      redirect().close();
    }
  }

  /** Waits for as long as the patience lasts, which is ten seconds. */
  @Test
  void whoeverHangsInTheMiddleOfAChangeIsNotTakenOver() throws Exception {
    try (var redirect = atWork()) {
      try (var _ = DirectoryLock.tryAcquire(folder.resolve("v3")).orElseThrow()) {
        assertThrows(
            TableBusyException.class,
            () -> PersistentRedirect.open(folder, RedirectOptions.DEFAULT, Takeover.TAKE));
      }
      assertTrue(redirect.isOwner());
      assertEquals(State.WORKING, redirect.repair().getFirst().state());
    }
  }

  @Test
  void uninstallingLeavesNothing() throws Exception {
    var client = bed.jvm();
    var kept = Files.createDirectory(pins.path().resolve("above"));
    for (boolean open : new boolean[] {true, false}) {
      var redirect = atWork();
      redirect.attach(bed.cgroup.child("child" + open));
      assertEquals("served A", answer(client));
      if (open) {
        redirect.uninstall();
        assertFalse(redirect.isOwner());
      } else {
        redirect.close();
        assertTrue(PersistentRedirect.uninstall(folder, Takeover.REFUSE));
        assertFalse(PersistentRedirect.uninstall(folder, Takeover.REFUSE));
      }
      assertEquals("refused", answer(client));
      assertEquals(List.of(kept), tree(pins.path()), "only what was there before");
      assertEquals(0, attached(bed.cgroup.path()));
      long id = id();
      Await.until(
          "no link to the cgroup", () -> !linksOfBpftool().contains("cgroup_id " + id + " "));
    }
    Files.delete(kept);
    atWork().close();
    assertTrue(PersistentRedirect.uninstall(folder, Takeover.REFUSE));
    assertEquals(List.of(), tree(pins.path()));
  }

  private static String linksOfBpftool() {
    try {
      return Tool.require("bpftool").run("link", "show");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(e);
    }
  }

  @Test
  void anOldOwnerDoesNothingToWhatTookThePlaceOfItsOwn() throws Exception {
    try (var old = atWork()) {
      assertTrue(PersistentRedirect.uninstall(folder, Takeover.TAKE));
      var gone = assertThrows(PinException.class, old::repair);
      assertTrue(gone.getMessage().contains("is no more"), gone.getMessage());
      try (var redirect = redirect()) {
        for (org.junit.jupiter.api.function.Executable change :
            List.<org.junit.jupiter.api.function.Executable>of(
                old::repair,
                old::uninstall,
                () -> old.attach(bed.cgroup.path()),
                () -> old.detach(id()),
                () -> old.table().put(bed.vip, bed.b.server()))) {
          var e = assertThrows(PinException.class, change);
          assertTrue(e.getMessage().contains("holds another table"), e.getMessage());
        }
        assertEquals(List.of(), redirect.attachments());
        assertEquals(Map.of(), redirect.table().list());
      }
    }
  }

  @Test
  void whoeverDoesNotOwnItSeesHowItIs() throws Exception {
    assertEquals(Optional.empty(), PersistentRedirect.look(folder));
    var options = RedirectOptions.DEFAULT.withScope(Scope.LISTED).withPeerName(true);
    var working = List.of(new PinnedAttachment(id(), bed.cgroup.path(), State.WORKING));
    try (var redirect = atWork()) {
      assertTrue(redirect.isNew());
      assertEquals(RedirectOptions.DEFAULT, redirect.options());
      redirect.upgrade(options);
      assertEquals(options, redirect.options());
      var owner = Optional.of("process " + ProcessHandle.current().pid());
      assertEquals(
          Optional.of(new PersistentState(options, working, owner)),
          PersistentRedirect.look(folder));
      assertTrue(redirect.isOwner());
    }
    var alone = new PersistentState(options, working, Optional.empty());
    assertEquals(Optional.of(alone), PersistentRedirect.look(folder));
    var names = new TreeSet<>(pinnedHooks(id()));
    assertTrue(names.containsAll(Set.of("peer_name4", "peer_name6")), names::toString);
    BpfFs.unpin(links().resolve("peer_name6_" + id()));
    assertEquals(
        State.INCOMPLETE,
        PersistentRedirect.look(folder).orElseThrow().attachments().getFirst().state());
    try (var redirect = PersistentRedirect.open(folder, options, Takeover.REFUSE)) {
      assertFalse(redirect.isNew());
      assertEquals(working, redirect.attachments());
    }

    var program = bed.jvm();
    try (var redirect = PersistentRedirect.open(folder)) {
      assertEquals(options, redirect.options(), "what was there is kept");
      redirect.upgrade(RedirectOptions.DEFAULT);
      assertThrows(
          OwnedException.class,
          () -> PersistentRedirect.detach(folder, Set.of(id()), Takeover.REFUSE));
      assertEquals("served A", answer(program));
      PersistentRedirect.detach(folder, Set.of(id(), 1L), Takeover.TAKE);
      assertEquals("refused", answer(program));
      assertThrows(TakenOverException.class, redirect::repair);
    }
    assertEquals(List.of(), PersistentRedirect.look(folder).orElseThrow().attachments());
    assertTrue(PersistentRedirect.uninstall(folder, Takeover.REFUSE));
    assertEquals(List.of(), tree(pins.path()));
    assertThrows(
        PinException.class, () -> PersistentRedirect.detach(folder, Set.of(id()), Takeover.REFUSE));
  }

  @Test
  void aFolderWithTheTableOfAnotherKindOrLayoutIsRefused() throws Exception {
    try (var table = RedirectTable.create()) {
      table.pin(folder);
      assertThrows(AlreadyPinnedException.class, this::redirect);
      assertThrows(
          AlreadyPinnedException.class, () -> PersistentRedirect.uninstall(folder, Takeover.TAKE));
    }
    Files.createDirectories(folder);
    for (var name : List.of("table", "v1", "v4")) {
      var theirs = Files.createDirectory(folder.resolve(name));
      for (org.junit.jupiter.api.function.Executable refused :
          List.<org.junit.jupiter.api.function.Executable>of(
              this::redirect, () -> PersistentRedirect.uninstall(folder, Takeover.TAKE))) {
        var e = assertThrows(PinException.class, refused);
        assertTrue(
            e.getMessage().contains("layout " + (name.equals("v4") ? "v4" : "v1"))
                && e.getMessage().contains("detach with that version"),
            e.getMessage());
      }
      assertEquals(List.of(theirs), tree(folder));
      Files.delete(theirs);
    }
    atWork().close();
    try (var table = RedirectTable.create()) {
      assertThrows(AlreadyPinnedException.class, () -> table.pin(folder));
    }
  }

  @Test
  void withoutABpfFileSystemItSaysWhatToMount(@TempDir Path elsewhere) throws IOException {
    var e =
        assertThrows(
            PinException.class, () -> PersistentRedirect.open(elsewhere.resolve("deep/er")));
    assertTrue(e.getMessage().contains("mount -t bpf bpf /sys/fs/bpf"), e.getMessage());
    assertEquals(List.of(), tree(elsewhere));
    assertFalse(PersistentRedirect.uninstall(elsewhere.resolve("none"), Takeover.REFUSE));
    var dotted = pins.path().resolve("above/with.dot");
    assertThrows(PinException.class, () -> PersistentRedirect.open(dotted));
    assertEquals(List.of(), tree(pins.path()));
  }

  @Test
  void aClosedOneRefusesAndItsPathsHaveALimit() {
    var redirect = atWork();
    var tooLong = bed.cgroup.path().resolve("x".repeat(1024));
    assertThrows(IllegalArgumentException.class, () -> redirect.attach(tooLong));
    redirect.close();
    redirect.close();
    assertFalse(redirect.isOwner());
    assertThrows(IllegalStateException.class, redirect::repair);
  }
}
