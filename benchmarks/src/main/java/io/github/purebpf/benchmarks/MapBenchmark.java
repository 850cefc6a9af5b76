package io.github.purebpf.benchmarks;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.purebpf.bpf.BpfMap;
import io.github.purebpf.bpf.Codec;
import io.github.purebpf.bpf.MapElement;
import io.github.purebpf.bpf.MapSpec;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.layout.NetworkOrder;
import io.github.purebpf.layout.Struct;
import java.lang.invoke.MethodHandles;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One element of a preallocated hash table at a time, with keys and values of 8 bytes; the keys go
 * round through the whole table of 65,536. What others measure as lookup and update of such a map
 * stands beside {@code lookup} and {@code update}.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class MapBenchmark {
  private static final int ENTRIES = 1 << 16;

  /** Eight bytes, such as of a flow. */
  public record Key(@NetworkOrder int address, @NetworkOrder short port, short protocol) {
    static final Codec<Key> CODEC = Codec.of(Struct.of(Key.class), MethodHandles.lookup());
  }

  /** Eight bytes. */
  public record Value(int packets, int bytes) {
    static final Codec<Value> CODEC = Codec.of(Struct.of(Value.class), MethodHandles.lookup());
  }

  private final Key[] keys = new Key[ENTRIES];
  private final Value value = new Value(1, 1500);
  private BpfMap<Long, Long> numbers;
  private BpfMap<Key, Value> records;
  private MapElement<Long, Long> number;
  private MapElement<Key, Value> element;
  private int next;

  /** Two full maps. */
  @Setup
  public void fill() {
    numbers =
        BpfMap.create(MapSpec.hash(new MapRef("bench_numbers"), Codec.u64(), Codec.u64(), ENTRIES));
    records =
        BpfMap.create(MapSpec.hash(new MapRef("bench_records"), Key.CODEC, Value.CODEC, ENTRIES));
    number = numbers.element();
    element = records.element();
    for (int i = 0; i < ENTRIES; i++) {
      keys[i] = new Key(0x0a000000 | i, (short) 8502, (short) 6);
      records.put(keys[i], value);
      number.key(i).value(i).put();
    }
  }

  /** No map stays. */
  @TearDown
  public void close() {
    numbers.close();
    records.close();
  }

  private int next() {
    return next++ & ENTRIES - 1;
  }

  /** An integer key and an integer value, through an element. */
  @Benchmark
  public long lookup() {
    return number.key(next()).get() ? number.valueAsLong() : -1;
  }

  /** An integer key and an integer value, through an element. */
  @Benchmark
  public void update() {
    int i = next();
    number.key(i).value(i).put();
  }

  /** A record key that exists, an integer read from memory, through an element. */
  @Benchmark
  public long lookupRecord() {
    return element.key(keys[next()]).get() ? element.valueMemory().get(JAVA_LONG, 0) : -1;
  }

  /** A record key and a record value that exist. */
  @Benchmark
  public void putRecord() {
    records.put(keys[next()], value);
  }

  /** A record key that exists; an Optional and a record are made of what is found. */
  @Benchmark
  public Optional<Value> getRecord() {
    return records.get(keys[next()]);
  }
}
