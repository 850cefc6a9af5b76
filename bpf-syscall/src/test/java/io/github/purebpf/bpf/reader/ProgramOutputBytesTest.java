package io.github.purebpf.bpf.reader;

import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.purebpf.bpf.FakeObjects;
import io.github.purebpf.bpf.error.UnsupportedKernelException;
import io.github.purebpf.bpf.internal.sys.BpfAttr;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.insn.KernelVersion;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The exact bytes of reading what a program prints, and how its parts are put together. */
class ProgramOutputBytesTest {
  private static final int FD = 5;
  private static final int CHUNK = 4096;

  /** What the kernel has, in the pieces in which it gives it out. */
  private final List<byte[]> pieces = new ArrayList<>();

  private final List<byte[]> asked = new ArrayList<>();
  private int interruptions;
  private final FakeObjects kernel = new FakeObjects(this::answer);

  private int answer(Cmd command, BpfAttr attr) {
    if (command == Cmd.PROG_LOAD) {
      return FD;
    }
    assertEquals(Cmd.PROG_STREAM_READ_BY_FD, command);
    asked.add(attr.bytes().toArray(ValueLayout.JAVA_BYTE));
    if (interruptions > 0) {
      interruptions--;
      return -Errno.EINTR;
    }
    if (pieces.isEmpty()) {
      return 0;
    }
    var piece = pieces.removeFirst();
    FakeObjects.write(attr.bytes().get(JAVA_LONG, 0), piece);
    return piece.length;
  }

  private void prints(byte[] text, int... ends) {
    int from = 0;
    for (int end : ends) {
      pieces.add(Arrays.copyOfRange(text, from, end));
      from = end;
    }
  }

  private static void matches(byte[] call, int stream) {
    long buffer = ByteBuffer.wrap(call).order(ByteOrder.nativeOrder()).getLong(0);
    var expected = ByteBuffer.allocate(20).order(ByteOrder.nativeOrder());
    expected.putLong(0, buffer).putInt(8, CHUNK).putInt(12, stream).putInt(16, FD);
    assertArrayEquals(expected.array(), call);
  }

  @Test
  void eachStreamHasItsNumber() {
    var output = ProgramOutput.of(kernel, kernel.program());
    assertEquals("", output.stdout());
    assertEquals("", output.stderr());
    matches(asked.getFirst(), 1);
    matches(asked.getLast(), 2);
    assertEquals(2, asked.size());
  }

  @Test
  void aStreamIsReadToItsEndAlsoWhereACharacterIsCut() {
    var text = "a café,\nand a break".getBytes(StandardCharsets.UTF_8);
    prints(text, 6, 7, text.length);
    interruptions = 2;
    assertEquals("a café,\nand a break", ProgramOutput.of(kernel, kernel.program()).stdout());
    assertEquals(2 + 3 + 1, asked.size());
  }

  @Test
  void anOlderKernelIsNamed() {
    var output = ProgramOutput.of(kernel, kernel.program());
    kernel.lacks(Cmd.PROG_STREAM_READ_BY_FD);
    var e = assertThrows(UnsupportedKernelException.class, output::stdout);
    assertEquals(new KernelVersion(6, 17), e.since());
  }
}
