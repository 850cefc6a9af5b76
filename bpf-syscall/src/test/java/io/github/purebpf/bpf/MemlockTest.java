package io.github.purebpf.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.purebpf.bpf.error.Capability;
import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.bpf.error.MissingPrivilegeException;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.bpf.internal.sys.Privileges;
import io.github.purebpf.insn.KernelVersion;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MemlockTest {
  private static final String WORDS =
      " failed with EPERM (1): the capabilities are there; before Linux 5.11 maps and programs"
          + " count against RLIMIT_MEMLOCK, here 65536 bytes: Memlock.raise() lifts it, as do"
          + " ulimit -l unlimited and LimitMEMLOCK=infinity";

  private final FakeKernel kernel = new FakeKernel();

  private void refuse(KernelVersion release, long memlock) {
    kernel.release = release;
    kernel.memlock = memlock;
    kernel.answer = (_, _) -> -Errno.EPERM;
  }

  private KernelErrorException creating() {
    return assertThrows(
        KernelErrorException.class, () -> BpfMap.create(kernel, Fixtures.SERVICES_SPEC));
  }

  @Test
  void anOldKernelThatRefusesAMapOrAProgramHasTheLimitForAReason() {
    refuse(new KernelVersion(5, 4), 65536);
    assertEquals("BPF_MAP_CREATE of map services" + WORDS, creating().getMessage());
    var spec = ProgramSpec.connect4("pass", Fixtures.PASS);
    var e = assertThrows(KernelErrorException.class, () -> BpfProgram.load(kernel, spec));
    assertEquals("BPF_PROG_LOAD of program pass" + WORDS, e.getMessage());
  }

  @Test
  void aLimitThatIsNoneOrDoesNotCountIsNoReason() {
    refuse(new KernelVersion(5, 4), FakeKernel.NO_LIMIT);
    assertFalse(creating().getMessage().contains("MEMLOCK"), creating()::getMessage);
    refuse(new KernelVersion(5, 11), 65536);
    assertFalse(creating().getMessage().contains("MEMLOCK"), creating()::getMessage);
  }

  @Test
  void aMissingCapabilityComesFirst() {
    refuse(new KernelVersion(5, 10), 65536);
    kernel.privileges = new Privileges(0, true, false, 2);
    var e =
        assertThrows(
            MissingPrivilegeException.class, () -> BpfMap.create(kernel, Fixtures.SERVICES_SPEC));
    assertEquals(Set.of(Capability.CAP_BPF), e.needed());
  }

  @Test
  void onlyTheExplicitCallLiftsTheLimit() {
    kernel.release = new KernelVersion(5, 4);
    kernel.memlock = 65536;
    BpfMap.create(kernel, Fixtures.SERVICES_SPEC).close();
    assertEquals(OptionalLong.of(65536), Memlock.limit(kernel));
    Memlock.raise(kernel);
    assertEquals(OptionalLong.empty(), Memlock.limit(kernel));
    assertEquals(
        List.of("prlimit"),
        kernel.others.stream().filter(call -> call.startsWith("prlimit")).toList());
  }

  @Test
  void liftingItTakesACapability() {
    kernel.failMemlock = Errno.EPERM;
    // CAP_SYS_ADMIN does not stand in for it.
    kernel.privileges = new Privileges(1L << 21, true, false, 2);
    var e = assertThrows(MissingPrivilegeException.class, () -> Memlock.raise(kernel));
    assertEquals(
        "prlimit of RLIMIT_MEMLOCK needs CAP_SYS_RESOURCE; this thread lacks CAP_SYS_RESOURCE",
        e.getMessage());
  }
}
