package io.github.purebpf.bpf;

import static io.github.purebpf.insn.Reg.R0;
import static io.github.purebpf.insn.Reg.R5;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.bpf.error.VerifierException;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import io.github.purebpf.testkit.ScratchCgroup;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingStream;
import org.junit.jupiter.api.Test;

/** The events of a real program, and a JVM that has no Flight Recorder. */
@RequiresKernel
@NoLeakedFds
class EventsIT {
  private static final MapSpec<Integer, Integer> SPEC =
      MapSpec.hash(new MapRef("it_events"), Codec.u32(), Codec.u32(), 8);
  private static final BpfCode PASS = BpfCode.build(b -> b.mov(R0, 1).exit());

  /** The program of the child: a bit of everything that has events. */
  static final class Child {
    private Child() {}

    public static void main(String[] args) {
      try (var map = BpfMap.create(SPEC);
          var program = BpfProgram.load(ProgramSpec.connect4("it_events", PASS))) {
        map.put(1, 2);
        System.out.println(map.get(1) + " " + program.type());
      }
      System.out.println(ModuleLayer.boot().findModule("jdk.jfr").isPresent());
    }
  }

  @Test
  void loadsAttachmentsAndMapOperationsAreStreamed() throws Exception {
    Queue<RecordedEvent> events = new ConcurrentLinkedQueue<>();
    try (var stream = new RecordingStream();
        var cgroup = ScratchCgroup.create()) {
      stream.enable("purebpf.ProgramLoad");
      stream.enable("purebpf.Attach");
      stream.enable("purebpf.SlowMapOperation").withThreshold(Duration.ZERO);
      stream.setOrdered(true);
      stream.onEvent("purebpf.ProgramLoad", events::add);
      stream.onEvent("purebpf.Attach", events::add);
      stream.onEvent("purebpf.SlowMapOperation", events::add);
      stream.startAsync();
      try (var map = BpfMap.create(SPEC);
          var program = BpfProgram.load(ProgramSpec.connect4("it_events", PASS));
          var _ = program.attachToCgroup(cgroup.path())) {
        map.put(1, 2);
      }
      var broken = BpfCode.build(b -> b.mov(R0, R5).exit());
      assertThrows(
          VerifierException.class,
          () -> BpfProgram.load(ProgramSpec.connect4("it_broken", broken)));
      stream.stop();
    }
    assertEquals(
        List.of(
            "purebpf.ProgramLoad",
            "purebpf.Attach",
            "purebpf.SlowMapOperation",
            "purebpf.ProgramLoad"),
        events.stream().map(event -> event.getEventType().getName()).toList());
    var rejected = List.copyOf(events).getLast();
    assertEquals("it_broken", rejected.getString("name"));
    assertTrue(rejected.getInt("logSize") > 0, rejected::toString);
    assertTrue(rejected.getString("result").contains("R5 !read_ok"), rejected::toString);
    var attached = List.copyOf(events).get(1);
    assertEquals("Cgroup", attached.getString("kind"));
    assertEquals("done", attached.getString("result"));
  }

  @Test
  void aJvmWithoutTheFlightRecorderDoesAllTheSame() throws Exception {
    var options = List.of("--limit-modules", "java.base");
    var classPath = ChildJvm.classPath(Child.class).toList();
    try (var child = ChildJvm.start(List.of(), classPath, options, Child.class)) {
      assertEquals(List.of("Optional[2] CGROUP_SOCK_ADDR", "false"), child.finish());
    }
  }
}
