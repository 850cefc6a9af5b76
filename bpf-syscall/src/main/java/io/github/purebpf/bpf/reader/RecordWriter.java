package io.github.purebpf.bpf.reader;

import java.lang.foreign.MemorySegment;

/** Writes a record where a program will read it. */
@FunctionalInterface
public interface RecordWriter {
  /**
   * Writes one record. What it throws drops the record: no program ever sees it.
   *
   * @param memory the memory of the ring
   * @param offset where the record begins, a multiple of eight
   * @param length its bytes; what is not written holds what was there before
   */
  void write(MemorySegment memory, long offset, int length);
}
