package io.github.purebpf.redirect.cli;

import static io.github.purebpf.redirect.TestBed.get;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.bpf.BpfFs;
import io.github.purebpf.bpf.BpfProgram;
import io.github.purebpf.bpf.Cgroup2;
import io.github.purebpf.bpf.ProgramSpec;
import io.github.purebpf.redirect.Connect4Redirect;
import io.github.purebpf.redirect.PersistentRedirect;
import io.github.purebpf.redirect.PersistentState;
import io.github.purebpf.redirect.PinnedAttachment;
import io.github.purebpf.redirect.RedirectOptions;
import io.github.purebpf.redirect.RedirectTable;
import io.github.purebpf.redirect.Scope;
import io.github.purebpf.redirect.Server;
import io.github.purebpf.redirect.Service;
import io.github.purebpf.redirect.TestBed;
import io.github.purebpf.redirect.Tool;
import io.github.purebpf.redirect.VirtualAddress;
import io.github.purebpf.redirect.cli.demo.Client;
import io.github.purebpf.testkit.Await;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Redirectors that no process has, and what other commands do with them. */
@RequiresKernel
@NoLeakedFds
class AttachCommandIT {
  @TempDir private Path files;
  private TestBed bed;
  private BpfFs pins;
  private Path folder;
  private String pin;
  private String cgroup;

  @BeforeEach
  void open() throws IOException {
    bed = new TestBed();
    pins = BpfFs.mountDetached();
    folder = pins.path().resolve("above").resolve("redirect");
    pin = "--pin=" + folder;
    cgroup = "--cgroup=" + bed.cgroup;
  }

  @AfterEach
  void close() throws IOException {
    pins.close();
    bed.close();
  }

  private String map(Server server) {
    return "--vip=" + bed.vip + "=" + server;
  }

  private static List<String> ok(String... words) {
    var result = Result.of(words);
    assertEquals(ExitCode.OK, result.exitCode(), result.err());
    assertEquals("", result.err());
    return result.out().lines().toList();
  }

  private static String fails(ExitCode expected, String... words) {
    var result = Result.of(words);
    assertEquals(expected, result.exitCode(), result.err());
    return result.onlyError();
  }

  private void assertAnswers(String expected, Client client) {
    assertEquals(expected, get(client.ask("socket " + bed.vip.toString().replace(':', ' '))));
  }

  private PersistentState state() {
    return PersistentRedirect.look(folder).orElseThrow();
  }

  private Path below(String name) throws IOException {
    return Files.createDirectory(bed.cgroup.path().resolve(name));
  }

  private Client clientIn(Path cgroup) throws IOException {
    return bed.client(cgroup, TestBed.jvmCommand());
  }

  private List<Path> pinned() throws IOException {
    // The dot, because the root of a private file system is a symbolic link.
    try (var all = Files.walk(pins.path().resolve("."))) {
      return all.skip(1)
          .map(Path::normalize)
          .filter(file -> !file.toString().endsWith(".debug")) // the kernel's own iterators
          .toList();
    }
  }

  private String staysLine() {
    return "it stays until: connect4-redirect detach --pin " + folder;
  }

  private String asItWas() {
    return bed.cgroup + ": is attached, as it was";
  }

  @Test
  void itGoesOnWithoutTheProcessAndDetachLeavesNothing() throws Exception {
    var client = bed.jvm();
    assertAnswers("refused", client);
    try (var process = CommandProcess.start("attach", pin, cgroup, map(bed.a.server()))) {
      var output = process.rest();
      assertEquals(0, process.end(), output);
      assertEquals(
          List.of(
              "+ " + bed.vip + " least-connections " + bed.a.server(),
              "1 added, 0 changed, 0 removed, 0 unchanged",
              bed.cgroup + ": is attached now",
              staysLine()),
          output.lines().toList());
    }
    assertAnswers("served A", client);
    assertEquals(
        List.of(
            "0 added, 0 changed, 0 removed, 1 unchanged", asItWas(), "nothing had to be changed"),
        ok("attach", pin, cgroup, map(bed.a.server())));
    assertAnswers("served A", client);

    // The commands for the table of run take it as well.
    ok("set", pin, "--policy=single", bed.vip + "=" + bed.b.server());
    assertAnswers("served B", client);
    assertEquals(List.of(asItWas(), "nothing had to be changed"), ok("attach", pin));
    assertAnswers("served B", client);
    assertTrue(ok("stats", pin).getLast().matches(".* active +2 +2 +0 +0 +0 +0"));
    assertTrue(ok("metrics", pin).contains("connect4_redirect_table_entries{entry=\"vip\"} 1"));
    assertTrue(ok("watch", pin, "--count=1").stream().anyMatch(l -> l.contains("" + bed.vip)));
    ok("attach", pin, map(bed.a.server()));
    assertAnswers("served A", client);
    try (var table = RedirectTable.openPinned(folder)) {
      assertEquals("SINGLE", table.get(bed.vip).orElseThrow().policy().name());
    }
    var file = Files.writeString(files.resolve("none.conf"), "# nothing\n");
    ok("apply", pin, file.toString());
    assertAnswers("refused", client);

    ok("set", pin, bed.vip + "=" + bed.a.server());
    assertAnswers("served A", client);
    assertEquals(
        List.of(bed.cgroup + ": is detached", folder + " holds nothing any more"),
        ok("detach", pin));
    assertAnswers("refused", client);
    assertEquals(List.of(), pinned());
    assertTrue(fails(ExitCode.PIN, "detach", pin).endsWith(", so nothing is attached"));
    assertTrue(fails(ExitCode.PIN, "detach", pin, cgroup).endsWith(", so nothing is attached"));
  }

  @Test
  void whatIsLeftOutStaysAsItIs() throws Exception {
    var inside = below("inside");
    var other = below("other");
    ok(
        "attach",
        pin,
        "--cgroup=" + inside,
        map(bed.a.server()),
        "--peer-name",
        "--scope=not-listed",
        "--list-cgroup=" + other);
    var options = new RedirectOptions(Scope.NOT_LISTED, true);
    assertEquals(options, state().options());
    var lines = ok("attach", pin, "--cgroup=" + other);
    assertTrue(lines.contains(inside + ": is attached, as it was"), lines::toString);
    assertTrue(lines.contains(other + ": is attached now"), lines::toString);
    assertEquals(3, lines.size());
    assertEquals(options, state().options());
    assertAnswers("served A", clientIn(inside));
    assertAnswers("refused", clientIn(other));
    var words = fails(ExitCode.USAGE, "attach", pin, "--scope=all", "--list-cgroup=" + inside);
    assertTrue(words.contains("means nothing with the scope all"), words);

    var swapped = ok("attach", pin, "--list-cgroup=" + inside);
    assertEquals(inside + " is listed", swapped.getFirst());
    assertTrue(swapped.get(1).endsWith("/other is not listed any more"), swapped::toString);
    assertAnswers("refused", clientIn(inside));
    assertAnswers("served A", clientIn(other));

    assertEquals(
        List.of("the scope is all, it was not-listed", "getpeername(2) tells the server now"),
        ok("attach", pin, "--scope=all", "--no-peer-name").subList(0, 2));
    assertEquals(RedirectOptions.DEFAULT, state().options());
    assertAnswers("served A", clientIn(inside));
    ok("detach", pin);
  }

  /** Lets nobody attach to a cgroup. */
  private BpfProgram jealous(Path cgroup) throws Exception {
    var proceed = BpfCode.build(b -> b.returning(1));
    var jealous = BpfProgram.load(ProgramSpec.connect6("jealous", proceed));
    var at = pins.path().resolve("jealous");
    jealous.pin(at);
    Tool.require("bpftool")
        .run(
            "cgroup", "attach", cgroup.toString(), "cgroup_inet6_connect", "pinned", at.toString());
    Files.delete(at);
    return jealous;
  }

  @Test
  void ifAnythingFailsAllIsAsBefore() throws Exception {
    var good = below("good");
    var bad = below("bad");
    try (var _ = jealous(bad)) {
      var client = clientIn(good);
      var words =
          fails(
              ExitCode.IN_USE,
              "attach",
              pin,
              map(bed.a.server()),
              "--cgroup=" + good,
              "--cgroup=" + bad);
      assertTrue(words.contains("jealous"), words);
      assertEquals(List.of(), pinned());
      assertAnswers("refused", client);

      ok("attach", pin, "--cgroup=" + good, map(bed.a.server()));
      var before = state();
      var config = ok("list", pin, "--as-config");
      var more = below("more");
      var file =
          Files.writeString(
              files.resolve("redirect.conf"),
              "service %s\n  server %s\nservice 10.0.0.9:1\n".formatted(bed.vip, bed.b.server()));
      fails(
          ExitCode.IN_USE,
          "attach",
          pin,
          "--config=" + file,
          "--scope=listed",
          "--list-cgroup=" + more,
          "--peer-name",
          "--cgroup=" + more,
          "--cgroup=" + bad);
      assertEquals(before, state());
      assertEquals(config, ok("list", pin, "--as-config"));
      try (var table = RedirectTable.openPinned(folder)) {
        assertEquals(Set.of(), table.listedCgroups());
      }
      assertAnswers("served A", client);
      assertAnswers("refused", clientIn(more));
      ok("detach", pin);
      assertEquals(List.of(), pinned());
    }
  }

  @Test
  void whatIsWrongIsFoundBeforeAnythingIsTouched() throws Exception {
    var file = Files.writeString(files.resolve("redirect.conf"), "sevice 10.0.0.1:1\n");
    var wrong = Result.of("attach", pin, cgroup, "--config=" + file);
    assertEquals(ExitCode.CONFIG, wrong.exitCode());
    assertTrue(wrong.err().contains("redirect.conf:1:1: "), wrong.err());
    assertEquals("", wrong.out());
    fails(ExitCode.CGROUP, "attach", pin, cgroup, "--cgroup=" + bed.cgroup.path().resolve("none"));
    fails(ExitCode.CGROUP, "attach", pin, cgroup, "--scope=listed", "--list-cgroup=" + files);
    var nothing = fails(ExitCode.PIN, "attach", pin);
    assertTrue(nothing.endsWith("give --cgroup DIR to begin"), nothing);
    var elsewhere = fails(ExitCode.PIN, "attach", "--pin=" + files.resolve("pins"), cgroup);
    assertTrue(elsewhere.contains("mount -t bpf bpf /sys/fs/bpf"), elsewhere);
    var dotted = fails(ExitCode.PIN, "attach", "--pin=" + folder.resolve("a.b"), cgroup);
    assertTrue(dotted.contains("no dots"), dotted);
    assertEquals(List.of(), pinned());
    try (var rest = Files.list(files)) {
      assertEquals(List.of(file), rest.toList());
    }
  }

  @Test
  void aCgroupThatIsMadeAgainIsAttachedAgain() throws Exception {
    var inside = below("inside");
    ok("attach", pin, "--cgroup=" + inside, map(bed.a.server()));
    Files.delete(inside);
    Await.until(
        "the kernel lets go of the links of a cgroup that is removed",
        () ->
            PersistentRedirect.look(folder).orElseThrow().attachments().stream()
                .allMatch(each -> each.state() == PinnedAttachment.State.GONE));
    var gone = Result.of("doctor", pin).out();
    assertTrue(
        gone.contains("warning  attached      " + inside + " was removed, or is not seen"), gone);
    assertEquals(
        List.of(
            inside + ": is gone; attach again when it has been made again, or detach it",
            "nothing had to be changed"),
        ok("attach", pin));
    below("inside");
    assertEquals(
        List.of(inside + ": it was removed and made again, and is attached again", staysLine()),
        ok("attach", pin));
    assertAnswers("served A", clientIn(inside));
    var whole = Result.of("doctor", pin).out();
    assertTrue(
        whole.contains(
            "a redirector that needs no process; nobody owns it, scope all, getpeername tells the"
                + " server\n"),
        whole);
    assertTrue(whole.contains("ok       attached      " + inside + " is redirected\n"), whole);
    long id = Cgroup2.require(inside).id();
    Files.delete(folder.resolve("v3").resolve("links").resolve("connect4_" + id));
    var part = Result.of("doctor", pin);
    assertEquals(ExitCode.PROBLEM, part.exitCode());
    assertTrue(part.out().contains(" is attached in part"), part.out());
    assertTrue(part.out().contains("-> connect4-redirect attach --pin " + folder), part.out());
    assertEquals(inside + ": is attached again, it was not entirely", ok("attach", pin).getFirst());
    assertAnswers("served A", clientIn(inside));
    ok("detach", pin);
  }

  @Test
  void detachingFromSomeIsAllOrNothing() throws Exception {
    var one = below("one");
    var two = below("two");
    var three = below("three");
    ok("attach", pin, "--cgroup=" + one, "--cgroup=" + two, map(bed.a.server()));
    var before = state();
    var words = fails(ExitCode.NOT_ATTACHED, "detach", pin, "--cgroup=" + one, "--cgroup=" + three);
    assertTrue(
        words.endsWith(
            "it is not attached to %s, but to %s, %s; nothing is changed"
                .formatted(
                    three,
                    before.attachments().getFirst().path(),
                    before.attachments().getLast().path())),
        words);
    assertEquals(before, state());
    assertEquals(
        List.of(one + ": is detached", "it goes on in 1 other cgroup"),
        ok("detach", pin, "--cgroup=" + one));
    assertAnswers("refused", clientIn(one));
    assertAnswers("served A", clientIn(two));

    var last = below("last");
    ok("attach", pin, "--cgroup=" + last);
    Files.delete(last);
    assertEquals(last + ": is detached", ok("detach", pin, "--cgroup=" + last).getFirst());
    assertTrue(
        ok("detach", pin, "--cgroup=" + two).getLast().startsWith("it is attached nowhere now"));
    assertAnswers("refused", clientIn(two));
    assertEquals(1, ok("list", pin).size());
    var doctor = Result.of("doctor", pin).out();
    assertTrue(doctor.contains("is attached to no cgroup"), doctor);
    ok("detach", pin);
    assertEquals(List.of(), pinned());
  }

  @Test
  void anOwnerKeepsItUnlessItIsTakenOver() throws Exception {
    try (var owner = PersistentRedirect.open(folder)) {
      owner.table().put(bed.vip, bed.a.server());
      owner.attach(bed.cgroup.path());
      var commands = List.of(List.of("attach", pin), List.of("detach", pin));
      for (var command : commands) {
        for (var more : List.of(List.<String>of(), List.of(cgroup))) {
          var words = new ArrayList<>(command);
          words.addAll(more);
          var error = fails(ExitCode.IN_USE, words.toArray(String[]::new));
          assertTrue(error.contains("belongs to process " + ProcessHandle.current().pid()), error);
          assertTrue(error.endsWith("or --take-over"), error);
        }
      }
      assertTrue(owner.isOwner());
      var doctor = Result.of("doctor", pin).out();
      assertTrue(doctor.contains("its owner is process " + ProcessHandle.current().pid()), doctor);
      // What is in the table is everybody's.
      ok("set", pin, bed.vip + "=" + bed.b.server());
      assertAnswers("served B", bed.jvm());

      ok("detach", pin, cgroup, "--take-over");
      assertFalse(owner.isOwner());
      assertAnswers("refused", bed.jvm());
      assertEquals(bed.cgroup + ": is attached now", ok("attach", pin, cgroup).getFirst());
    }
    try (var owner = PersistentRedirect.open(folder)) {
      ok("attach", pin, "--take-over");
      assertFalse(owner.isOwner());
    }
    try (var _ = PersistentRedirect.open(folder)) {
      ok("detach", pin, "--take-over");
      assertEquals(List.of(), pinned());
    }
  }

  @Test
  void runAndAttachDoNotTakeEachOthersFolders() throws Exception {
    ok("attach", pin, cgroup, map(bed.a.server()));
    var words = fails(ExitCode.IN_USE, "run", pin, cgroup, map(bed.b.server()));
    assertTrue(words.contains("holds a redirector that needs no process"), words);
    assertAnswers("served A", bed.jvm());
    ok("detach", pin);
    try (var redirect = Connect4Redirect.open()) {
      redirect.pin(folder);
      redirect.put(bed.vip, bed.b.server());
      redirect.attach(bed.cgroup.path());
      Stream.of("attach", "detach")
          .forEach(
              command -> {
                var error = fails(ExitCode.IN_USE, command, pin, cgroup);
                assertTrue(error.contains("another redirector uses it"), error);
              });
      assertTrue(fails(ExitCode.IN_USE, "detach", pin).contains("another redirector uses it"));
      assertAnswers("served B", bed.jvm());
      var doctor = Result.of("doctor", pin).out();
      assertFalse(doctor.contains("needs no process"), doctor);
      assertTrue(doctor.contains("1 of 65536 virtual addresses"), doctor);
    }
  }

  @Test
  void theWholeTableComesFromAFile() throws Exception {
    ok("attach", pin, cgroup, map(bed.a.server()));
    var file =
        Files.writeString(
            files.resolve("redirect.conf"), "service 10.0.0.9:1\n  server 10.1.2.3:1\n");
    assertEquals(
        "1 added, 0 changed, 1 removed, 0 unchanged", ok("attach", pin, "--config=" + file).get(2));
    try (var table = RedirectTable.openPinned(folder)) {
      var vip = VirtualAddress.parse("10.0.0.9:1");
      assertEquals(Map.of(vip, Service.of(vip, Server.parse("10.1.2.3:1"))), table.list());
    }
    ok("detach", pin);
  }
}
