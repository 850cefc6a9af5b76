package io.github.purebpf.bpf.reader;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import io.github.purebpf.bpf.BpfProgram;
import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.bpf.error.UnsupportedKernelException;
import io.github.purebpf.bpf.internal.failure.Failure;
import io.github.purebpf.bpf.internal.sys.Attr;
import io.github.purebpf.bpf.internal.sys.BpfAttr;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.bpf.internal.sys.Kernel;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/**
 * The two streams that each program has ({@code BPF_PROG_STREAM_READ_BY_FD}, Linux 6.17): what it
 * prints with the kernel function {@code bpf_stream_vprintk}, and what the kernel says about it,
 * such as that a loop took too long or an arena was accessed where it has no page.
 *
 * <p>A stream keeps up to 100,000 bytes until they are read; what does not fit is refused to the
 * program. What was read is gone for every reader of the program. There is no way to wait for more.
 */
public final class ProgramOutput {
  private static final int BPF_STDOUT = 1;
  private static final int BPF_STDERR = 2;
  private static final int CHUNK = 1 << 12;

  private final Kernel kernel;
  private final BpfProgram program;

  private ProgramOutput(Kernel kernel, BpfProgram program) {
    this.kernel = kernel;
    this.program = Objects.requireNonNull(program, "program");
  }

  /** That of a program, which stays the caller's to close. */
  public static ProgramOutput of(BpfProgram program) {
    return of(Kernel.running(), program);
  }

  static ProgramOutput of(Kernel kernel, BpfProgram program) {
    return new ProgramOutput(kernel, program);
  }

  /**
   * Takes what the program has printed since it was read last ({@code BPF_STDOUT}).
   *
   * @throws UnsupportedKernelException before Linux 6.17
   * @throws KernelErrorException if it cannot be read
   * @throws IllegalStateException if the program is closed
   */
  public String stdout() {
    return read(BPF_STDOUT);
  }

  /**
   * Takes what the program and the kernel have complained of since it was read last ({@code
   * BPF_STDERR}).
   *
   * @throws UnsupportedKernelException before Linux 6.17
   * @throws KernelErrorException if it cannot be read
   * @throws IllegalStateException if the program is closed
   */
  public String stderr() {
    return read(BPF_STDERR);
  }

  private String read(int stream) {
    var text = new ByteArrayOutputStream();
    try (var arena = Arena.ofConfined()) {
      var chunk = arena.allocate(CHUNK);
      var attr =
          BpfAttr.allocate(arena, Attr.ProgStreamRead.SIZE)
              .pointer(Attr.ProgStreamRead.STREAM_BUF, chunk)
              .u32(Attr.ProgStreamRead.STREAM_BUF_LEN, CHUNK)
              .u32(Attr.ProgStreamRead.STREAM_ID, stream);
      int result;
      do {
        result =
            program.withFd(
                fd ->
                    kernel.bpf(
                        Cmd.PROG_STREAM_READ_BY_FD, attr.u32(Attr.ProgStreamRead.PROG_FD, fd)));
        if (result < 0 && result != -Errno.EINTR) {
          throw Failure.of(kernel, Cmd.PROG_STREAM_READ_BY_FD, "a stream of " + program)
              .exception(result);
        }
        if (result > 0) {
          text.writeBytes(chunk.asSlice(0, result).toArray(JAVA_BYTE));
        }
      } while (result != 0);
    }
    return text.toString(StandardCharsets.UTF_8);
  }
}
