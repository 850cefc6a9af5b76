package io.github.purebpf.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.bpf.OpenObjects.Opened;
import io.github.purebpf.bpf.internal.sys.Opening;
import java.lang.ref.WeakReference;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OpenObjectsTest {
  private final FakeKernel kernel = new FakeKernel();

  private static List<String> titles(OpenObjects objects) {
    return objects.list().stream().map(Opened::title).toList();
  }

  @Test
  void nothingIsRecordedUntilSomebodyTracks() {
    var before = BpfMap.create(kernel, Fixtures.SERVICES_SPEC);
    assertEquals(List.of(), Opening.since(0));
    try (var objects = OpenObjects.track()) {
      assertEquals(List.of(), objects.list());
      before.close();
      assertEquals(List.of(), objects.list());
    }
  }

  @Test
  void theOldestIsFirstAndWhatIsClosedIsGone(@TempDir Path cgroup) {
    try (var objects = OpenObjects.track()) {
      var map = BpfMap.create(kernel, Fixtures.SERVICES_SPEC);
      var program = BpfProgram.load(kernel, ProgramSpec.connect4("pass", Fixtures.PASS));
      var link = program.attachToCgroup(cgroup);
      var linkTitle = "link of program pass to " + cgroup;
      assertEquals(List.of("map services", "program pass", linkTitle), titles(objects));
      program.close();
      program.close();
      assertEquals(List.of("map services", linkTitle), titles(objects));
      map.close();
      link.close();
      assertEquals(List.of(), objects.list());
    }
  }

  @Test
  void tellsWhoOpenedIt() {
    try (var objects = OpenObjects.track();
        var _ = BpfMap.create(kernel, Fixtures.SERVICES_SPEC)) {
      var opened = objects.list().getFirst();
      assertEquals(Thread.currentThread().getName(), opened.thread());
      assertEquals(KernelObject.class.getName(), opened.stack().getFirst().getClassName());
      assertTrue(
          opened.stack().stream().anyMatch(f -> f.getMethodName().equals("tellsWhoOpenedIt")));
    }
  }

  @Test
  void theCallerIsTheFirstOutsideOfTheLibrary() {
    var inside = new StackTraceElement(BpfMap.class.getName(), "create", "BpfMap.java", 57);
    var outside = new StackTraceElement("com.example.Vips", "start", "Vips.java", 12);
    var main = new StackTraceElement("com.example.Main", "main", "Main.java", 5);
    var opened = new Opened("map vips", "main", List.of(inside, outside, main));
    assertEquals(Optional.of(outside), opened.caller());
    assertEquals("map vips, opened at com.example.Vips.start(Vips.java:12)", opened.toString());
    assertEquals("map vips", new Opened("map vips", "main", List.of(inside)).toString());
  }

  @Test
  void whatIsClosedDuringACallIsNotListed() {
    try (var objects = OpenObjects.track()) {
      var map = BpfMap.create(kernel, Fixtures.SERVICES_SPEC);
      kernel.answer =
          (command, attr) -> {
            map.close();
            assertEquals(List.of(), objects.list());
            return 0;
          };
      map.put(1, 2);
    }
  }

  @Test
  void eachSeesWhatWasOpenedSinceItBegan() {
    var first = OpenObjects.track();
    var map = BpfMap.create(kernel, Fixtures.SERVICES_SPEC);
    var second = OpenObjects.track();
    assertEquals(List.of("map services"), titles(first));
    assertEquals(List.of(), second.list());
    var program = BpfProgram.load(kernel, ProgramSpec.connect4("pass", Fixtures.PASS));
    assertEquals(List.of("program pass"), titles(second));
    second.close();
    assertEquals(List.of("map services", "program pass"), titles(first));
    map.close();
    program.close();
    first.close();
  }

  @Test
  void nothingIsKeptWhenNobodyTracksAnyMore() {
    var objects = OpenObjects.track();
    var map = BpfMap.create(kernel, Fixtures.SERVICES_SPEC);
    objects.close();
    objects.close();
    assertEquals(List.of(), Opening.since(0));
    assertThrows(IllegalStateException.class, objects::list);
    map.close();
    assertFalse(kernel.open.contains(3));
  }

  @Test
  void whatNobodyReachesAnyMoreIsStillListed() {
    try (var objects = OpenObjects.track()) {
      var map = new WeakReference<>(BpfMap.create(kernel, Fixtures.SERVICES_SPEC));
      for (int i = 0; i < 50 && map.get() != null; i++) {
        System.gc();
      }
      assertNull(map.get(), "the record must not keep the map");
      assertEquals(List.of("map services"), titles(objects));
    }
  }
}
