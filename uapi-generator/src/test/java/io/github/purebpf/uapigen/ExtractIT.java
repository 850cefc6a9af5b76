package io.github.purebpf.uapigen;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Holds the committed extract against the kernel this runs on. */
class ExtractIT {
  @Test
  void committedExtractAgreesWithTheRunningKernel() throws IOException {
    String committed = Files.readString(Path.of("src/main/data/uapi.txt"));
    String running = Extract.ofRunningKernel();
    if (Uapi.parse(running).kernel().equals(Uapi.parse(committed).kernel())) {
      assertEquals(committed, running);
    } else {
      Extracts.assertSameNumbers(committed, running);
    }
  }
}
