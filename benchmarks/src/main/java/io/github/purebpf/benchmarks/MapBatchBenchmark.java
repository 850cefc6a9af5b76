package io.github.purebpf.benchmarks;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.purebpf.bpf.BpfMap;
import io.github.purebpf.bpf.Codec;
import io.github.purebpf.bpf.MapBatch;
import io.github.purebpf.bpf.MapSpec;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.uapi.MapType;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
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
 * All 65,536 elements of a map in one batch; time for each element, with the Java code that fills
 * and sums up the columns. Keys have 4 bytes, values 8.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class MapBatchBenchmark {
  private static final int ENTRIES = 1 << 16;

  /** The kind of map. */
  @Param({"HASH", "ARRAY"})
  public MapType type;

  private BpfMap<Integer, Long> map;
  private MapBatch<Integer, Long> batch;

  /** A full map, and a batch with its keys. */
  @Setup
  public void fill() {
    var name = new MapRef("bench_batch");
    map = BpfMap.create(new MapSpec<>(name, type, Codec.u32(), Codec.u64(), ENTRIES, 0));
    batch = map.batch(ENTRIES);
    for (int i = 0; i < ENTRIES; i++) {
      batch.keys().setAtIndex(JAVA_INT, i, i);
    }
    put();
  }

  /** No map stays. */
  @TearDown
  public void close() {
    map.close();
  }

  /** Writes all values. */
  @Benchmark
  @OperationsPerInvocation(ENTRIES)
  public void put() {
    var values = batch.values();
    for (int i = 0; i < ENTRIES; i++) {
      values.setAtIndex(JAVA_LONG, i, i);
    }
    batch.size(ENTRIES);
    batch.put();
  }

  /** Reads all values. */
  @Benchmark
  @OperationsPerInvocation(ENTRIES)
  public long get() {
    long sum = 0;
    batch.rewind();
    while (batch.next()) {
      var values = batch.values();
      for (int i = 0; i < batch.size(); i++) {
        sum += values.getAtIndex(JAVA_LONG, i);
      }
    }
    return sum;
  }
}
