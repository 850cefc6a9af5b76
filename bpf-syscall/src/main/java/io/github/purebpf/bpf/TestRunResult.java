package io.github.purebpf.bpf;

import io.github.purebpf.insn.Field;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * What a {@link TestRun} left. It is immutable.
 *
 * @param <C> the struct of the program's context
 */
public final class TestRunResult<C> {
  private final int returnValue;
  private final long meanNanos;
  private final byte[] metadata;
  private final byte[] data;
  private final byte[] context;

  TestRunResult(int returnValue, long meanNanos, byte[] metadata, byte[] data, byte[] context) {
    this.returnValue = returnValue;
    this.meanNanos = meanNanos;
    this.metadata = metadata;
    this.data = data;
    this.context = context;
  }

  /** What the program returned, the last time it ran; 0 with live frames. */
  public int returnValue() {
    return returnValue;
  }

  /**
   * The mean duration of a run in nanoseconds. The kernel measures all of them and divides, so that
   * few runs give rough numbers. 0 for raw tracepoint, syscall and tracing programs.
   */
  public long meanNanos() {
    return meanNanos;
  }

  /** The packet as the program left it; empty where there is none, and with live frames. */
  public byte[] data() {
    return data.clone();
  }

  /** What an XDP program left in front of the packet, from {@code data_meta} on. */
  public byte[] metadata() {
    return metadata.clone();
  }

  /**
   * The bytes of the context as the program left it: all that a syscall program wrote; empty where
   * the kernel does not give it back.
   */
  public byte[] context() {
    return context.clone();
  }

  /**
   * A field of the context as the program left it, the number as the program would read it, without
   * a sign; pointers to the packet are offsets.
   *
   * @throws IllegalStateException if the kernel gave back no context, or an older and shorter one
   */
  public long get(Field<C> field) {
    int end = field.offset() + field.size().bytes();
    if (end > context.length) {
      throw new IllegalStateException(
          "the test run gave back %d bytes of context, without the field %s: this kernel is too old"
              .formatted(context.length, field.name()));
    }
    var bytes = MemorySegment.ofArray(context);
    int offset = field.offset();
    return switch (field.size()) {
      case B -> Byte.toUnsignedLong(context[offset]);
      case H -> Short.toUnsignedLong(bytes.get(ValueLayout.JAVA_SHORT_UNALIGNED, offset));
      case W -> Integer.toUnsignedLong(bytes.get(ValueLayout.JAVA_INT_UNALIGNED, offset));
      case DW -> bytes.get(ValueLayout.JAVA_LONG_UNALIGNED, offset);
    };
  }

  /** The return value and the sizes. */
  @Override
  public String toString() {
    return "returned %d, %d bytes of data, %d of context"
        .formatted(returnValue, data.length, context.length);
  }
}
