package io.github.purebpf.bpf;

import static io.github.purebpf.insn.Reg.R0;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.bpf.internal.sys.Attr;
import io.github.purebpf.bpf.internal.sys.BpfAttr;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.testkit.Await;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import io.github.purebpf.testkit.ScratchCgroup;
import io.github.purebpf.uapi.AttachType;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@RequiresKernel
@NoLeakedFds
class CgroupLinkIT {
  /** Refuses every connect, so that an attachment shows. */
  private static final BpfCode REFUSE = BpfCode.build(b -> b.mov(R0, 0).exit());

  private ScratchCgroup cgroup;
  private BpfProgram refuse;
  private BpfProgram pass;

  @BeforeEach
  void open() throws IOException {
    cgroup = ScratchCgroup.create();
    refuse = BpfProgram.load(ProgramSpec.connect4("refuse", REFUSE));
    pass = BpfProgram.load(ProgramSpec.connect4("pass", Fixtures.PASS));
  }

  @AfterEach
  void close() throws IOException {
    refuse.close();
    pass.close();
    cgroup.close();
  }

  /** What a process in the cgroup gets that connects to a port where nobody listens. */
  private String connect() throws Exception {
    var process =
        cgroup.exec(List.of("bash", "-c", "LC_ALL=C; exec 3<>/dev/tcp/127.77.0.1/9 2>&1"));
    var error = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return error.contains("not permitted") ? "EPERM" : error.contains("refused") ? "passed" : error;
  }

  @Test
  void aLinkAttachesUntilItIsClosed() throws Exception {
    assertEquals("passed", connect());
    try (var link = refuse.attachToCgroup(cgroup.path())) {
      assertEquals("EPERM", connect());
      assertEquals(refuse.id(), link.programId());
      long inode = (Long) Files.getAttribute(cgroup.path(), "unix:ino");
      assertEquals(OptionalLong.of(inode), link.cgroupId());
    }
    assertEquals("passed", connect());
  }

  @Test
  void anUpdateReplacesTheProgram() throws Exception {
    try (var link = refuse.attachToCgroup(cgroup.path())) {
      link.update(pass);
      assertEquals(pass.id(), link.programId());
      assertEquals("passed", connect());
    }
  }

  @Test
  void anUpdateForAnotherHookIsExplained() {
    try (var link = pass.attachToCgroup(cgroup.path());
        var other = BpfProgram.load(ProgramSpec.connect6("six", Fixtures.PASS))) {
      var e = assertThrows(IllegalArgumentException.class, () -> link.update(other));
      assertEquals(
          "program six was loaded for BPF_CGROUP_INET6_CONNECT, and the link of program pass to "
              + cgroup.path()
              + " is for BPF_CGROUP_INET4_CONNECT",
          e.getMessage());
    }
  }

  @Test
  void aDetachedLinkStaysWithoutEffect() throws Exception {
    try (var link = refuse.attachToCgroup(cgroup.path())) {
      link.detach();
      link.detach();
      assertEquals("passed", connect());
      assertEquals(OptionalLong.empty(), link.cgroupId());
      var e = assertThrows(KernelErrorException.class, () -> link.update(pass));
      assertEquals("ENOLINK", e.errnoName());
    }
  }

  @Test
  void aRemovedCgroupLeavesTheLinkWithoutEffect() throws Exception {
    var child = cgroup.child("gone");
    try (var link = pass.attachToCgroup(child)) {
      Files.delete(child);
      Await.until("the cgroup to go", () -> link.cgroupId().isEmpty());
      var e = assertThrows(KernelErrorException.class, () -> link.update(refuse));
      assertEquals("ENOLINK", e.errnoName());
      assertTrue(
          e.getMessage().contains("its cgroup, interface or namespace was removed"),
          e.getMessage());
    }
  }

  @Test
  void manyProgramsShareACgroup() {
    try (var one = pass.attachToCgroup(cgroup.path());
        var two = refuse.attachToCgroup(cgroup.path())) {
      assertTrue(one.id() != two.id());
    }
  }

  @Test
  void belowAProgramThatToleratesNoOtherTheRefusalNamesIt() throws IOException {
    var child = cgroup.child("child");
    attachAlone(cgroup.path());
    for (var path : List.of(child, cgroup.path())) {
      var e = assertThrows(KernelErrorException.class, () -> pass.attachToCgroup(path));
      assertEquals("EPERM", e.errnoName());
      String below = path.equals(child) ? " below" : "";
      assertTrue(
          e.getMessage()
              .endsWith(
                  "program %d (refuse) is attached to %s without BPF_F_ALLOW_MULTI and tolerates no other%s"
                          .formatted(refuse.id(), cgroup.path(), below)
                      + "; detach it first"),
          e.getMessage());
    }
  }

  /** BPF_PROG_ATTACH with flags 0, as old loaders do; it ends with the cgroup. */
  private void attachAlone(Path path) {
    var kernel = Kernel.running();
    int directory = kernel.open(path);
    try (var arena = Arena.ofConfined()) {
      var attr =
          BpfAttr.allocate(arena, Attr.ProgAttach.REPLACE_BPF_FD)
              .u32(Attr.ProgAttach.TARGET_FD, directory)
              .u32(Attr.ProgAttach.ATTACH_TYPE, AttachType.CGROUP_INET4_CONNECT.value());
      assertEquals(0, refuse.call(Cmd.PROG_ATTACH, attr, Attr.ProgAttach.ATTACH_BPF_FD));
    } finally {
      kernel.close(directory);
    }
  }

  @Test
  void cgroup2IsFoundAndVersion1IsToldApart() {
    assertTrue(Cgroup2.mounts().contains(Cgroup2.mount()));
    assertEquals(cgroup.path(), Cgroup2.require(cgroup.path()).path());
    var e = assertThrows(NotCgroup2Exception.class, () -> pass.attachToCgroup(Path.of("/proc")));
    assertTrue(e.getMessage().contains("cgroup2 is mounted at " + Cgroup2.mount()));
  }
}
