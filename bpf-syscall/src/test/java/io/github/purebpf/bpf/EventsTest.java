package io.github.purebpf.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Errno;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import jdk.jfr.EventType;
import jdk.jfr.FlightRecorder;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the Flight Recorder gets of a kernel that answers as it is told. */
class EventsTest {
  private static final String LOAD = "purebpf.ProgramLoad";
  private static final String ATTACH = "purebpf.Attach";
  private static final String SLOW = "purebpf.SlowMapOperation";

  @TempDir private Path folder;

  private final FakeKernel kernel = new FakeKernel();

  private List<RecordedEvent> record(Duration threshold, Runnable work) throws IOException {
    var file = folder.resolve("recording.jfr");
    try (var recording = new Recording()) {
      recording.enable(LOAD);
      recording.enable(ATTACH);
      if (threshold != null) {
        recording.enable(SLOW).withThreshold(threshold);
      }
      recording.start();
      work.run();
      recording.stop();
      recording.dump(file);
    }
    return RecordingFile.readAllEvents(file).stream()
        .filter(event -> event.getEventType().getName().startsWith("purebpf."))
        .toList();
  }

  /** All fields that are ours, in the order of the class. */
  private static String fields(RecordedEvent event) {
    var text = new StringBuilder(event.getEventType().getName());
    for (var field : event.getFields()) {
      switch (field.getName()) {
        case "startTime", "duration", "eventThread", "stackTrace" -> {}
        default -> {
          Object value = event.getValue(field.getName());
          text.append(' ').append(value);
        }
      }
    }
    return text.toString();
  }

  @Test
  void aLoadIsAnEvent() throws IOException {
    var events =
        record(
            null,
            () -> BpfProgram.load(kernel, ProgramSpec.connect4("pass", Fixtures.PASS)).close());
    var event = events.getFirst();
    assertEquals(
        LOAD + " pass BPF_PROG_TYPE_CGROUP_SOCK_ADDR " + Fixtures.PASS.slots() + " 0 done",
        fields(event));
    assertTrue(event.getDuration().toNanos() > 0, event::toString);
    assertEquals(1, events.size());
  }

  @Test
  void aLoadThatFailsSaysWhy() throws IOException {
    kernel.answer = (_, _) -> -Errno.ENOMEM;
    var events =
        record(
            null,
            () ->
                assertThrows(
                    KernelErrorException.class,
                    () -> BpfProgram.load(kernel, ProgramSpec.connect4("pass", Fixtures.PASS))));
    assertTrue(
        fields(events.getFirst())
            .endsWith(" 0 BPF_PROG_LOAD of program pass failed with ENOMEM (12)"),
        () -> fields(events.getFirst()));
  }

  @Test
  void anAttachmentIsAnEventAndSoIsOneThatFails() throws IOException {
    var program = BpfProgram.load(kernel, ProgramSpec.connect4("pass", Fixtures.PASS));
    var events =
        record(
            null,
            () -> {
              program.attachToCgroup(folder).close();
              program.attachLegacy(new LegacyPoint.Cgroup(folder, LegacyPoint.Mode.MULTI)).detach();
              kernel.answer = (command, _) -> command == Cmd.LINK_CREATE ? -Errno.ENOMEM : 0;
              assertThrows(KernelErrorException.class, () -> program.attachToCgroup(folder));
            });
    assertEquals(
        List.of(
            ATTACH + " program pass Cgroup " + new AttachPoint.Cgroup(folder) + " done",
            ATTACH
                + " program pass Cgroup "
                + new LegacyPoint.Cgroup(folder, LegacyPoint.Mode.MULTI)
                + " done"),
        events.stream().limit(2).map(EventsTest::fields).toList());
    assertTrue(fields(events.getLast()).contains("failed with ENOMEM (12)"), events::toString);
    assertEquals(3, events.size());
  }

  /** Not sleeping: a kernel that takes that long. */
  private int answerAfter(Duration duration) {
    long start = System.nanoTime();
    while (System.nanoTime() - start < duration.toNanos()) {
      Thread.onSpinWait();
    }
    return 0;
  }

  @Test
  void aMapOperationIsAnEventFromTheThresholdOn() throws IOException {
    var map = BpfMap.create(kernel, Fixtures.SERVICES_SPEC);
    kernel.answer = (command, _) -> command == Cmd.MAP_LOOKUP_ELEM ? -Errno.ENOENT : 0;
    var events =
        record(
            Duration.ZERO,
            () -> {
              map.put(1, 2);
              assertTrue(map.get(1).isEmpty());
            });
    assertEquals(
        List.of(
            SLOW + " map services BPF_MAP_UPDATE_ELEM done",
            SLOW + " map services BPF_MAP_LOOKUP_ELEM ENOENT"),
        events.stream().map(EventsTest::fields).toList());
    assertEquals(List.of(), record(Duration.ofHours(1), () -> map.put(1, 2)));
  }

  @Test
  void withoutSettingsTenMillisecondsAreSlow() throws IOException {
    var map = BpfMap.create(kernel, Fixtures.SERVICES_SPEC);
    var slow = Duration.ofMillis(10);
    kernel.answer = (_, _) -> answerAfter(slow);
    var events = record(null, () -> map.put(1, 2));
    assertEquals(
        List.of(SLOW + " map services BPF_MAP_UPDATE_ELEM done"),
        events.stream().map(EventsTest::fields).toList());
    assertTrue(events.getFirst().getDuration().compareTo(slow) >= 0, events::toString);
    assertEquals("10 ms", defaultThreshold());
  }

  private static String defaultThreshold() {
    return FlightRecorder.getFlightRecorder().getEventTypes().stream()
        .filter(type -> type.getName().equals(SLOW))
        .map(EventType::getSettingDescriptors)
        .flatMap(List::stream)
        .filter(setting -> setting.getName().equals("threshold"))
        .findFirst()
        .orElseThrow()
        .getDefaultValue();
  }

  @Test
  void eventsHaveTheirCategoryAndTheStack() throws IOException {
    var events =
        record(null, () -> BpfProgram.load(kernel, ProgramSpec.connect4("pass", Fixtures.PASS)));
    var event = events.getFirst();
    assertEquals(List.of("purebpf"), event.getEventType().getCategoryNames());
    assertEquals("BPF Program Load", event.getEventType().getLabel());
    assertTrue(
        event.getStackTrace().getFrames().stream()
            .anyMatch(
                frame -> frame.getMethod().getType().getName().equals(EventsTest.class.getName())),
        event::toString);
  }
}
