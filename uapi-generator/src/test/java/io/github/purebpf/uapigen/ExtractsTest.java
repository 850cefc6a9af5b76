package io.github.purebpf.uapigen;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The comparison with another kernel must be able to fail: few machines run it for real. */
class ExtractsTest {
  private String committed;

  @BeforeEach
  void read() throws IOException {
    committed = Files.readString(Path.of("src/main/data/uapi.txt"));
  }

  @Test
  void kernelWithMoreAndLessAgrees() {
    Extracts.assertSameNumbers(
        committed,
        committed
            .replace("  __BPF_FUNC_MAX_ID 212", "  BPF_FUNC_more 212\n  __BPF_FUNC_MAX_ID 213")
            .replace("  BPF_PROG_STREAM_READ_BY_FD 37\n", "")
            .replace("  sk 64 8 ptr\n", ""));
  }

  @Test
  void movedFieldIsNoticed() {
    assertDiffers("  user_ip4 4 4 u32", "  user_ip4 8 4 u32", "struct bpf_sock_addr user_ip4");
  }

  @Test
  void otherNumberIsNoticed() {
    assertDiffers("  BPF_PROG_LOAD 5", "  BPF_PROG_LOAD 6", "enum bpf_cmd BPF_PROG_LOAD");
  }

  @Test
  void kernelWithNothingInCommonIsNoticed() {
    assertThrows(AssertionError.class, () -> Extracts.assertSameNumbers(committed, "kernel 9.9\n"));
  }

  private void assertDiffers(String old, String replacement, String place) {
    assertTrue(committed.contains(old), old);
    var error =
        assertThrows(
            AssertionError.class,
            () -> Extracts.assertSameNumbers(committed, committed.replace(old, replacement)));
    assertTrue(error.getMessage().contains(place), error.getMessage());
  }
}
