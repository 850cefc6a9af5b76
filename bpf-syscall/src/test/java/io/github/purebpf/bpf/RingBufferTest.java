package io.github.purebpf.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.bpf.error.UnsupportedKernelException;
import io.github.purebpf.bpf.internal.sys.Attr;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.insn.KernelVersion;
import io.github.purebpf.insn.MapRef;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RingBufferTest {
  private static final MapRef RING = new MapRef("ring");

  private final FakeKernel kernel = new FakeKernel();

  @Test
  void itsSizeIsTheNumberOfEntries() {
    var ring = RingBuffer.create(kernel, RING, 8192);
    var create = kernel.calls(Cmd.MAP_CREATE).getFirst();
    assertEquals(27, create.u32(Attr.MapCreate.MAP_TYPE));
    assertEquals(0, create.u32(Attr.MapCreate.KEY_SIZE));
    assertEquals(0, create.u32(Attr.MapCreate.VALUE_SIZE));
    assertEquals(8192, create.u32(Attr.MapCreate.MAX_ENTRIES));
    assertEquals(8192, ring.size());
  }

  @ParameterizedTest
  @CsvSource({
    "4096, 0, ''",
    "4096, -4096, ''",
    "4096, 1000, '; take 4096'",
    "4096, 12288, '; take 16384'",
    "65536, 4096, '; take 65536'",
  })
  void anotherSizeIsRefusedWithTheNextThatGoes(int page, int size, String remedy) {
    kernel.pageSize = page;
    var e =
        assertThrows(IllegalArgumentException.class, () -> RingBuffer.create(kernel, RING, size));
    assertEquals(
        ("map ring of %d bytes: a BPF_MAP_TYPE_RINGBUF has a power of two of them, from %d, a page"
                + " of this machine, to 1073741824%s")
            .formatted(size, page, remedy),
        e.getMessage());
    assertTrue(kernel.calls.isEmpty());
  }

  @Test
  void saysWhichKernelHasIt() {
    kernel.release = new KernelVersion(5, 7);
    kernel.answer = (_, _) -> -Errno.EINVAL;
    var e =
        assertThrows(UnsupportedKernelException.class, () -> RingBuffer.create(kernel, RING, 4096));
    assertTrue(e.getMessage().contains("needs Linux 5.8 for BPF_MAP_TYPE_RINGBUF"), e::getMessage);
  }
}
