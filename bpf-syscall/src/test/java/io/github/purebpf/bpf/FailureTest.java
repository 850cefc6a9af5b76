package io.github.purebpf.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.bpf.error.BpfException;
import io.github.purebpf.bpf.error.Capability;
import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.bpf.error.MissingPrivilegeException;
import io.github.purebpf.bpf.error.UnsupportedKernelException;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.bpf.internal.sys.Privileges;
import io.github.purebpf.insn.KernelVersion;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.uapi.MapType;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FailureTest {
  private static final long CAP_BPF = 1L << 39;

  private final FakeKernel kernel = new FakeKernel();

  private void fail(Cmd failing, int errno) {
    var usual = kernel.answer;
    kernel.answer = (command, attr) -> command == failing ? -errno : usual.to(command, attr);
  }

  private BpfException creating() {
    return assertThrows(BpfException.class, () -> BpfMap.create(kernel, Fixtures.SERVICES_SPEC));
  }

  private BpfException loading() {
    return assertThrows(
        BpfException.class,
        () -> BpfProgram.load(kernel, ProgramSpec.connect4("pass", Fixtures.PASS)));
  }

  @Test
  void epermWithoutTheCapabilityIsAMissingPrivilege() {
    kernel.privileges = new Privileges(0, true, false, 2);
    fail(Cmd.MAP_CREATE, Errno.EPERM);
    var e = assertInstanceOf(MissingPrivilegeException.class, creating());
    assertEquals(Set.of(Capability.CAP_BPF), e.needed());
    assertEquals("EPERM", e.errnoName());
    assertEquals(
        "BPF_MAP_CREATE of map services needs CAP_BPF; this thread lacks CAP_BPF"
            + " (kernel.unprivileged_bpf_disabled is 2)",
        e.getMessage());
  }

  @Test
  void onlyTheCapabilitiesThatLackAreSaidToLack() {
    kernel.privileges = new Privileges(CAP_BPF, true, false, 2);
    fail(Cmd.PROG_LOAD, Errno.EPERM);
    var e = assertInstanceOf(MissingPrivilegeException.class, loading());
    assertEquals(Set.of(Capability.CAP_BPF, Capability.CAP_NET_ADMIN), e.needed());
    assertEquals(
        "BPF_PROG_LOAD of program pass needs CAP_NET_ADMIN and CAP_BPF;"
            + " this thread lacks CAP_NET_ADMIN",
        e.getMessage());
  }

  @Test
  void epermWithAllCapabilitiesIsNoMissingPrivilege() {
    fail(Cmd.MAP_CREATE, Errno.EPERM);
    var e = assertInstanceOf(KernelErrorException.class, creating());
    assertTrue(e.getMessage().contains("EPERM (1): the capabilities are there"), e.getMessage());
  }

  @Test
  void aSeccompFilterIsNamed() {
    kernel.privileges = new Privileges(-1, true, true, 2);
    fail(Cmd.MAP_CREATE, Errno.EPERM);
    assertTrue(creating().getMessage().endsWith("but a seccomp filter is installed"));
  }

  @Test
  void sysAdminStandsInForTheOthers() {
    kernel.privileges = new Privileges(1L << 21, true, false, 2);
    fail(Cmd.PROG_LOAD, Errno.EPERM);
    assertInstanceOf(KernelErrorException.class, loading());
  }

  @Test
  void capabilitiesOfAUserNamespaceDoNotCount() {
    kernel.privileges = new Privileges(-1, false, false, 2);
    fail(Cmd.MAP_CREATE, Errno.EPERM);
    var e = assertInstanceOf(MissingPrivilegeException.class, creating());
    assertTrue(e.getMessage().endsWith("those of a user namespace do not count"), e.getMessage());
  }

  @Test
  void beforeCapBpfItWasSysAdmin() {
    kernel.release = new KernelVersion(5, 7);
    kernel.privileges = new Privileges(0, true, false, 1);
    fail(Cmd.MAP_CREATE, Errno.EPERM);
    var e = assertInstanceOf(MissingPrivilegeException.class, creating());
    assertEquals(Set.of(Capability.CAP_SYS_ADMIN), e.needed());
  }

  @Test
  void oldKernelsShutOutEveryCommand() {
    kernel.privileges = new Privileges(0, true, false, 1);
    fail(Cmd.MAP_LOOKUP_ELEM, Errno.EPERM);
    var map = BpfMap.create(kernel, Fixtures.SERVICES_SPEC);
    kernel.release = new KernelVersion(5, 18);
    assertThrows(MissingPrivilegeException.class, () -> map.get(1));
    kernel.release = new KernelVersion(5, 19);
    var e = assertThrows(KernelErrorException.class, () -> map.get(1));
    assertTrue(e.getMessage().contains("it is frozen"), e.getMessage());
  }

  @Test
  void einvalBelowTheReleaseThatBroughtIsAnOldKernel(@TempDir Path cgroup) {
    kernel.release = new KernelVersion(5, 6);
    fail(Cmd.LINK_CREATE, Errno.EINVAL);
    var program = BpfProgram.load(kernel, ProgramSpec.connect4("pass", Fixtures.PASS));
    var e = assertThrows(UnsupportedKernelException.class, () -> program.attachToCgroup(cgroup));
    assertEquals("BPF_LINK_CREATE", e.feature());
    assertEquals(new KernelVersion(5, 7), e.since());
  }

  @Test
  void einvalFromThatReleaseOnIsNot(@TempDir Path cgroup) {
    kernel.release = new KernelVersion(5, 7);
    fail(Cmd.LINK_CREATE, Errno.EINVAL);
    var program = BpfProgram.load(kernel, ProgramSpec.connect4("pass", Fixtures.PASS));
    assertThrows(KernelErrorException.class, () -> program.attachToCgroup(cgroup));
  }

  @Test
  void anUnknownMapTypeIsNamed() {
    kernel.release = new KernelVersion(5, 15);
    fail(Cmd.MAP_CREATE, Errno.EINVAL);
    var spec =
        new MapSpec<>(new MapRef("bloom"), MapType.BLOOM_FILTER, Codec.u32(), Codec.u32(), 10, 0);
    var e = assertThrows(UnsupportedKernelException.class, () -> BpfMap.create(kernel, spec));
    assertEquals("BPF_MAP_TYPE_BLOOM_FILTER", e.feature());
    assertEquals(
        "BPF_MAP_CREATE of map bloom needs Linux 5.16 for BPF_MAP_TYPE_BLOOM_FILTER;"
            + " this is Linux 5.15",
        e.getMessage());
  }

  @Test
  void aFullMapIsCalledFull() {
    fail(Cmd.MAP_UPDATE_ELEM, Errno.E2BIG);
    var map = BpfMap.create(kernel, Fixtures.SERVICES_SPEC);
    var e = assertThrows(KernelErrorException.class, () -> map.put(1, 2));
    assertEquals(
        "BPF_MAP_UPDATE_ELEM of map services failed with E2BIG (7): it is full, with 16 entries",
        e.getMessage());
    assertEquals("BPF_MAP_UPDATE_ELEM", e.command());
    assertEquals(7, e.errno());
  }

  @Test
  void whatIsAbsentIsNoException() {
    var map = BpfMap.create(kernel, Fixtures.SERVICES_SPEC);
    kernel.answer = (command, attr) -> -Errno.ENOENT;
    assertTrue(map.get(1).isEmpty());
    assertEquals(false, map.remove(1));
    assertEquals(false, map.replace(1, 1));
    kernel.answer = (command, attr) -> -Errno.EEXIST;
    assertEquals(false, map.putIfAbsent(1, 1));
    assertThrows(KernelErrorException.class, () -> map.put(1, 1));
  }

  @Test
  void theErrnoThatNoLibraryKnowsHasItsName() {
    assertEquals("ENOTSUPP", Errno.name(524));
    assertEquals("EPERM", Errno.name(1));
    assertEquals("ENOLINK", Errno.name(67));
    assertEquals("EOPNOTSUPP", Errno.name(95));
    assertEquals("EHWPOISON", Errno.name(133));
    assertEquals("errno 41", Errno.name(41));
    assertEquals("errno 134", Errno.name(134));
    assertEquals("errno 0", Errno.name(0));
  }

  @Test
  void twoMapsOfOneNameAndNoMapAreRefused() {
    var one = BpfMap.create(kernel, Fixtures.SERVICES_SPEC);
    var two = BpfMap.create(kernel, Fixtures.SERVICES_SPEC);
    var spec = ProgramSpec.connect4("redirect", Fixtures.REDIRECT);
    assertEquals(
        "program redirect: two maps named services",
        assertThrows(IllegalArgumentException.class, () -> BpfProgram.load(kernel, spec, one, two))
            .getMessage());
    assertEquals(
        "program redirect refers to a map services, which is not among those given: []",
        assertThrows(IllegalArgumentException.class, () -> BpfProgram.load(kernel, spec))
            .getMessage());
    assertTrue(kernel.calls(Cmd.PROG_LOAD).isEmpty());
  }
}
