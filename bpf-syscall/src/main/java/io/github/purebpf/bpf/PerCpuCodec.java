package io.github.purebpf.bpf;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The values of all possible CPUs as a system call passes them: one behind the other, each
 * beginning at a multiple of 8.
 *
 * @param one a single value
 * @param cpus how many
 */
record PerCpuCodec<V>(Codec<V> one, int cpus) implements Codec<List<V>> {
  PerCpuCodec {
    Math.multiplyExact(stride(one), cpus);
  }

  private static int stride(Codec<?> one) {
    return Math.addExact(one.size(), Long.BYTES - 1) & -Long.BYTES;
  }

  /** From one value to the next. */
  int stride() {
    return stride(one);
  }

  @Override
  public int size() {
    return stride() * cpus;
  }

  @Override
  public void write(List<V> values, MemorySegment to) {
    if (values.size() != cpus) {
      throw new IllegalArgumentException(
          "%d values where %d CPUs are possible".formatted(values.size(), cpus));
    }
    for (int i = 0; i < cpus; i++) {
      one.write(values.get(i), to.asSlice((long) i * stride(), one.size()));
    }
  }

  @Override
  public List<V> read(MemorySegment from) {
    var values = new ArrayList<V>(cpus);
    for (int i = 0; i < cpus; i++) {
      values.add(one.read(from.asSlice((long) i * stride(), one.size())));
    }
    return Collections.unmodifiableList(values);
  }
}
