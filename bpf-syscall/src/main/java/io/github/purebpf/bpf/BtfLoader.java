package io.github.purebpf.bpf;

import io.github.purebpf.bpf.internal.sys.Attr;
import io.github.purebpf.bpf.internal.sys.BpfAttr;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Fd;
import io.github.purebpf.bpf.internal.sys.Kernel;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Gives the kernel BTF, for a program or a map to refer to. */
final class BtfLoader {
  private static final int LOG = 64 * 1024;
  private static final int WITH_TOKEN = Attr.BtfLoad.BTF_TOKEN_FD + Integer.BYTES;

  private BtfLoader() {}

  /** Loads BTF ({@code BPF_BTF_LOAD}, Linux 4.18): a descriptor or a negated errno. */
  static int load(Kernel kernel, byte[] btf) {
    return load(kernel, btf, 0);
  }

  /**
   * The same with delegated privileges.
   *
   * @param token the descriptor of a token; 0 for none
   */
  static int load(Kernel kernel, byte[] btf, int token) {
    try (var arena = Arena.ofConfined()) {
      var attr = attr(arena, btf, Attr.BtfLoad.BTF_LOG_LEVEL, token);
      return Fd.offStandardStreams(kernel, kernel.bpf(Cmd.BTF_LOAD, attr));
    }
  }

  /** What the kernel says against BTF that it has refused, in one line. */
  static String complaint(Kernel kernel, byte[] btf, int token) {
    try (var arena = Arena.ofConfined()) {
      var log = arena.allocate(LOG);
      var attr =
          attr(arena, btf, Attr.BtfLoad.BTF_LOG_LEVEL + Integer.BYTES, token)
              .pointer(Attr.BtfLoad.BTF_LOG_BUF, log)
              .u32(Attr.BtfLoad.BTF_LOG_SIZE, LOG)
              .u32(Attr.BtfLoad.BTF_LOG_LEVEL, 1);
      int result = kernel.bpf(Cmd.BTF_LOAD, attr);
      if (result >= 0) {
        kernel.close(result);
      }
      // The complaint is the last line, behind the types that were in order.
      return VerifierLog.of(log)
          .text()
          .lines()
          .filter(line -> !line.isBlank())
          .reduce((first, second) -> second)
          .map(line -> "the kernel says " + line.strip())
          .orElse("the kernel does not say why");
    }
  }

  private static BpfAttr attr(Arena arena, byte[] btf, int size, int token) {
    MemorySegment bytes = arena.allocate(btf.length, 8);
    MemorySegment.copy(btf, 0, bytes, ValueLayout.JAVA_BYTE, 0, btf.length);
    var attr =
        BpfAttr.allocate(arena, token == 0 ? size : WITH_TOKEN)
            .pointer(Attr.BtfLoad.BTF, bytes)
            .u32(Attr.BtfLoad.BTF_SIZE, btf.length);
    if (token != 0) {
      attr.u32(Attr.BtfLoad.BTF_FLAGS, BpfToken.FLAG).u32(Attr.BtfLoad.BTF_TOKEN_FD, token);
    }
    return attr;
  }
}
