package io.github.purebpf.bpf.internal.sys;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * The one owner of a mapping. Once it is closed, an access to its memory throws; it does not reach
 * what the kernel may have put there since.
 */
public final class Mapping implements AutoCloseable {
  private final Kernel kernel;
  private final Arena arena = Arena.ofShared();
  private final MemorySegment memory;

  /** Takes over what {@link Kernel#map} has mapped. */
  public Mapping(Kernel kernel, long address, long length) {
    this.kernel = kernel;
    this.memory = kernel.memory(address, length, arena);
  }

  /** All of it. */
  public MemorySegment memory() {
    return memory;
  }

  /**
   * Ends it.
   *
   * @throws IllegalStateException if it is closed already, or a native call has the memory
   */
  @Override
  public void close() {
    long address = memory.address();
    arena.close();
    kernel.unmap(address, memory.byteSize());
  }
}
