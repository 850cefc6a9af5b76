package io.github.purebpf.bpf;

import static io.github.purebpf.insn.Reg.R0;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.testkit.Bpftool;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import io.github.purebpf.testkit.ScratchCgroup;
import java.lang.ref.WeakReference;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How long an object in the kernel lives: until it is closed, and nobody else closes it. */
@RequiresKernel
@NoLeakedFds
class LifetimeIT {
  /** Enough for objects that are unreachable; each takes some milliseconds. */
  private static final int COLLECTIONS = 100;

  private final List<Integer> descriptors = new ArrayList<>();

  /** What no object owns any more. */
  @AfterEach
  void closeDescriptors() {
    descriptors.forEach(fd -> assertEquals(0, Kernel.running().close(fd)));
  }

  /** Forgets an object, whose descriptor this test then has to close. */
  private <T extends KernelObject> WeakReference<T> forget(T object) {
    descriptors.add(object.withFd(fd -> fd));
    return new WeakReference<>(object);
  }

  private static void collect(List<? extends WeakReference<?>> objects) {
    for (int i = 0; i < COLLECTIONS && !objects.stream().allMatch(o -> o.refersTo(null)); i++) {
      System.gc();
    }
    assertTrue(objects.stream().allMatch(o -> o.refersTo(null)), "they were collected");
    System.gc(); // for what a cleaner might do with them
  }

  private static <T extends KernelObject, R> R ask(WeakReference<T> object, Function<T, R> what) {
    return what.apply(object.get());
  }

  @Test
  void theGarbageCollectorDetachesAndClosesNothing() throws Exception {
    try (var cgroup = ScratchCgroup.create()) {
      var refusal = BpfCode.build(b -> b.mov(R0, 0).exit());
      var map = forget(BpfMap.create(Fixtures.SERVICES_SPEC));
      var program = forget(BpfProgram.load(ProgramSpec.connect4("refuse", refusal)));
      var link = forget(ask(program, p -> p.attachToCgroup(cgroup.path())));
      ask(
          map,
          m -> {
            m.put(1, 77);
            return m;
          });
      int mapId = ask(map, KernelObject::id);
      int programId = ask(program, KernelObject::id);
      int linkId = ask(link, KernelObject::id);

      collect(List.of(map, program, link));

      assertTrue(connect(cgroup).contains("not permitted"), "the program still runs");
      var shown = Bpftool.run("-j", "link", "show", "id", Integer.toString(linkId));
      assertTrue(shown.contains("\"prog_id\":" + programId), shown);
      var dump = Bpftool.run("map", "dump", "id", Integer.toString(mapId));
      assertTrue(dump.contains("77") || dump.contains("4d 00 00 00"), dump);
    }
  }

  @Test
  void aLinkKeepsItsProgramAndAProgramItsMaps() throws Exception {
    try (var cgroup = ScratchCgroup.create()) {
      int mapId;
      BpfLink link;
      try (var map = BpfMap.create(Fixtures.SERVICES_SPEC);
          var program = BpfProgram.load(ProgramSpec.connect4("redirect", Fixtures.REDIRECT), map)) {
        mapId = map.id();
        link = program.attachToCgroup(cgroup.path());
      }
      try (link) {
        var shown = Bpftool.run("-j", "prog", "show", "id", Integer.toString(link.programId()));
        assertTrue(shown.contains("\"map_ids\":[" + mapId + "]"), shown);
      }
      assertFalse(connect(cgroup).contains("not permitted"));
    }
  }

  private static String connect(ScratchCgroup cgroup) throws Exception {
    var process =
        cgroup.exec(List.of("bash", "-c", "LC_ALL=C; exec 3<>/dev/tcp/127.77.0.1/9 2>&1"));
    var error = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return error;
  }
}
