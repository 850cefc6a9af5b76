package io.github.purebpf.bpf;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.btf.BtfBuilder;
import io.github.purebpf.btf.BtfType;
import io.github.purebpf.insn.Exit;
import io.github.purebpf.insn.Kfunc;
import io.github.purebpf.insn.KfuncCall;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KfuncsTest {
  private final FakeKernel kernel = new FakeKernel();

  private static BpfCode calling(String... names) {
    return BpfCode.build(
        b -> {
          for (var name : names) {
            b.with(new KfuncCall(new Kfunc.Named(name)));
          }
          b.exit();
        });
  }

  private static Path vmlinux(Path folder) throws IOException {
    var types = new BtfBuilder();
    int proto = types.add(new BtfType.FuncProto(0, List.of()));
    types.add(new BtfType.Struct("lock", 0, List.of()));
    types.add(new BtfType.Func("lock", proto, BtfType.Linkage.STATIC));
    types.add(new BtfType.Func("unlock", proto, BtfType.Linkage.STATIC));
    return Files.write(folder.resolve("vmlinux"), types.build(ByteOrder.LITTLE_ENDIAN));
  }

  @Test
  void namesBecomeTheIdsOfFunctions(@TempDir Path folder) throws IOException {
    var bound = Kfuncs.bind(kernel, calling("unlock", "lock"), "p", vmlinux(folder));
    assertEquals(
        List.of(
            new KfuncCall(new Kfunc.ById(4, 0)), new KfuncCall(new Kfunc.ById(3, 0)), new Exit()),
        bound.code().insns());
    assertTrue(bound.code().sourceLine(0).isPresent());
  }

  @Test
  void whatIsNotThereIsNamed(@TempDir Path folder) throws IOException {
    kernel.answer = (_, _) -> -Errno.ENOENT;
    var vmlinux = vmlinux(folder);
    var e =
        assertThrows(
            KernelErrorException.class, () -> Kfuncs.bind(kernel, calling("seal"), "p", vmlinux));
    assertEquals("ENOENT", e.errnoName());
    assertTrue(
        e.getMessage().startsWith("program p calls seal, which neither " + vmlinux), e.toString());
  }

  @Test
  void aKernelWithoutBtfIsNamed(@TempDir Path folder) {
    var e =
        assertThrows(
            KernelErrorException.class,
            () -> Kfuncs.bind(kernel, calling("lock"), "p", folder.resolve("none")));
    assertTrue(e.getMessage().contains("CONFIG_DEBUG_INFO_BTF"), e.getMessage());
    assertTrue(e.getCause() instanceof IOException);
  }

  @Test
  void aProgramWithoutNamesReadsNothing() {
    var code = calling();
    assertEquals(code, Kfuncs.bind(kernel, code, "p").code());
    assertTrue(code.kfuncs().isEmpty());
  }
}
