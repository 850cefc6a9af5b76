package io.github.purebpf.bpf.features;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.bpf.error.Capability;
import io.github.purebpf.bpf.features.Report.Lockdown;
import io.github.purebpf.bpf.internal.sys.Privileges;
import io.github.purebpf.insn.KernelVersion;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FactsTest {
  @TempDir private Path root;
  private final ScriptedKernel kernel = new ScriptedKernel();
  private Facts facts;

  @BeforeEach
  void aMachine() throws IOException {
    write("proc/self/mountinfo", "");
    facts = new Facts(root);
  }

  private void write(String path, String text) throws IOException {
    var file = root.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  @Test
  void whatCannotBeReadIsNotKnown() {
    var jit = facts.jit();
    assertEquals(OptionalInt.empty(), jit.enable());
    assertEquals(OptionalLong.empty(), jit.limit());
    var security = facts.security(kernel.kernel());
    assertEquals(Optional.empty(), security.lockdown());
    assertEquals(Optional.empty(), security.lsms());
    assertEquals(OptionalInt.empty(), security.unprivilegedBpfDisabled());
    assertEquals(OptionalInt.empty(), facts.machine().possibleCpus());
    assertEquals(OptionalInt.empty(), facts.machine().pageSize());
    assertEquals(List.of(), facts.mounts().bpffs());
  }

  @Test
  void theSettingsOfTheCompilerAreSysctls() throws IOException {
    write("proc/sys/net/core/bpf_jit_enable", "1\n");
    write("proc/sys/net/core/bpf_jit_harden", "2\n");
    write("proc/sys/net/core/bpf_jit_limit", "528482304\n");
    var jit = facts.jit();
    assertEquals(OptionalInt.of(1), jit.enable());
    assertEquals(OptionalInt.of(2), jit.harden());
    assertEquals(OptionalInt.empty(), jit.kallsyms());
    assertEquals(OptionalLong.of(528482304), jit.limit());
  }

  @Test
  void securityfsIsFoundWhereItIsMounted() throws IOException {
    write(
        "proc/self/mountinfo",
        """
        30 20 0:7 / /elsewhere/security rw - securityfs securityfs rw
        31 20 0:8 / /sys/fs/bpf rw,nosuid shared:9 - bpf bpf rw,mode=700
        """);
    write("elsewhere/security/lockdown", "none [integrity] confidentiality\n");
    write("elsewhere/security/lsm", "lockdown,capability,yama,bpf");
    var security = facts.security(kernel.kernel());
    assertEquals(Optional.of(Lockdown.INTEGRITY), security.lockdown());
    assertEquals(Optional.of(List.of("lockdown", "capability", "yama", "bpf")), security.lsms());
    assertEquals(List.of(Path.of("/sys/fs/bpf")), facts.mounts().bpffs());
  }

  @Test
  void capabilitiesAreNamedOnlyIfTheyAreThereThemselves() {
    kernel.privileges = new Privileges(1L << 21 | 1L << 12, false, true, 2);
    var security = facts.security(kernel.kernel());
    assertEquals(
        Set.of(Capability.CAP_SYS_ADMIN, Capability.CAP_NET_ADMIN), security.capabilities());
    assertEquals(false, security.initialUserNamespace());
    assertTrue(security.seccomp());
  }

  @Test
  void theLimitOfLockedMemoryMattersBeforeLinux511() throws IOException {
    write(
        "proc/self/limits",
        """
        Limit                     Soft Limit           Hard Limit           Units
        Max processes             95931                95931                processes
        Max locked memory         65536                65536                bytes
        """);
    kernel.release = new KernelVersion(5, 10);
    var old = facts.security(kernel.kernel());
    assertEquals(OptionalLong.of(65536), old.memlock());
    assertTrue(old.memlockMatters());
    write("proc/self/limits", "Max locked memory         unlimited            unlimited   bytes\n");
    kernel.release = new KernelVersion(5, 11);
    var recent = facts.security(kernel.kernel());
    assertEquals(OptionalLong.empty(), recent.memlock());
    assertEquals(false, recent.memlockMatters());
  }

  @Test
  void possibleCpusAreCountedInRanges() throws IOException {
    write("sys/devices/system/cpu/possible", "0,2-5\n");
    assertEquals(OptionalInt.of(5), facts.machine().possibleCpus());
  }

  @Test
  void theSizeOfAPageIsInTheAuxiliaryVector() throws IOException {
    var vector = ByteBuffer.allocate(48).order(ByteOrder.nativeOrder());
    vector.putLong(33).putLong(0x7fff00000000L).putLong(6).putLong(65536).putLong(0).putLong(0);
    Files.createDirectories(root.resolve("proc/self"));
    Files.write(root.resolve("proc/self/auxv"), vector.array());
    assertEquals(OptionalInt.of(65536), facts.machine().pageSize());
  }
}
