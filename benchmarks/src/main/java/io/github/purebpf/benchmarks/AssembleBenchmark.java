package io.github.purebpf.benchmarks;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.asm.SourceLines;
import io.github.purebpf.btf.ProgramBtf;
import java.nio.ByteOrder;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Building and encoding programs: the connect4 program of 13 slots, and one of 4,096. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class AssembleBenchmark {
  private final BpfCode connect4 = Programs.connect4(SourceLines.CAPTURED);
  private final byte[] large = Programs.large().encode(ByteOrder.LITTLE_ENDIAN);

  /** With the Java line of each instruction, as by default. */
  @Benchmark
  public byte[] connect4() {
    return Programs.connect4(SourceLines.CAPTURED).bind(_ -> 3).encode(ByteOrder.LITTLE_ENDIAN);
  }

  /** Without source lines. */
  @Benchmark
  public byte[] connect4WithoutLines() {
    return Programs.connect4(SourceLines.OMITTED).bind(_ -> 3).encode(ByteOrder.LITTLE_ENDIAN);
  }

  /** The BTF and the line records that a load passes to the kernel, of a program with lines. */
  @Benchmark
  public int connect4SourceInfo() {
    var source = ProgramBtf.of(connect4, "connect4");
    return source.types().build(ByteOrder.LITTLE_ENDIAN).length
        + source.lineInfo(ByteOrder.LITTLE_ENDIAN).length;
  }

  /** 4,096 instructions, without source lines. */
  @Benchmark
  public byte[] build4096WithoutLines() {
    return Programs.large().encode(ByteOrder.LITTLE_ENDIAN);
  }

  /** From bytes to instructions. */
  @Benchmark
  public BpfCode decode4096() {
    return BpfCode.decode(large, ByteOrder.LITTLE_ENDIAN);
  }
}
