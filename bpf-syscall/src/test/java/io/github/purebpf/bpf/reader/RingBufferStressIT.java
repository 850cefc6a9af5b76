package io.github.purebpf.bpf.reader;

import static io.github.purebpf.insn.Reg.R0;
import static io.github.purebpf.insn.Reg.R1;
import static io.github.purebpf.insn.Reg.R2;
import static io.github.purebpf.insn.Reg.R6;
import static io.github.purebpf.insn.Reg.R7;
import static io.github.purebpf.insn.Reg.R8;
import static io.github.purebpf.insn.Reg.R9;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.asm.Arg;
import io.github.purebpf.asm.BpfBuilder;
import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.bpf.BpfMap;
import io.github.purebpf.bpf.BpfProgram;
import io.github.purebpf.bpf.Codec;
import io.github.purebpf.bpf.MapSpec;
import io.github.purebpf.bpf.ProgramSpec;
import io.github.purebpf.bpf.RingBuffer;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.insn.AtomicOp;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.insn.MemSize;
import io.github.purebpf.insn.Reg;
import io.github.purebpf.layout.Struct;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import io.github.purebpf.uapi.Helper;
import io.github.purebpf.uapi.ProgramType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Programs write on every CPU at the same time, in an interrupt there, faster than the reader can
 * read. Each record that a program got room for arrives once, whole, and behind the earlier ones of
 * its CPU.
 */
@RequiresKernel
@NoLeakedFds
class RingBufferStressIT {
  private static final MapRef RING = new MapRef("stress_ring");
  private static final MapRef CPUS = new MapRef("stress_cpus");

  private static final int RECORDS_OF_A_RUN = 64;
  private static final long ENOUGH = 500_000;

  /** The word that every word of a record is made from. */
  private static final int FACTOR = 0x9e3779b;

  private static final int SHORT_RECORD = 32;
  private static final int LONG_RECORD = 104;

  /**
   * What the programs of a CPU have done.
   *
   * @param sequence records written, numbered from 0
   * @param refused records for which there was no room
   * @param discarded records given back
   */
  record Written(long sequence, long refused, long discarded) {}

  private static final Struct<Written> WRITTEN = Struct.of(Written.class);

  private final int[] cpus =
      Kernel.running().possibleCpus().numbers().stream().mapToInt(i -> i).toArray();
  private final long[] next = new long[cpus[cpus.length - 1] + 1];

  /** Writes 64 records: short, short, long, one discarded. */
  private static BpfCode writer() {
    return BpfCode.build(
        b -> {
          var cpu = b.stackSlot(MemSize.W);
          b.call(Helper.GET_SMP_PROCESSOR_ID)
              .mov(R8, R0)
              .store(cpu, R8)
              .mapLookup(CPUS, cpu)
              .ifNonNull(
                  R0,
                  found ->
                      found
                          .mov(R7, R0)
                          .counted(
                              R9,
                              RECORDS_OF_A_RUN / 4,
                              round -> {
                                record(round, SHORT_RECORD, false);
                                record(round, SHORT_RECORD, false);
                                record(round, LONG_RECORD, true);
                                record(round, LONG_RECORD, false);
                              }))
              .returning(0);
        });
  }

  /** r7 points to what this CPU has written, r8 is its number, r6 is free. */
  private static void record(BpfBuilder b, int length, boolean discard) {
    var refused = b.newLabel();
    var end = b.newLabel();
    var written = WRITTEN.at(R7);
    b.call(Helper.RINGBUF_RESERVE, Arg.map(RING), Arg.imm(length), Arg.imm(0))
        .jeq(R0, 0, refused)
        .mov(R6, R0);
    if (discard) {
      b.stdw(R6.at(0), -1).call(Helper.RINGBUF_DISCARD, Arg.reg(R6), Arg.imm(0));
      increment(b, R7, WRITTEN.field("discarded").offset());
    } else {
      b.load(R1, written.get(WRITTEN.field("sequence")))
          .stxdw(R6.at(0), R8)
          .stxdw(R6.at(8), R1)
          .mov(R2, R1)
          .mul(R2, FACTOR)
          .add(R2, R8);
      for (int at = 16; at < length; at += 8) {
        b.add(R2, at).stxdw(R6.at(at), R2);
      }
      b.call(Helper.RINGBUF_SUBMIT, Arg.reg(R6), Arg.imm(0));
      increment(b, R7, WRITTEN.field("sequence").offset());
    }
    b.ja(end).labelBinding(refused);
    increment(b, R7, WRITTEN.field("refused").offset());
    b.labelBinding(end);
  }

  private static void increment(BpfBuilder b, Reg base, int offset) {
    b.mov(R1, 1).atomic(AtomicOp.ADD, MemSize.DW, base.at(offset), R1);
  }

  /** Of the thread that reads. */
  private void check(MemorySegment memory, long at, int length) {
    long cpu = memory.get(ValueLayout.JAVA_LONG, at);
    long sequence = memory.get(ValueLayout.JAVA_LONG, at + 8);
    if (sequence != next[(int) cpu]) {
      throw new AssertionError(
          "record %d of CPU %d where %d is due".formatted(sequence, cpu, next[(int) cpu]));
    }
    next[(int) cpu]++;
    long word = sequence * FACTOR + cpu;
    for (int i = 16; i < length; i += 8) {
      word += i;
      if (memory.get(ValueLayout.JAVA_LONG, at + i) != word) {
        throw new AssertionError("record %d of CPU %d is torn".formatted(sequence, cpu));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"EACH_RECORD, false", "EACH_BATCH, false", "EACH_RECORD, true"})
  void nothingIsLostRepeatedOrTornAndEachCpuIsInOrder(Publish publish, boolean virtual)
      throws Exception {
    var spec =
        new ProgramSpec("stress", ProgramType.RAW_TRACEPOINT, Optional.empty(), writer(), "GPL", 0);
    try (var ring = RingBuffer.create(RING, 1 << 16);
        var counts =
            BpfMap.create(
                MapSpec.array(CPUS, Codec.of(WRITTEN, MethodHandles.lookup()), next.length));
        var program = BpfProgram.load(spec, ring, counts);
        var producers = Executors.newFixedThreadPool(cpus.length);
        var consumer =
            Executors.newSingleThreadExecutor(
                (virtual ? Thread.ofVirtual() : Thread.ofPlatform()).factory())) {
      var reader = RingBufferReader.open(ring, publish);
      var reading = consumer.submit(() -> read(reader));
      try {
        var writing = new ArrayList<Future<?>>();
        for (int cpu : cpus) {
          writing.add(producers.submit(producing(program, counts, cpu, reading)));
        }
        for (var future : writing) {
          future.get();
        }
        while (reader.backlog() > 0 && !reading.isDone()) {
          Thread.onSpinWait();
        }
      } finally {
        reader.close();
      }
      long written = 0;
      long discarded = 0;
      for (int cpu : cpus) {
        var done = counts.get(cpu).orElseThrow();
        assertEquals(done.sequence(), next[cpu]);
        written += done.sequence();
        discarded += done.discarded();
      }
      assertEquals(written, reading.get());
      assertEquals(written, reader.figures().records());
      assertEquals(discarded, reader.figures().discarded());
      assertTrue(written >= ENOUGH, () -> "too few for a stress");
    }
  }

  private long read(RingBufferReader reader) {
    long records = 0;
    for (int n; (n = reader.poll(Duration.ofSeconds(30), this::check)) >= 0; ) {
      records += n;
    }
    return records;
  }

  /** Runs the program on one CPU until it has written its share. */
  private Callable<Void> producing(
      BpfProgram program, BpfMap<Integer, Written> counts, int cpu, Future<?> reading) {
    long share = ENOUGH / cpus.length + 1;
    return () -> {
      try (var arena = Arena.ofConfined()) {
        var arguments = arena.allocate(8, 8);
        while (!reading.isDone() && counts.get(cpu).orElseThrow().sequence() < share) {
          for (int run = 0; run < 16; run++) {
            assertEquals(0, TestRun.runOnCpu(program, arguments, cpu));
          }
        }
        return null;
      }
    };
  }
}
