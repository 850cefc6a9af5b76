package io.github.purebpf.testkit;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class OpenFdsTest {
  private static final OpenFds SOME =
      OpenFds.of(
          List.of("anon_inode:bpf-map", "socket:[12]", "pipe:[3]", "socket:[4]", "/dev/null"));

  @Test
  void countsByKind() {
    assertEquals("{anon_inode:bpf-map=1, file=1, pipe=1, socket=2}", SOME.toString());
  }

  @Test
  void reportsWhatIsMoreThanBefore() {
    var later = OpenFds.of(List.of("anon_inode:bpf-map", "anon_inode:bpf-map", "anon_inode:btf"));
    assertEquals("{anon_inode:bpf-map=1, anon_inode:btf=1}", later.since(SOME).toString());
  }

  @Test
  void aLeakedLinkFailsTheTest() {
    var after = OpenFds.of(List.of("anon_inode:bpf-map", "anon_inode:bpf_link"));
    var failure = assertThrows(AssertionError.class, () -> FdLeakCheck.check(SOME, after));
    assertEquals(
        "the test left BPF file descriptors open: {anon_inode:bpf_link=1}", failure.getMessage());
  }

  @Test
  void otherDescriptorsAreNotALeak() {
    var after = OpenFds.of(List.of("anon_inode:bpf-map", "/a", "/b", "socket:[1]"));
    assertDoesNotThrow(() -> FdLeakCheck.check(SOME, after));
  }
}
