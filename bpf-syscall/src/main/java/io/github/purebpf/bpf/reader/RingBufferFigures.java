package io.github.purebpf.bpf.reader;

/**
 * What a reader of a ring buffer has seen. The kernel does not count the records for which there
 * was no room: {@code bpf_ringbuf_reserve} and {@code bpf_ringbuf_output} tell the program, which
 * is the one that can count them.
 *
 * @param records records handled
 * @param discarded records that programs reserved and discarded
 * @param highestBacklog the most bytes, with eight for each header, that were there when the reader
 *     looked; close to the size, programs probably found no room
 * @param size bytes of the ring
 */
public record RingBufferFigures(long records, long discarded, long highestBacklog, long size) {}
