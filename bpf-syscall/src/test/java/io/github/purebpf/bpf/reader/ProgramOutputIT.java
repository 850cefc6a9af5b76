package io.github.purebpf.bpf.reader;

import static io.github.purebpf.insn.Reg.R1;
import static io.github.purebpf.insn.Reg.R10;
import static io.github.purebpf.insn.Reg.R2;
import static io.github.purebpf.insn.Reg.R3;
import static io.github.purebpf.insn.Reg.R4;
import static io.github.purebpf.insn.Reg.R5;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.purebpf.bpf.BpfMap;
import io.github.purebpf.bpf.BpfProgram;
import io.github.purebpf.bpf.Codec;
import io.github.purebpf.bpf.KernelMap;
import io.github.purebpf.bpf.MapSpec;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import io.github.purebpf.uapi.MapFlags;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@RequiresKernel
@NoLeakedFds
class ProgramOutputIT {
  private static final MapRef FORMAT = new MapRef("format");
  private static final int BPF_STDOUT = 1;
  private static final int BPF_STDERR = 2;

  /** The format must be in memory that nobody can change. */
  private static BpfMap<Integer, byte[]> format() {
    var map =
        BpfMap.create(MapSpec.array(FORMAT, Codec.bytes(16), 1).withFlags(MapFlags.RDONLY_PROG));
    map.put(0, Arrays.copyOf("café %d\n".getBytes(StandardCharsets.UTF_8), 16));
    map.freeze();
    return map;
  }

  /** Returns what the kernel function does. */
  private static BpfProgram printing(int stream, KernelMap format) {
    return TestRun.syscall(
        b ->
            b.stdw(R10.at(-8), 42)
                .mov(R1, stream)
                .addressOfGlobal(R2, FORMAT, 0)
                .mov(R3, R10)
                .add(R3, -8)
                .mov(R4, 8)
                .mov(R5, 0)
                .callKfunc("bpf_stream_vprintk_impl")
                .exit(),
        format);
  }

  /** Some kernels have no memory for it: they tell the program, and there is nothing to read. */
  @ParameterizedTest
  @ValueSource(ints = {BPF_STDOUT, BPF_STDERR})
  void whatAProgramPrintsIsReadOnce(int stream) {
    try (var format = format();
        var program = printing(stream, format)) {
      var output = ProgramOutput.of(program);
      assertEquals("", output.stdout() + output.stderr());
      int first = TestRun.run(program, MemorySegment.NULL);
      int second = TestRun.run(program, MemorySegment.NULL);
      assertEquals(first, second);
      var expected = first == -Errno.ENOMEM ? "" : "café 42\ncafé 42\n";
      assertEquals(stream == BPF_STDOUT ? expected : "", output.stdout());
      assertEquals(stream == BPF_STDERR ? expected : "", output.stderr());
      assertEquals("", output.stdout() + output.stderr());
    }
  }

  @Test
  void thatOfAClosedProgramIsRefused() {
    var program = TestRun.syscall(b -> b.returning(0));
    var output = ProgramOutput.of(program);
    program.close();
    assertThrows(IllegalStateException.class, output::stdout);
  }
}
