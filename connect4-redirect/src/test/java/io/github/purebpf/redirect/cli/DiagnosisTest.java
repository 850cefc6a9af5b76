package io.github.purebpf.redirect.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import org.junit.jupiter.api.Test;

class DiagnosisTest {
  @Test
  void whatIsNotAccessibleNeedsPrivilege() {
    var denied = new UncheckedIOException(new AccessDeniedException("/sys/fs/bpf/x"));
    assertEquals(
        new Diagnosis(
            ExitCode.PRIVILEGE,
            "/sys/fs/bpf/x is not accessible; run it as root, or with the capabilities CAP_BPF and"
                + " CAP_NET_ADMIN"),
        Diagnosis.of(denied));
  }

  @Test
  void anUnforeseenErrorIsNamedWithItsType() {
    assertEquals(
        new Diagnosis(ExitCode.UNEXPECTED, "IOException: the disk is on fire"),
        Diagnosis.of(new IOException("the disk is on fire")));
  }

  @Test
  void aMessageOfSeveralLinesBecomesOne() {
    assertEquals(
        "first second third",
        Diagnosis.of(new CommandException(ExitCode.USAGE, "first\n  second\r\nthird")).sentence());
  }
}
