package io.github.purebpf.bpf.features;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.bpf.error.Capability;
import io.github.purebpf.bpf.internal.sys.Attr;
import io.github.purebpf.bpf.internal.sys.BpfAttr;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.bpf.internal.sys.Privileges;
import io.github.purebpf.insn.KernelVersion;
import io.github.purebpf.uapi.AttachType;
import io.github.purebpf.uapi.Helper;
import io.github.purebpf.uapi.LinkType;
import io.github.purebpf.uapi.MapType;
import io.github.purebpf.uapi.ProgramType;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProberTest {
  private static final String BUILT_WITHOUT = "missing: this kernel is built without it (%s)";

  @TempDir private Path root;
  private final ScriptedKernel kernel = new ScriptedKernel();
  private Prober prober;

  @BeforeEach
  void aMachine() throws IOException {
    Files.createDirectories(root.resolve("proc/sys/kernel"));
    Files.writeString(root.resolve("proc/sys/kernel/osrelease"), "6.18.3-1-generic\n");
    prober = new Prober(kernel.kernel(), root);
  }

  @AfterEach
  void nothingStaysOpen() {
    assertEquals(Set.of(), kernel.open);
  }

  private void answer(int result) {
    kernel.answer = (_, _) -> result;
  }

  @Test
  void whatWorksIsAvailableAndAskedForOnce() {
    assertTrue(prober.of(MapType.HASH).isAvailable());
    assertTrue(prober.of(MapType.HASH).isAvailable());
    assertEquals(List.of(Cmd.MAP_CREATE), kernel.calls);
  }

  @Test
  void whatTheKernelDoesNotKnowIsMissingAndAskedForOnce() {
    answer(-Errno.EINVAL);
    assertEquals(BUILT_WITHOUT.formatted("EINVAL"), prober.of(MapType.ARENA).toString());
    answer(7);
    assertEquals(BUILT_WITHOUT.formatted("EINVAL"), prober.of(MapType.ARENA).toString());
    assertEquals(1, kernel.calls.size());
  }

  @Test
  void anOldKernelIsNamedAsTheReason() {
    kernel.release = new KernelVersion(5, 15);
    answer(-Errno.E2BIG);
    assertEquals("missing: needs Linux 6.9", prober.of(MapType.ARENA).toString());
  }

  @Test
  void aMissingPrivilegeIsNamedAndNeverKept() {
    kernel.privileges = new Privileges(1L << 39, true, false, 2);
    answer(-Errno.EPERM);
    var forbidden = assertInstanceOf(Outcome.Forbidden.class, prober.of(ProgramType.XDP));
    assertEquals(Set.of(Capability.CAP_BPF, Capability.CAP_NET_ADMIN), forbidden.needs());
    assertEquals(
        "needs CAP_NET_ADMIN and CAP_BPF; this thread lacks CAP_NET_ADMIN", forbidden.reason());
    kernel.privileges = ScriptedKernel.ROOT;
    kernel.answer = (_, _) -> kernel.newFd();
    assertTrue(prober.of(ProgramType.XDP).isAvailable());
  }

  @Test
  void aRefusalInSpiteOfTheCapabilitiesIsThePolicyOfTheKernel() {
    answer(-Errno.EPERM);
    assertEquals(
        new Outcome.Forbidden(
            Set.of(), "refused by this kernel's policy, EPERM although the capabilities are there"),
        prober.of(ProgramType.XDP));
    kernel.privileges = new Privileges(-1L, true, true, 2);
    assertTrue(prober.of(ProgramType.XDP).toString().endsWith("; a seccomp filter is installed"));
  }

  @Test
  void beforeLinux511TheLimitOfLockedMemoryIsAReasonAsWell() {
    kernel.release = new KernelVersion(5, 4);
    answer(-Errno.EPERM);
    assertTrue(prober.of(MapType.HASH).toString().contains("LimitMEMLOCK=infinity"));
    answer(-Errno.ENOMEM);
    var unknown = assertInstanceOf(Outcome.Unknown.class, prober.of(MapType.HASH));
    assertTrue(unknown.reason().startsWith("ENOMEM: RLIMIT_MEMLOCK may be too low"));
    kernel.release = new KernelVersion(5, 11);
    assertEquals(new Outcome.Unknown("ENOMEM"), prober.of(MapType.HASH));
  }

  @Test
  void aFailureThatSaysNothingIsUnknownAndTriedAgain() {
    answer(-Errno.EMFILE);
    assertEquals(new Outcome.Unknown("EMFILE"), prober.of(MapType.HASH));
    kernel.answer = (_, _) -> kernel.newFd();
    assertTrue(prober.of(MapType.HASH).isAvailable());
  }

  @Test
  void aSignalIsNoAnswer() {
    kernel.answer = (_, _) -> kernel.calls.size() < 5 ? -Errno.EAGAIN : kernel.newFd();
    assertTrue(prober.of(ProgramType.XDP).isAvailable());
    assertEquals(5, kernel.calls.size());
  }

  private int verdict(BpfAttr attr, int errno, String words) {
    long log = attr.bytes().get(ValueLayout.JAVA_LONG, Attr.ProgLoad.LOG_BUF);
    if (log != 0) {
      memory(log, words.length() + 1L).setString(0, words);
    }
    return -errno;
  }

  @SuppressWarnings("restricted") // as the kernel itself, it gets plain addresses
  private static MemorySegment memory(long address, long size) {
    return MemorySegment.ofAddress(address).reinterpret(size);
  }

  @Test
  void evenAVerdictAgainstTheProgramShowsThatItsTypeIsThere() {
    kernel.answer = (_, attr) -> verdict(attr, Errno.EINVAL, "R0 has value (0x0) should be 1");
    assertTrue(prober.of(ProgramType.CGROUP_DEVICE).isAvailable());
  }

  @Test
  void aHelperIsMissingOnlyIfTheVerifierSaysSo() {
    kernel.answer =
        (_, attr) ->
            verdict(
                attr,
                Errno.EINVAL,
                """
                0: R1=ctx() R10=fp0
                0: (85) call bpf_bind#64
                program of this type cannot use helper bpf_bind#64
                """);
    assertEquals(
        "missing: program of this type cannot use helper bpf_bind#64",
        prober.of(Helper.BIND, ProgramType.XDP).toString());
    kernel.answer = (_, attr) -> verdict(attr, Errno.EACCES, "R2 !read_ok\n");
    assertTrue(prober.of(Helper.MAP_LOOKUP_ELEM, ProgramType.XDP).isAvailable());
    answer(-Errno.EINVAL);
    assertEquals(
        BUILT_WITHOUT.formatted("EINVAL"),
        prober.of(Helper.BIND, ProgramType.LIRC_MODE2).toString());
  }

  @Test
  void anAttachmentThatLooksForItsPlaceIsThere() {
    kernel.answer = (command, _) -> command == Cmd.PROG_LOAD ? kernel.newFd() : -Errno.EBADF;
    assertTrue(prober.of(AttachType.CGROUP_INET4_CONNECT).isAvailable());
    assertTrue(prober.of(LinkType.CGROUP).isAvailable());
    kernel.answer = (command, _) -> command == Cmd.PROG_LOAD ? kernel.newFd() : -Errno.EINVAL;
    assertEquals(BUILT_WITHOUT.formatted("EINVAL"), prober.of(AttachType.NETKIT_PEER).toString());
  }

  @Test
  void withoutTheKernelsTypesNothingIsSaidAboutWhatNeedsThem() {
    var unknown = assertInstanceOf(Outcome.Unknown.class, prober.of(AttachType.TRACE_FENTRY));
    assertTrue(unknown.reason().contains("CONFIG_DEBUG_INFO_BTF"), unknown.reason());
    assertTrue(kernel.calls.isEmpty());
  }

  @Test
  void aSourceOfEventsIsMissingOnlyWhereSysfsIs() throws IOException {
    assertInstanceOf(Outcome.Unknown.class, prober.of(KernelFeature.KPROBES));
    var sources = root.resolve("sys/bus/event_source/devices");
    Files.createDirectories(sources.resolve("uprobe"));
    assertInstanceOf(Outcome.Missing.class, prober.of(KernelFeature.KPROBES));
    assertTrue(prober.of(KernelFeature.UPROBES).isAvailable());
  }

  /** No probe may succeed in attaching: the place is always one that cannot be. */
  @Test
  void noAttachmentIsEverAskedForThatCouldComeAbout() {
    kernel.answer =
        (command, attr) -> {
          switch (command) {
            case PROG_ATTACH -> assertEquals(-1, attr.u32(Attr.ProgAttach.TARGET_FD));
            case LINK_CREATE -> {
              int target = attr.u32(Attr.LinkCreate.TARGET_FD);
              boolean loopback = target == 1 && attr.u32(Attr.LinkCreate.FLAGS) == 1 << 3;
              boolean argument = attr.u32(Attr.LinkCreate.ITER_INFO) != 0;
              boolean multi = attr.bytes().get(ValueLayout.JAVA_LONG, 24) != 0;
              int type = attr.u32(Attr.LinkCreate.ATTACH_TYPE);
              boolean struct =
                  type == AttachType.STRUCT_OPS.value() && attr.u32(Attr.LinkCreate.MAP_FD) == -1;
              assertTrue(
                  target == -1
                      || target == Integer.MAX_VALUE
                      || loopback
                      || argument
                      || multi
                      || struct,
                  () -> "attach type " + type);
            }
            default -> {}
          }
          return switch (command) {
            case MAP_CREATE, PROG_LOAD, BTF_LOAD, LINK_CREATE -> kernel.newFd();
            default -> 0;
          };
        };
    for (var type : AttachType.values()) {
      prober.of(type);
    }
    for (var type : LinkType.values()) {
      prober.of(type);
    }
    var _ = prober.of(KernelFeature.CGROUP_ORDER);
  }
}
