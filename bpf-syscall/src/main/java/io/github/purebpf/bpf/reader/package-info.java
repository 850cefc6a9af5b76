/**
 * What programs tell: records of {@linkplain io.github.purebpf.bpf.reader.RingBufferReader ring
 * buffers}, read where the kernel wrote them.
 *
 * <p>A reader belongs to one thread at a time. While it waits, a platform thread sleeps in the
 * kernel and a virtual thread is parked and holds no carrier. Any thread may close it, which wakes
 * the one that waits.
 */
package io.github.purebpf.bpf.reader;
