package io.github.purebpf.bpf.reader;

import java.lang.foreign.MemorySegment;

/** Takes records out of a ring, where the kernel wrote them. */
@FunctionalInterface
public interface RecordHandler {
  /**
   * Takes one record. Its bytes are those of the memory from the offset on; the room they take is
   * given back to programs when this method returns or throws, so what is needed longer must be
   * copied. Nothing is copied or allocated for the call; {@code memory.asSlice(offset, length)} is
   * the record by itself.
   *
   * @param memory the memory of the ring, read-only; the same for all records
   * @param offset where the record begins, a multiple of eight
   * @param length its bytes, as many as the program reserved
   */
  void handle(MemorySegment memory, long offset, int length);
}
