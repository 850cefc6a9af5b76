package io.github.purebpf.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.bpf.error.Capability;
import io.github.purebpf.bpf.error.MissingPrivilegeException;
import io.github.purebpf.bpf.error.UnsupportedKernelException;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.bpf.internal.sys.Privileges;
import io.github.purebpf.insn.KernelVersion;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RunStatisticsTest {
  private final FakeKernel kernel = new FakeKernel();

  @Test
  void theyAreOnWhileTheDescriptorIsOpen() {
    kernel.answer = (_, _) -> kernel.newFd();
    var statistics = RunStatistics.enable(kernel);
    assertEquals(Cmd.ENABLE_STATS, kernel.calls.getFirst().command());
    assertEquals(4, kernel.calls.getFirst().attr().capacity());
    assertEquals(1, kernel.open.size());
    statistics.close();
    statistics.close();
    assertTrue(kernel.open.isEmpty());
  }

  @Test
  void theyNeedAPrivilegeAndAKernel() {
    kernel.privileges = new Privileges(0, true, false, 2);
    kernel.answer = (_, _) -> -Errno.EPERM;
    var refused = assertThrows(MissingPrivilegeException.class, () -> RunStatistics.enable(kernel));
    assertEquals(Set.of(Capability.CAP_SYS_ADMIN), refused.needed());
    kernel.release = new KernelVersion(5, 7);
    kernel.answer = (_, _) -> -Errno.EINVAL;
    var old = assertThrows(UnsupportedKernelException.class, () -> RunStatistics.enable(kernel));
    assertEquals(new KernelVersion(5, 8), old.since());
  }
}
