package io.github.purebpf.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.bpf.LegacyPoint.Mode;
import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import io.github.purebpf.testkit.ScratchCgroup;
import io.github.purebpf.uapi.AttachType;
import io.github.purebpf.uapi.ProgramType;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@RequiresKernel
@NoLeakedFds
class LegacyAttachmentIT {
  private final Traces traces = new Traces();
  private final BpfProgram one = appending(1);
  private final BpfProgram two = appending(2);
  private ScratchCgroup cgroup;
  private Path child;

  private BpfProgram appending(int digit) {
    return traces.load(
        "p" + digit,
        ProgramType.CGROUP_SOCK_ADDR,
        AttachType.CGROUP_INET4_CONNECT,
        Traces.appending(digit, 1));
  }

  @BeforeEach
  void make() throws IOException {
    cgroup = ScratchCgroup.create();
    child = cgroup.child("child");
  }

  @AfterEach
  void close() throws IOException {
    cgroup.close();
    one.close();
    two.close();
    traces.close();
  }

  private LegacyPoint.Cgroup at(Mode mode) {
    return new LegacyPoint.Cgroup(cgroup.path(), mode);
  }

  private long connectIn(Path path) throws Exception {
    var process =
        cgroup.execIn(path, List.of("bash", "-c", "exec 2>/dev/null 3<>/dev/tcp/127.77.0.1/9"));
    process.waitFor();
    return traces.take();
  }

  @Test
  void closingTheProgramDetachesNothing() throws Exception {
    try (var short1 = appending(5)) {
      short1.attachLegacy(at(Mode.MULTI));
    }
    assertEquals(5, connectIn(child));
  }

  @Test
  void detachingDoes() throws Exception {
    var attachment = one.attachLegacy(at(Mode.MULTI));
    assertEquals(new LegacyAttachment(one, at(Mode.MULTI)), attachment);
    new LegacyAttachment(one, at(Mode.MULTI)).detach();
    assertEquals(0, connectIn(child));
    var e = assertThrows(KernelErrorException.class, attachment::detach);
    assertEquals("ENOENT", e.errnoName());
    assertTrue(e.getMessage().endsWith("it is not attached there, or by a link"), e.getMessage());
  }

  @Test
  void aProgramThatOverridesTakesThePlaceOfTheOneAbove() throws Exception {
    one.attachLegacy(at(Mode.OVERRIDE));
    assertEquals(1, connectIn(child));
    two.attachLegacy(new LegacyPoint.Cgroup(child, Mode.OVERRIDE));
    assertEquals(2, connectIn(child));
    assertEquals(1, connectIn(cgroup.path()));
  }

  @Test
  void theProgramOfAnotherIsNotDetachedInItsPlace() throws Exception {
    one.attachLegacy(at(Mode.EXCLUSIVE));
    var e =
        assertThrows(
            KernelErrorException.class,
            () -> new LegacyAttachment(two, at(Mode.EXCLUSIVE)).detach());
    assertEquals("ENOENT", e.errnoName());
    assertEquals(1, connectIn(child));
  }

  @Test
  void replacingKeepsThePlace() throws Exception {
    try (var three = appending(3)) {
      var first = one.attachLegacy(at(Mode.MULTI));
      two.attachLegacy(at(Mode.MULTI));
      var now = first.replace(three);
      assertEquals(32, connectIn(child));
      assertEquals(three, now.program());
      assertThrows(KernelErrorException.class, () -> first.replace(three));
    }
  }

  @Test
  void modesExcludeEachOtherAndTheBlockerIsNamed() {
    for (var there : Mode.values()) {
      var attachment = one.attachLegacy(at(there));
      for (var wanted : Mode.values()) {
        if (wanted == there) {
          continue;
        }
        var e = assertThrows(KernelErrorException.class, () -> two.attachLegacy(at(wanted)));
        assertEquals("EPERM", e.errnoName());
        assertTrue(
            e.getMessage()
                .contains(": program %d (p1) is attached to %s with".formatted(one.id(), cgroup)),
            e.getMessage());
      }
      attachment.detach();
    }
  }

  @Test
  void anExclusiveProgramBlocksWhatIsBelow() {
    one.attachLegacy(at(Mode.EXCLUSIVE));
    for (var mode : Mode.values()) {
      var below = new LegacyPoint.Cgroup(child, mode);
      var e = assertThrows(KernelErrorException.class, () -> two.attachLegacy(below));
      assertTrue(e.getMessage().contains("tolerates no other below"), e.getMessage());
    }
  }

  @Test
  void aProgramThatIsAttachedAlreadyIsRefused() {
    one.attachLegacy(at(Mode.MULTI));
    var e = assertThrows(KernelErrorException.class, () -> one.attachLegacy(at(Mode.MULTI)));
    assertEquals("EINVAL", e.errnoName());
    assertTrue(e.getMessage().endsWith("the program is attached there already"), e.getMessage());
  }
}
