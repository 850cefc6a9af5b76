package io.github.purebpf.bpf;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.purebpf.bpf.internal.sys.Cmd;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** An attr to be compared, by offsets of the kernel's header; what is not set is zero. */
final class ExpectedAttr {
  private final ByteBuffer buffer;

  /** One that ends there. */
  ExpectedAttr(int size) {
    buffer = ByteBuffer.allocate(size).order(ByteOrder.nativeOrder());
  }

  ExpectedAttr u32(int offset, int value) {
    buffer.putInt(offset, value);
    return this;
  }

  ExpectedAttr u64(int offset, long value) {
    buffer.putLong(offset, value);
    return this;
  }

  ExpectedAttr text(int offset, String value) {
    buffer.put(offset, value.getBytes(StandardCharsets.US_ASCII));
    return this;
  }

  /** Takes over pointers, which are different each time, and must not be null. */
  ExpectedAttr pointers(FakeKernel.Call call, int... offsets) {
    for (int offset : offsets) {
      if (call.u64(offset) == 0) {
        throw new AssertionError(call.command() + " has no pointer at " + offset);
      }
      u64(offset, call.u64(offset));
    }
    return this;
  }

  void matches(FakeKernel.Call call) {
    assertArrayEquals(buffer.array(), call.attr().array(), call.command().kernelName());
  }

  /** The one call of a command. */
  static FakeKernel.Call only(FakeKernel kernel, Cmd command) {
    var calls = kernel.calls(command);
    assertEquals(1, calls.size(), command.kernelName());
    return calls.getFirst();
  }
}
