package io.github.purebpf.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.bpf.error.UnsupportedKernelException;
import io.github.purebpf.bpf.internal.sys.Attr;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.bpf.internal.sys.Privileges;
import io.github.purebpf.insn.KernelVersion;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.uapi.MapFlags;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BpfTokenTest {
  @TempDir private Path mount;

  private final FakeKernel kernel = new FakeKernel();

  @BeforeEach
  void mountBpfFs() {
    kernel.fileSystem = FakeKernel.BPF_FS;
    kernel.takesBtf = true;
    // The capabilities of a user namespace.
    kernel.privileges = new Privileges(-1, false, false, 2);
  }

  @Test
  void itIsMadeFromTheDirectoryAndClosedOnce() {
    var token = BpfToken.create(kernel, mount);
    var call = kernel.calls(Cmd.TOKEN_CREATE).getFirst();
    assertEquals(8, call.attr().capacity());
    assertEquals(0, call.u32(Attr.TokenCreate.FLAGS));
    assertEquals(3, call.u32(Attr.TokenCreate.BPFFS_FD));
    assertEquals("BPF token of " + mount + " (fd 4)", token.toString());
    assertEquals(1, kernel.open.size()); // the directory is closed
    token.close();
    token.close();
    assertTrue(kernel.open.isEmpty());
  }

  @Test
  void aMapAndItsTypesAreMadeWithIt() {
    try (var token = BpfToken.create(kernel, mount)) {
      BpfMap.create(kernel, Fixtures.SERVICES_SPEC, MapOption.token(token));
    }
    var btf = kernel.calls(Cmd.BTF_LOAD).getFirst();
    assertEquals(40, btf.attr().capacity());
    assertEquals(MapFlags.TOKEN_FD, btf.u32(Attr.BtfLoad.BTF_FLAGS));
    assertEquals(4, btf.u32(Attr.BtfLoad.BTF_TOKEN_FD));
    var map = kernel.calls(Cmd.MAP_CREATE).getFirst();
    assertEquals(80, map.attr().capacity());
    assertEquals(MapFlags.TOKEN_FD, map.u32(Attr.MapCreate.MAP_FLAGS));
    assertEquals(4, map.u32(Attr.MapCreate.MAP_TOKEN_FD));
  }

  @Test
  void itGoesWithOtherOptionsAndOtherKindsOfMaps() {
    try (var token = BpfToken.create(kernel, mount)) {
      RingBuffer.create(
          kernel, new MapRef("ring"), 4096, MapOption.token(token), MapOption.numaNode(1));
      PerfEventArray.create(kernel, new MapRef("perf"), MapOption.token(token));
    }
    for (var map : kernel.calls(Cmd.MAP_CREATE)) {
      assertEquals(4, map.u32(Attr.MapCreate.MAP_TOKEN_FD));
    }
    var ring = kernel.calls(Cmd.MAP_CREATE).getFirst();
    assertEquals(MapFlags.TOKEN_FD | MapFlags.NUMA_NODE, ring.u32(Attr.MapCreate.MAP_FLAGS));
    assertEquals(1, ring.u32(Attr.MapCreate.NUMA_NODE));
  }

  @Test
  void aProgramAndItsTypesAreLoadedWithIt() {
    var spec = ProgramSpec.connect4("pass", Fixtures.PASS);
    try (var token = BpfToken.create(kernel, mount)) {
      BpfProgram.load(kernel, spec, LoadOptions.DEFAULT.withToken(token));
    }
    assertEquals(4, kernel.calls(Cmd.BTF_LOAD).getFirst().u32(Attr.BtfLoad.BTF_TOKEN_FD));
    var load = kernel.calls(Cmd.PROG_LOAD).getFirst();
    assertEquals(148, load.attr().capacity());
    assertEquals(MapFlags.TOKEN_FD, load.u32(Attr.ProgLoad.PROG_FLAGS));
    assertEquals(4, load.u32(Attr.ProgLoad.PROG_TOKEN_FD));
  }

  @Test
  void withoutOneNothingOfItIsInTheAttr() {
    BpfMap.create(kernel, Fixtures.SERVICES_SPEC);
    BpfProgram.load(kernel, ProgramSpec.connect4("pass", Fixtures.PASS));
    assertEquals(24, kernel.calls(Cmd.BTF_LOAD).getFirst().attr().capacity());
    assertEquals(60, kernel.calls(Cmd.MAP_CREATE).getFirst().attr().capacity());
    assertEquals(144, kernel.calls(Cmd.PROG_LOAD).getFirst().attr().capacity());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          95 | EOPNOTSUPP (95): this process is in the initial user namespace
          1  | EPERM (1): the file system was made for another user namespace, or CAP_BPF is
          2  | ENOENT (2): the file system delegates nothing; mount it with delegate_cmds
          22 | EINVAL (22): it is not the root of its file system
          """)
  void aRefusalSaysWhatIsWrong(int errno, String words) {
    kernel.answer = (_, _) -> -errno;
    var e = assertThrows(KernelErrorException.class, () -> BpfToken.create(kernel, mount));
    assertTrue(
        e.getMessage().startsWith("BPF_TOKEN_CREATE of " + mount + " failed with " + words),
        e.getMessage());
    assertTrue(kernel.open.isEmpty());
  }

  @Test
  void anOldKernelHasNone() {
    kernel.release = new KernelVersion(6, 8);
    kernel.answer = (_, _) -> -Errno.EINVAL;
    var e = assertThrows(UnsupportedKernelException.class, () -> BpfToken.create(kernel, mount));
    assertEquals(new KernelVersion(6, 9), e.since());
  }

  @Test
  void whatItDoesNotAllowIsNoMissingCapability() {
    try (var token = BpfToken.create(kernel, mount)) {
      kernel.answer = (_, _) -> -Errno.EPERM;
      var map =
          assertThrows(
              KernelErrorException.class,
              () -> BpfMap.create(kernel, Fixtures.SERVICES_SPEC, MapOption.token(token)));
      assertEquals(
          "BPF_MAP_CREATE of map services failed with EPERM (1): the token does not allow it: look"
              + " at delegate_cmds and delegate_maps of its file system (mount -t bpf), and at the"
              + " capabilities in this user namespace",
          map.getMessage());
      var options = LoadOptions.DEFAULT.withToken(token);
      var spec = ProgramSpec.connect4("pass", Fixtures.PASS);
      var program =
          assertThrows(KernelErrorException.class, () -> BpfProgram.load(kernel, spec, options));
      assertTrue(
          program.getMessage().contains("delegate_cmds, delegate_progs and delegate_attachs"),
          program.getMessage());
    }
  }

  @Test
  void aClosedOneIsRefused() {
    var token = BpfToken.create(kernel, mount);
    token.close();
    var e =
        assertThrows(
            IllegalStateException.class,
            () -> BpfMap.create(kernel, Fixtures.SERVICES_SPEC, MapOption.token(token)));
    assertEquals("BPF token of " + mount + " is closed", e.getMessage());
  }
}
