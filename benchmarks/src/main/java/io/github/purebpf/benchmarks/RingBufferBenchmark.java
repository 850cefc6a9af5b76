package io.github.purebpf.benchmarks;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.purebpf.bpf.BpfProgram;
import io.github.purebpf.bpf.RingBuffer;
import io.github.purebpf.bpf.TestRun;
import io.github.purebpf.bpf.reader.Publish;
import io.github.purebpf.bpf.reader.RecordHandler;
import io.github.purebpf.bpf.reader.RingBufferReader;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Records of a ring buffer that a program has filled before: time for each of the 8,192. What the
 * program takes is not measured.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class RingBufferBenchmark {
  private static final int RECORDS = Programs.FILLED;

  /** The length of a record in bytes. */
  @Param({"16", "256"})
  public int length;

  /** When programs get back the room of what was read. */
  @Param({"EACH_RECORD", "EACH_BATCH"})
  public Publish publish;

  private RingBuffer ring;
  private BpfProgram program;
  private RingBufferReader reader;
  private byte[] copy;
  private long sum;

  /** Made once, as a lambda that captures is made anew each time. */
  private final RecordHandler inPlace = this::add;

  private final RecordHandler copying = this::copy;

  /** A program that fills, and a reader. */
  @Setup
  public void open() {
    ring = RingBuffer.create(Programs.RING, Programs.RING_SIZE);
    program = BpfProgram.load(Programs.fill(length), ring);
    reader = RingBufferReader.open(ring, publish);
    copy = new byte[length];
  }

  /** All records anew, for each call of a benchmark. */
  @Setup(Level.Invocation)
  public void fill() {
    if (program.testRun(TestRun.syscall(new byte[8])).returnValue() != 0) {
      throw new IllegalStateException("the ring buffer is full, " + reader.backlog() + " bytes");
    }
  }

  /** Nothing stays. */
  @TearDown
  public void close() {
    reader.close();
    program.close();
    ring.close();
  }

  private void add(MemorySegment memory, long offset, int size) {
    sum += memory.get(JAVA_LONG, offset);
  }

  private void copy(MemorySegment memory, long offset, int size) {
    MemorySegment.copy(memory, JAVA_BYTE, offset, copy, 0, size);
    sum += copy[0];
  }

  /** Reads the first word of each record where it lies. */
  @Benchmark
  @OperationsPerInvocation(RECORDS)
  public long zeroCopy() {
    return consume(inPlace);
  }

  /** Copies each record into an array. */
  @Benchmark
  @OperationsPerInvocation(RECORDS)
  public long copying() {
    return consume(copying);
  }

  private long consume(RecordHandler handler) {
    int records = reader.drain(handler);
    if (records != RECORDS) {
      throw new IllegalStateException(records + " records");
    }
    return sum;
  }
}
