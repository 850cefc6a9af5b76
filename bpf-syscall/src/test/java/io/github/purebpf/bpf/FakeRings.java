package io.github.purebpf.bpf;

import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.insn.MapRef;
import java.util.List;
import java.util.Set;

/** The fake kernel for the tests of readers, which are in a package of their own. */
public final class FakeRings {
  private final FakeKernel kernel =
      new FakeKernel() {
        private int mappings;

        @Override
        public long map(int fd, long offset, long length, boolean writable) {
          long address = super.map(fd, offset, length, writable);
          return ++mappings == refusedMapping ? -refusal : address;
        }
      };

  private int refusedMapping;
  private int refusal;

  /** One of its own. */
  public FakeRings() {}

  /** The kernel. */
  public Kernel kernel() {
    return kernel;
  }

  /** Sets the size of its pages. */
  public void pageSize(int size) {
    kernel.pageSize = size;
  }

  /** Makes it refuse the n-th mapping, counted from 1. */
  public void refuseMapping(int n, int errno) {
    refusedMapping = n;
    refusal = errno;
  }

  /** A ring buffer in it. */
  public RingBuffer ringBuffer(int size) {
    return RingBuffer.create(kernel, new MapRef("ring"), size);
  }

  /** What was asked besides bpf(2). */
  public List<String> calls() {
    return kernel.others;
  }

  /** The descriptors that are open. */
  public Set<Integer> open() {
    return kernel.open;
  }
}
