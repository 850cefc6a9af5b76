package io.github.purebpf.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.bpf.error.UnsupportedKernelException;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.insn.KernelVersion;
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

/** In which order the programs of a cgroup run; each appends its digit. */
@RequiresKernel
@NoLeakedFds
class CgroupOrderIT {
  private static final KernelVersion ORDER = new KernelVersion(6, 17);

  private final Traces traces = new Traces();
  private final BpfProgram one = appending(1);
  private final BpfProgram two = appending(2);
  private final BpfProgram three = appending(3);
  private ScratchCgroup cgroup;

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
  }

  @AfterEach
  void close() throws IOException {
    cgroup.close();
    one.close();
    two.close();
    three.close();
    traces.close();
  }

  private AttachPoint.Cgroup at(AttachOrder order) {
    return new AttachPoint.Cgroup(cgroup.path(), order);
  }

  /** The digits of the programs that one connect ran, in their order. */
  private long connect() throws Exception {
    return connectIn(cgroup.path());
  }

  private long connectIn(Path path) throws Exception {
    var process =
        cgroup.execIn(path, List.of("bash", "-c", "exec 2>/dev/null 3<>/dev/tcp/127.77.0.1/9"));
    process.waitFor();
    return traces.take();
  }

  /** Where the kernel has no order, the answer is ours and the rest of the test has no object. */
  private boolean refusedByAnOldKernel() {
    if (Kernel.running().release().compareTo(ORDER) >= 0) {
      return false;
    }
    var e =
        assertThrows(
            UnsupportedKernelException.class, () -> one.attach(at(AttachOrder.FIRST)).close());
    assertEquals(ORDER, e.since());
    return true;
  }

  @Test
  void withoutAnOrderTheLastOneAttachedRunsLast() throws Exception {
    try (var _ = one.attachToCgroup(cgroup.path());
        var _ = two.attach(at(AttachOrder.LAST))) {
      assertEquals(12, connect());
    }
  }

  @Test
  void firstBeforeAndAfterAreObeyed() throws Exception {
    if (refusedByAnOldKernel()) {
      return;
    }
    try (var first = one.attachToCgroup(cgroup.path());
        var _ = two.attach(at(AttachOrder.FIRST))) {
      assertEquals(21, connect());
      try (var _ = three.attach(at(AttachOrder.before(first)))) {
        assertEquals(231, connect());
      }
      try (var _ = three.attach(at(AttachOrder.after(first)))) {
        assertEquals(213, connect());
      }
    }
  }

  @Test
  void aProgramWithoutALinkIsANeighbourOfItsLike() throws Exception {
    if (refusedByAnOldKernel()) {
      return;
    }
    one.attachLegacy(new LegacyPoint.Cgroup(cgroup.path(), LegacyPoint.Mode.MULTI));
    two.attachLegacy(legacy(AttachOrder.FIRST));
    assertEquals(21, connect());
    three.attachLegacy(legacy(AttachOrder.before(one)));
    assertEquals(231, connect());
    try (var four = appending(4)) {
      var e =
          assertThrows(KernelErrorException.class, () -> four.attach(at(AttachOrder.before(one))));
      assertEquals("EINVAL", e.errnoName());
      assertTrue(e.getMessage().contains("a link can be put next to a link only"), e.getMessage());
    }
  }

  private LegacyPoint.Cgroup legacy(AttachOrder order) {
    return new LegacyPoint.Cgroup(cgroup.path(), LegacyPoint.Mode.MULTI, order);
  }

  @Test
  void aRevisionThatIsOverIsRefused() throws Exception {
    if (refusedByAnOldKernel()) {
      return;
    }
    long before = two.revisionAt(at(AttachOrder.LAST));
    try (var _ = one.attachToCgroup(cgroup.path())) {
      assertTrue(two.revisionAt(at(AttachOrder.LAST)) > before);
      var stale = at(AttachOrder.LAST.atRevision(before));
      var e = assertThrows(KernelErrorException.class, () -> two.attach(stale));
      assertEquals("ESTALE", e.errnoName());
      assertTrue(e.getMessage().contains("since that revision"), e.getMessage());
      long now = two.revisionAt(at(AttachOrder.LAST));
      try (var _ = two.attach(at(AttachOrder.FIRST.atRevision(now)))) {
        assertEquals(21, connect());
      }
    }
  }

  @Test
  void aNeighbourThatIsElsewhereIsRefused() throws IOException {
    if (refusedByAnOldKernel()) {
      return;
    }
    var child = cgroup.child("child");
    try (var elsewhere = three.attachToCgroup(child)) {
      var order = AttachOrder.after(elsewhere);
      assertRefusedNeighbour(assertThrows(KernelErrorException.class, () -> one.attach(at(order))));
    }
    assertRefusedNeighbour(
        assertThrows(
            KernelErrorException.class, () -> one.attachLegacy(legacy(AttachOrder.before(three)))));
  }

  private static void assertRefusedNeighbour(KernelErrorException e) {
    assertEquals("ENOENT", e.errnoName());
    assertTrue(
        e.getMessage().endsWith("the neighbour is not attached there for BPF_CGROUP_INET4_CONNECT"),
        e.getMessage());
  }

  @Test
  void programsOfTheParentRunLastUnlessTheyAreToRunFirst() throws Exception {
    var child = cgroup.child("child");
    try (var _ = one.attachToCgroup(cgroup.path());
        var _ = two.attachToCgroup(child)) {
      assertEquals(21, connectIn(child));
      try (var _ = three.attach(new AttachPoint.Cgroup(cgroup.path(), AttachOrder.LAST, true))) {
        assertEquals(321, connectIn(child));
      }
    }
  }
}
