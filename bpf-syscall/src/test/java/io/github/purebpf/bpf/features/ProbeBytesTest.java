package io.github.purebpf.bpf.features;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Errno;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The exact bytes by which a kernel is asked whether it knows a command, and which do nothing. */
class ProbeBytesTest {
  /** {@code sizeof(union bpf_attr)} of Linux 6.18. */
  private static final int SIZE = 168;

  @TempDir private Path root;

  /** Nothing but a descriptor that is none, at the place that the command has it. */
  @ParameterizedTest
  @CsvSource({
    "PROG_TEST_RUN, PROG_TEST_RUN, 0",
    "PROG_QUERY, PROG_QUERY, 0",
    "RAW_TRACEPOINT_OPEN, RAW_TRACEPOINT_OPEN, 8",
    "TASK_FD_QUERY, TASK_FD_QUERY, 0",
    "MAP_LOOKUP_AND_DELETE_ELEM, MAP_LOOKUP_AND_DELETE_ELEM, 0",
    "MAP_FREEZE, MAP_FREEZE, 0",
    "MAP_BATCH, MAP_LOOKUP_BATCH, 36",
    "LINK_CREATE, LINK_CREATE, 0",
    "LINK_UPDATE, LINK_UPDATE, 0",
    "ITER_CREATE, ITER_CREATE, 0",
    "LINK_DETACH, LINK_DETACH, 0",
    "PROG_BIND_MAP, PROG_BIND_MAP, 0",
    "TOKEN_CREATE, TOKEN_CREATE, 4",
    "PROG_STREAM, PROG_STREAM_READ_BY_FD, 16"
  })
  void aCommandIsProbedWithADescriptorThatIsNone(KernelFeature feature, Cmd command, int offset)
      throws Exception {
    Files.createDirectories(root.resolve("proc/sys/kernel"));
    Files.writeString(root.resolve("proc/sys/kernel/osrelease"), "6.18.3\n");
    var kernel = new ScriptedKernel();
    var asked = new ArrayList<byte[]>();
    kernel.answer =
        (_, attr) -> {
          asked.add(attr.bytes().toArray(ValueLayout.JAVA_BYTE));
          return -Errno.EBADF;
        };
    assertTrue(new Prober(kernel.kernel(), root).of(feature).isAvailable());
    assertEquals(List.of(command), kernel.calls);
    var expected = ByteBuffer.allocate(SIZE).order(ByteOrder.nativeOrder()).putInt(offset, -1);
    assertArrayEquals(expected.array(), asked.getFirst());
  }
}
