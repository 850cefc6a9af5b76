package io.github.purebpf.bpf;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.bpf.internal.failure.Failure;
import io.github.purebpf.bpf.internal.sys.Attr;
import io.github.purebpf.bpf.internal.sys.BpfAttr;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.bpf.internal.sys.Fd;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.btf.ProgramBtf;
import io.github.purebpf.insn.Alu;
import io.github.purebpf.insn.AluOp;
import io.github.purebpf.insn.Exit;
import io.github.purebpf.insn.Imm;
import io.github.purebpf.insn.Reg;
import io.github.purebpf.insn.Width;
import io.github.purebpf.uapi.ProgramType;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;

/** A program's functions and source lines: its BTF in the kernel, and the records of the load. */
final class SourceInfo implements AutoCloseable {
  private final Fd btf;
  private final ProgramBtf source;

  private SourceInfo(Fd btf, ProgramBtf source) {
    this.btf = btf;
    this.source = source;
  }

  /**
   * Loads a program's BTF.
   *
   * @param token the descriptor of a token to load it with; 0 for none
   * @return null if this kernel takes none (before Linux 5.0), or none from this process, which
   *     then may be allowed to load the program nevertheless
   * @throws KernelErrorException if it takes BTF, but not this one
   */
  static SourceInfo load(Kernel kernel, ProgramSpec spec, int token) {
    var source = ProgramBtf.of(spec.code(), spec.name());
    byte[] bytes = source.types().build(ByteOrder.nativeOrder());
    int result = BtfLoader.load(kernel, bytes, token);
    if (result >= 0) {
      return new SourceInfo(new Fd(kernel, result, "BTF of program " + spec.name()), source);
    }
    boolean refused = result == -Errno.EINVAL || result == -Errno.E2BIG;
    if (result == -Errno.EPERM || (refused && !isSupported(kernel))) {
      return null;
    }
    throw Failure.of(kernel, Cmd.BTF_LOAD, "program " + spec.name())
        .hint(
            -result,
            () ->
                BtfLoader.complaint(kernel, bytes, token)
                    + "; the spec's withoutSourceInfo() avoids it")
        .exception(result);
  }

  /**
   * Whether this kernel takes source info: tried with a program of two instructions, so that a
   * refusal can mean nothing else.
   */
  static boolean isSupported(Kernel kernel) {
    var code = BpfCode.of(List.of(new Alu(Width.W64, AluOp.MOV, Reg.R0, new Imm(0)), new Exit()));
    var probe = new ProgramSpec("probe", ProgramType.SOCKET_FILTER, Optional.empty(), code, "", 0);
    var source = ProgramBtf.of(code, probe.name());
    int btf = BtfLoader.load(kernel, source.types().build(ByteOrder.nativeOrder()));
    if (btf < 0) {
      return false;
    }
    try (var info = new SourceInfo(new Fd(kernel, btf, "BTF of a probe"), source)) {
      // One that cannot be loaded either way says nothing about the info.
      return loads(kernel, probe, info) || !loads(kernel, probe, null);
    }
  }

  private static boolean loads(Kernel kernel, ProgramSpec probe, SourceInfo info) {
    int fd =
        new ProgramLoader(
                kernel,
                probe,
                LoadOptions.DEFAULT,
                new Kfuncs(probe.code(), List.of()),
                BoundTarget.NONE)
            .tryLoad(info);
    if (fd >= 0) {
      kernel.close(fd);
    }
    return fd >= 0;
  }

  /** Puts it into the attr of {@code BPF_PROG_LOAD}. */
  void describe(BpfAttr attr, Arena arena) {
    // Only this thread knows the descriptor, and closes it after the load.
    attr.u32(Attr.ProgLoad.PROG_BTF_FD, btf.acquire());
    btf.release();
    attr.u32(Attr.ProgLoad.FUNC_INFO_REC_SIZE, ProgramBtf.FuncInfo.SIZE)
        .pointer(
            Attr.ProgLoad.FUNC_INFO,
            arena.allocateFrom(ValueLayout.JAVA_BYTE, source.funcInfo(ByteOrder.nativeOrder())))
        .u32(Attr.ProgLoad.FUNC_INFO_CNT, source.functions().size());
    if (!source.lines().isEmpty()) {
      attr.u32(Attr.ProgLoad.LINE_INFO_REC_SIZE, ProgramBtf.LineInfo.SIZE)
          .pointer(
              Attr.ProgLoad.LINE_INFO,
              arena.allocateFrom(ValueLayout.JAVA_BYTE, source.lineInfo(ByteOrder.nativeOrder())))
          .u32(Attr.ProgLoad.LINE_INFO_CNT, source.lines().size());
    }
  }

  @Override
  public void close() {
    btf.close();
  }
}
