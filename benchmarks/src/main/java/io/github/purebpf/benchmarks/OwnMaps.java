package io.github.purebpf.benchmarks;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.purebpf.bpf.BpfMap;
import io.github.purebpf.bpf.Codec;
import io.github.purebpf.bpf.KeyedMap;
import io.github.purebpf.bpf.MapBatch;
import io.github.purebpf.bpf.MapElement;
import io.github.purebpf.bpf.MapSpec;
import io.github.purebpf.bpf.PerCpuMap;
import io.github.purebpf.insn.MapRef;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Maps of 65,536 entries with keys of four bytes and values of eight. */
final class OwnMaps implements OwnCases {
  static final int ENTRIES = 1 << 16;
  private static final int MASK = ENTRIES - 1;
  private static final MapRef NAME = new MapRef("bench_peer");

  private final Map<String, Table> tables = new HashMap<>();

  @Override
  public Optional<Measurement> run(String name, int operations) {
    int dash = name.indexOf('-');
    if (dash < 0 || !List.of("hash", "array", "percpu").contains(name.substring(0, dash))) {
      return Optional.empty();
    }
    var table = table(name.substring(0, dash));
    return switch (name.substring(dash + 1)) {
      case "put" -> Optional.of(table.put(operations));
      case "get" -> Optional.of(table.get(operations));
      case "delete" -> Optional.of(table.delete(operations));
      case "iterate" -> Optional.of(table.iterate(operations));
      case "batch-put" -> Optional.of(table.batchPut(operations));
      case "batch-get" -> Optional.of(table.batchGet(operations));
      default -> Optional.empty();
    };
  }

  private Table table(String kind) {
    return tables.computeIfAbsent(
        kind,
        k ->
            switch (k) {
              case "hash" ->
                  new Table(
                      BpfMap.create(MapSpec.hash(NAME, Codec.u32(), Codec.u64(), ENTRIES)), 1);
              case "array" ->
                  new Table(BpfMap.create(MapSpec.array(NAME, Codec.u64(), ENTRIES)), 1);
              default -> {
                var map = PerCpuMap.create(MapSpec.perCpuArray(NAME, Codec.u64(), ENTRIES));
                yield new Table(map, map.cpus().size());
              }
            });
  }

  /**
   * How long single calls take, sorted, in nanoseconds.
   *
   * @return empty if the case is another
   */
  Optional<long[]> latencies(String name, int operations) {
    return switch (name) {
      case "hash-put", "hash-get" ->
          Optional.of(table("hash").latencies(name.equals("hash-put"), operations));
      default -> Optional.empty();
    };
  }

  @Override
  public void close() {
    tables.values().forEach(table -> table.map.close());
  }

  /** One map, and the memory that is used again. */
  private static final class Table {
    final KeyedMap<Integer, ?> map;
    final MapElement<Integer, ?> element;
    final MapBatch<Integer, ?> batch;
    final int values;
    long sum;

    Table(KeyedMap<Integer, ?> map, int values) {
      this.map = map;
      this.element = map.element();
      this.batch = map.batch(ENTRIES);
      this.values = values;
    }

    private void fill(long factor) {
      for (int i = 0; i < ENTRIES; i++) {
        batch.keys().setAtIndex(JAVA_INT, i, i);
        for (int c = 0; c < values; c++) {
          batch.values().setAtIndex(JAVA_LONG, (long) i * values + c, i * factor);
        }
      }
      batch.size(ENTRIES);
      batch.put();
    }

    /** A value that was written, the same for all peers. */
    private long atSeven() {
      if (!element.key(7).get()) {
        throw new IllegalStateException("no value of key 7 in " + map);
      }
      return element.valueMemory().getAtIndex(JAVA_LONG, values - 1L);
    }

    Measurement put(int operations) {
      var watch = new Stopwatch();
      watch.start();
      if (values == 1) {
        for (int i = 0; i < operations; i++) {
          element.key(i & MASK).value(i).put();
        }
      } else {
        var memory = element.valueMemory();
        for (int i = 0; i < operations; i++) {
          for (int c = 0; c < values; c++) {
            memory.setAtIndex(JAVA_LONG, c, i);
          }
          element.key(i & MASK).put();
        }
      }
      watch.stop();
      return watch.measured(operations, atSeven());
    }

    Measurement get(int operations) {
      fill(3);
      long total = 0;
      var watch = new Stopwatch();
      watch.start();
      if (values == 1) {
        for (int i = 0; i < operations; i++) {
          total += element.key(i & MASK).get() ? element.valueAsLong() : -1;
        }
      } else {
        var memory = element.valueMemory();
        for (int i = 0; i < operations; i++) {
          total += element.key(i & MASK).get() ? memory.get(JAVA_LONG, 0) : -1;
        }
      }
      watch.stop();
      return watch.measured(operations, total);
    }

    Measurement delete(int operations) {
      int done = 0;
      int removed = 0;
      var watch = new Stopwatch();
      while (done < operations) {
        fill(3);
        watch.start();
        for (int i = 0; i < ENTRIES; i++) {
          removed += element.key(i).remove() ? 1 : 0;
        }
        watch.stop();
        done += ENTRIES;
      }
      return watch.measured(done, removed);
    }

    Measurement iterate(int operations) {
      fill(3);
      sum = 0;
      int done = 0;
      var watch = new Stopwatch();
      watch.start();
      while (done < operations) {
        if (!map.forEach((_, value) -> add(value))) {
          throw new IllegalStateException(map + " was not read to its end");
        }
        done += ENTRIES;
      }
      watch.stop();
      return watch.measured(done, sum);
    }

    private void add(Object value) {
      sum += (long) (value instanceof List<?> list ? list.getFirst() : value);
    }

    Measurement batchPut(int operations) {
      fill(3);
      int done = 0;
      var watch = new Stopwatch();
      watch.start();
      while (done < operations) {
        fill(1);
        done += ENTRIES;
      }
      watch.stop();
      return watch.measured(done, atSeven());
    }

    Measurement batchGet(int operations) {
      fill(3);
      long total = 0;
      int done = 0;
      var watch = new Stopwatch();
      watch.start();
      while (done < operations) {
        batch.rewind();
        while (batch.next()) {
          var memory = batch.values();
          int size = batch.size();
          for (int i = 0; i < size; i++) {
            total += memory.getAtIndex(JAVA_LONG, (long) i * values);
          }
          done += size;
        }
      }
      watch.stop();
      return watch.measured(done, total);
    }

    long[] latencies(boolean put, int operations) {
      fill(3);
      var took = new long[operations];
      for (int i = 0; i < operations; i++) {
        long before = System.nanoTime();
        if (put) {
          element.key(i & MASK).value(i).put();
        } else {
          sum += element.key(i & MASK).get() ? element.valueAsLong() : -1;
        }
        took[i] = System.nanoTime() - before;
      }
      Arrays.sort(took);
      return took;
    }
  }
}
