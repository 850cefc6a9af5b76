package io.github.purebpf.bpf.reader;

import java.lang.foreign.MemorySegment;

/** Takes records of perf events, where the kernel wrote them. */
@FunctionalInterface
public interface PerfRecordHandler {
  /**
   * Takes one record. Its bytes are those of the memory from the offset on, and are valid until
   * this method returns: what is needed longer must be copied.
   *
   * @param cpu the number of the CPU that it was written on
   * @param memory the memory, read-only
   * @param offset where the record begins, a multiple of four and not of eight: numbers of eight
   *     bytes are read with {@code JAVA_LONG_UNALIGNED}
   * @param length its bytes. The kernel rounds up what the program wrote, so that the length and
   *     four are a multiple of eight; what was added is undefined
   */
  void handle(int cpu, MemorySegment memory, long offset, int length);
}
