package io.github.purebpf.bpf.features;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class KernelReleaseTest {
  @Test
  void ubuntuTellsInAFileOfItsOwnWhatItsKernelIsMadeFrom() {
    var kernel =
        KernelRelease.of(
            "5.4.0-12-generic", "Ubuntu 5.4.0-12.15-generic 5.4.8\n", "#15-Ubuntu SMP");
    assertEquals(Optional.of("5.4.8"), kernel.upstream());
    assertEquals(0x050408, kernel.versionCode());
    assertEquals("5.4.0-12-generic (5.4.8)", kernel.toString());
  }

  @Test
  void debianTellsInTheNameOfTheBuild() {
    var kernel =
        KernelRelease.of("4.19.0-6-amd64", "", "#1 SMP Debian 4.19.67-2+deb10u2 (2019-11-11)");
    assertEquals(Optional.of("4.19.67"), kernel.upstream());
    assertEquals(0x041343, kernel.versionCode());
  }

  @Test
  void theThirdNumberEndsAt255() {
    assertEquals(0x0409ff, KernelRelease.of("4.9.337", "", "").versionCode());
  }

  @Test
  void aReleaseNeedNoThirdNumber() {
    var kernel = KernelRelease.of("7.0-rc1", "", "");
    assertEquals(0x070000, kernel.versionCode());
    assertEquals("7.0-rc1", kernel.toString());
  }
}
