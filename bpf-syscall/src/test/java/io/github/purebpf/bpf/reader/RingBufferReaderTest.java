package io.github.purebpf.bpf.reader;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.purebpf.bpf.FakeRings;
import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.bpf.internal.sys.Errno;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RingBufferReaderTest {
  private final FakeRings fake = new FakeRings();

  @ParameterizedTest
  @ValueSource(ints = {4096, 65536})
  void onlyTheReadersOwnPageIsMappedForWriting(int page) {
    fake.pageSize(page);
    var reader = RingBufferReader.open(fake.kernel(), fake.ringBuffer(65536), Publish.EACH_RECORD);
    assertEquals(
        List.of(
            "duplicate 3",
            "mmap 4 0 %d rw".formatted(page),
            "mmap 4 %d %d r".formatted(page, page + 2 * 65536),
            "eventfd"),
        fake.calls());
    fake.calls().clear();
    reader.close();
    reader.close();
    assertEquals(
        List.of("write 5", "close 5", "munmap " + (page + 2 * 65536), "munmap " + page, "close 4"),
        fake.calls());
    assertEquals(Set.of(3), fake.open());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void whatWasOpenedGoesWhenAMappingIsRefused(int mapping) {
    fake.refuseMapping(mapping, Errno.ENOMEM);
    var ring = fake.ringBuffer(4096);
    var e =
        assertThrows(
            KernelErrorException.class,
            () -> RingBufferReader.open(fake.kernel(), ring, Publish.EACH_RECORD));
    assertEquals("mmap of reader of map ring failed with ENOMEM (12)", e.getMessage());
    assertEquals(Set.of(3), fake.open());
  }

  @Test
  void aThreadWaitsInRoundedUpMilliseconds() {
    assertEquals(1, Waiting.millis(1));
    assertEquals(1, Waiting.millis(1_000_000));
    assertEquals(2, Waiting.millis(1_000_001));
    assertEquals(Integer.MAX_VALUE, Waiting.millis(Long.MAX_VALUE));
  }
}
