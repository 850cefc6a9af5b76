package io.github.purebpf.benchmarks;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.purebpf.bpf.BpfProgram;
import io.github.purebpf.bpf.RingBuffer;
import io.github.purebpf.bpf.TestRun;
import io.github.purebpf.bpf.reader.Publish;
import io.github.purebpf.bpf.reader.RecordHandler;
import io.github.purebpf.bpf.reader.RingBufferReader;
import io.github.purebpf.uapi.ProgramType;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Ring buffers, read where the kernel wrote them, with room given back behind each record. */
final class OwnRings implements OwnCases {
  private static final Duration PATIENCE = Duration.ofMillis(100);

  private final Path pins;
  private final Map<String, Source> sources = new HashMap<>();

  OwnRings(Path pins) {
    this.pins = pins;
  }

  @Override
  public Optional<Measurement> run(String name, int operations) {
    var parts = name.split("-", -1);
    return switch (parts[0]) {
      case "drain" -> Optional.of(drain(source("ring", parts[1]), parts[1], operations));
      case "live" -> Optional.of(live(source("live", parts[1]), operations));
      default -> Optional.empty();
    };
  }

  private Source source(String name, String length) {
    return sources.computeIfAbsent(
        name + length,
        pin -> {
          try (var ring =
              RingBuffer.openPinned(pins.resolve(pin), Programs.RING, Programs.RING_SIZE)) {
            return new Source(RingBufferReader.open(ring, Publish.EACH_RECORD));
          }
        });
  }

  private Measurement drain(Source source, String length, int operations) {
    source.sum = 0;
    int done = 0;
    var watch = new Stopwatch();
    try (var program =
        BpfProgram.openPinned(
            pins.resolve("fill" + length), ProgramType.SYSCALL, Optional.empty())) {
      while (done < operations) {
        if (program.testRun(TestRun.syscall(new byte[8])).returnValue() != 0) {
          throw new IllegalStateException("the ring buffer is full");
        }
        watch.start();
        int taken = source.reader.drain(source.handler);
        watch.stop();
        if (taken != Programs.FILLED) {
          throw new IllegalStateException(taken + " records");
        }
        done += taken;
      }
    }
    return watch.measured(done, source.sum);
  }

  private static Measurement live(Source source, int operations) {
    int done = 0;
    var _ = source.reader.poll(PATIENCE, source.handler);
    var watch = new Stopwatch();
    watch.start();
    while (done < operations) {
      done += source.reader.poll(PATIENCE, source.handler);
    }
    watch.stop();
    return watch.measured(done, "-");
  }

  @Override
  public void close() {
    sources.values().forEach(source -> source.reader.close());
  }

  private static final class Source {
    final RingBufferReader reader;

    /** Made once, as a lambda that captures is made anew each time. */
    final RecordHandler handler = (memory, offset, _) -> this.sum += memory.get(JAVA_LONG, offset);

    long sum;

    Source(RingBufferReader reader) {
      this.reader = reader;
    }
  }
}
