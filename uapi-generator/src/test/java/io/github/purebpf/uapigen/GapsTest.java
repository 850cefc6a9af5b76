package io.github.purebpf.uapigen;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What BTF says and what is kept by hand must cover each other. */
class GapsTest {
  private static final Path DATA = Path.of("src/main/data");

  @TempDir Path data;

  @BeforeEach
  void copy() throws IOException {
    try (var files = Files.list(DATA)) {
      for (Path file : files.toList()) {
        Files.copy(file, data.resolve(file.getFileName()));
      }
    }
  }

  @Test
  void helperWithoutKnownKernelIsRefused() throws IOException {
    replace("uapi.txt", "  __BPF_FUNC_MAX_ID 212", "  BPF_FUNC_brand_new 212");
    assertFault(
        "since.txt: BPF_FUNC_brand_new is missing; look up the kernel that brought it and add"
            + " \"BPF_FUNC_brand_new : VERSION\"");
  }

  @Test
  void commandWithoutLayoutIsRefused() throws IOException {
    replace("uapi.txt", "  __MAX_BPF_CMD 38", "  BPF_NEW 38");
    replace("since.txt", "BPF_MAP_CREATE : 3.18", "BPF_MAP_CREATE : 3.18\nBPF_NEW : 6.19");
    assertFault("attr.txt: not described: parts [], commands [BPF_NEW]");
  }

  @Test
  void partOfTheUnionThatBeginsWithAnotherFieldIsRefused() throws IOException {
    replace("uapi.txt", "  (map_type).", "  (map_kind).");
    assertFault("attr.txt:4: union bpf_attr has no part (map_type)");
  }

  @Test
  void flagWithoutDescriptionIsRefused() throws IOException {
    replace("uapi.txt", "  BPF_F_LOCK 4", "  BPF_F_LOCK 4\n  BPF_F_NEW 8");
    assertFault("flags.txt:4: not described: [BPF_F_NEW]");
  }

  @Test
  void contextFieldWithoutAccessRulesIsRefused() throws IOException {
    replace("uapi.txt", "  sk 64 8 ptr\n", "  sk 64 8 ptr\n  added 72 4 u32\n");
    assertFault("ctx-access.txt:5: not described: [added]");
  }

  @Test
  void addressThatIsNoFieldIsRefused() throws IOException {
    replace("attr.txt", ": pathname\n", ": pathname nothing\n");
    assertFault("attr.txt:8: no such fields: [nothing]");
  }

  @Test
  void symbolGivenTwoKernelsIsRefused() throws IOException {
    replace("since.txt", "BPF_MAP_CREATE : 3.18", "BPF_MAP_CREATE : 3.18\nBPF_MAP_CREATE : 3.19");
    assertFault("since.txt:5: BPF_MAP_CREATE is there twice");
  }

  private void replace(String file, String old, String replacement) throws IOException {
    String text = Files.readString(data.resolve(file));
    String changed = text.replace(old, replacement);
    assertEquals(false, text.equals(changed), () -> file + " has no " + old);
    Files.writeString(data.resolve(file), changed);
  }

  private void assertFault(String message) {
    var fault = assertThrows(IllegalArgumentException.class, () -> Generate.sources(data));
    assertEquals(message, fault.getMessage());
  }
}
