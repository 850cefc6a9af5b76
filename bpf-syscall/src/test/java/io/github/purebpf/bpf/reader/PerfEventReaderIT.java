package io.github.purebpf.bpf.reader;

import static io.github.purebpf.insn.Reg.R0;
import static io.github.purebpf.insn.Reg.R1;
import static io.github.purebpf.insn.Reg.R2;
import static io.github.purebpf.insn.Reg.R3;
import static io.github.purebpf.insn.Reg.R4;
import static io.github.purebpf.insn.Reg.R5;
import static io.github.purebpf.insn.Reg.R6;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.bpf.BpfFs;
import io.github.purebpf.bpf.BpfMap;
import io.github.purebpf.bpf.BpfProgram;
import io.github.purebpf.bpf.Codec;
import io.github.purebpf.bpf.MapSpec;
import io.github.purebpf.bpf.PerfEventArray;
import io.github.purebpf.bpf.ProgramSpec;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.insn.MemSize;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import io.github.purebpf.uapi.Helper;
import io.github.purebpf.uapi.ProgramType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@RequiresKernel
@NoLeakedFds
class PerfEventReaderIT {
  private static final MapRef EVENTS = new MapRef("it_events");
  private static final MapRef BYTES = new MapRef("bytes");
  private static final int LONGEST = 1024;
  private static final Duration LONG = Duration.ofSeconds(60);
  private static final PerfRecordHandler IGNORE = (_, _, _, _) -> {};

  private PerfEventArray array;
  private BpfMap<Integer, byte[]> bytes;
  private BpfProgram program;
  private PerfEventReader reader;

  @BeforeEach
  void create() {
    array = PerfEventArray.create(EVENTS);
    bytes = BpfMap.create(MapSpec.array(BYTES, Codec.bytes(LONGEST), 1));
    var spec =
        new ProgramSpec(
            "it_output", ProgramType.RAW_TRACEPOINT, Optional.empty(), output(), "GPL", 0);
    program = BpfProgram.load(spec, array, bytes);
    reader = PerfEventReader.open(array, 4096);
  }

  @AfterEach
  void close() {
    reader.close();
    program.close();
    bytes.close();
    array.close();
  }

  /** Hands on as many bytes of the map as the first argument says. */
  private static BpfCode output() {
    return BpfCode.build(
        b -> {
          var key = b.stackSlot(MemSize.W);
          var end = b.newLabel();
          b.mov(R6, R1)
              .store(key, 0)
              .mapLookup(BYTES, key)
              .mov(R4, R0)
              .mov(R0, -1)
              .jeq(R4, 0, end)
              .ldxdw(R5, R6.at(0))
              .jgt(R5, LONGEST, end)
              .mov(R1, R6)
              .lddw(R2, EVENTS)
              .mov32(R3, -1) // BPF_F_CURRENT_CPU
              .call(Helper.PERF_EVENT_OUTPUT)
              .labelBinding(end)
              .exit();
        });
  }

  private static byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    new Random(length).nextBytes(bytes);
    return bytes;
  }

  private int emit(int cpu, int length) {
    bytes.put(0, Arrays.copyOf(bytes(length), LONGEST));
    try (var arena = Arena.ofConfined()) {
      return TestRun.runOnCpu(program, arena.allocateFrom(ValueLayout.JAVA_LONG, length), cpu);
    }
  }

  private static byte[] copy(MemorySegment memory, long offset, int length) {
    return memory.asSlice(offset, length).toArray(ValueLayout.JAVA_BYTE);
  }

  @Test
  void recordsArriveWithTheirCpuAndTheirBytes() {
    var due = new ArrayList<Integer>();
    for (int cpu : reader.cpus()) {
      assertEquals(0, emit(cpu, 20 + cpu));
      assertEquals(0, emit(cpu, 100));
      due.addAll(List.of(cpu, cpu));
    }
    var cpus = new ArrayList<Integer>();
    int handled =
        reader.poll(
            LONG,
            (cpu, memory, at, length) -> {
              cpus.add(cpu);
              int written = cpus.indexOf(cpu) == cpus.size() - 1 ? 20 + cpu : 100;
              // Rounded up by the kernel.
              assertEquals((written + 4 + 7) / 8 * 8 - 4, length);
              assertArrayEquals(bytes(written), copy(memory, at, written));
            });
    assertEquals(due.size(), handled);
    assertEquals(due, cpus);
    assertEquals(due.size(), reader.records());
    assertEquals(0, reader.lost());
    assertEquals(0, reader.backlog());
  }

  @Test
  void recordsThatWrapAreInOnePiece() {
    int cpu = reader.cpus().getLast();
    var random = new Random(3);
    for (int round = 0; round < 1000; round++) {
      int length = 1 + random.nextInt(LONGEST);
      assertEquals(0, emit(cpu, length));
      assertEquals(
          1, reader.drain((_, m, at, _) -> assertArrayEquals(bytes(length), copy(m, at, length))));
    }
  }

  @Test
  void lostRecordsAreCounted() {
    int cpu = reader.cpus().getFirst();
    int written = 0;
    int refused = 0;
    while (refused < 3) {
      int result = emit(cpu, 500);
      if (result == 0) {
        written++;
      } else {
        assertEquals(-Errno.ENOSPC, result);
        refused++;
      }
    }
    assertTrue(reader.backlog() > 3 * 500);
    assertEquals(written, reader.drain(IGNORE));
    assertEquals(0, emit(cpu, 500));
    assertEquals(1, reader.drain(IGNORE));
    assertEquals(refused, reader.lost());
    assertEquals(written + 1, reader.records());
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aRecordWakesTheReader(boolean virtual) throws Exception {
    var task = new FutureTask<>(() -> reader.poll(LONG, IGNORE));
    (virtual ? Thread.ofVirtual() : Thread.ofPlatform()).start(task);
    assertEquals(0, emit(reader.cpus().getLast(), 8));
    assertEquals(1, task.get());
  }

  @Test
  void aClosedReaderLeavesAnEmptyArrayBehind() {
    reader.close();
    assertEquals(-1, reader.poll(LONG, IGNORE));
    assertEquals(-1, reader.drain(IGNORE));
    assertThrows(IllegalStateException.class, reader::backlog);
    assertEquals(-Errno.ENOENT, emit(reader.cpus().getFirst(), 8));
    try (var again = PerfEventReader.open(array, 8192)) {
      assertEquals(0, emit(again.cpus().getFirst(), 8));
      assertEquals(1, again.drain(IGNORE));
    }
  }

  @Test
  void whatAHandlerThrowsEndsTheCallBehindItsRecord() {
    int cpu = reader.cpus().getFirst();
    assertEquals(0, emit(cpu, 4));
    assertEquals(0, emit(cpu, 12));
    assertThrows(
        ArithmeticException.class,
        () ->
            reader.drain(
                (_, _, _, _) -> {
                  throw new ArithmeticException();
                }));
    assertEquals(1, reader.drain((_, _, _, length) -> assertEquals(12, length)));
  }

  @Test
  void anotherSizeIsRefused() {
    var e = assertThrows(IllegalArgumentException.class, () -> PerfEventReader.open(array, 5000));
    assertTrue(e.getMessage().contains("a power of two is needed"), e::getMessage);
  }

  @Test
  void aPinnedArrayIsReadByWhoeverOpensIt() {
    reader.close();
    try (var fs = BpfFs.mountDetached()) {
      array.pin(fs.path().resolve("events"));
      try (var again = PerfEventArray.openPinned(fs.path().resolve("events"), EVENTS);
          var second = PerfEventReader.open(again, 4096)) {
        assertEquals(0, emit(second.cpus().getFirst(), 8));
        assertEquals(1, second.drain(IGNORE));
      }
    }
  }
}
