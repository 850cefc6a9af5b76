package io.github.purebpf.benchmarks;

import static io.github.purebpf.insn.Reg.FP;
import static io.github.purebpf.insn.Reg.R0;
import static io.github.purebpf.insn.Reg.R1;
import static io.github.purebpf.insn.Reg.R2;
import static io.github.purebpf.insn.Reg.R6;
import static io.github.purebpf.uapi.BpfSockAddr.USER_IP4;
import static io.github.purebpf.uapi.Helper.MAP_LOOKUP_ELEM;

import io.github.purebpf.asm.BpfBuilder;
import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.asm.SourceLines;
import io.github.purebpf.btf.ProgramBtf;
import io.github.purebpf.insn.MapRef;
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
  private static final MapRef SERVICES = new MapRef("services");

  private final BpfCode connect4 = connect4Code(SourceLines.CAPTURED);
  private final byte[] large = large().encode(ByteOrder.LITTLE_ENDIAN);

  /** With the Java line of each instruction, as by default. */
  @Benchmark
  public byte[] connect4() {
    return connect4Code(SourceLines.CAPTURED).bind(_ -> 3).encode(ByteOrder.LITTLE_ENDIAN);
  }

  /** Without source lines. */
  @Benchmark
  public byte[] connect4WithoutLines() {
    return connect4Code(SourceLines.OMITTED).bind(_ -> 3).encode(ByteOrder.LITTLE_ENDIAN);
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
    return large().encode(ByteOrder.LITTLE_ENDIAN);
  }

  /** From bytes to instructions. */
  @Benchmark
  public BpfCode decode4096() {
    return BpfCode.decode(large, ByteOrder.LITTLE_ENDIAN);
  }

  private static BpfCode connect4Code(SourceLines lines) {
    return BpfCode.build(
        lines,
        b -> {
          var pass = b.newLabel();
          b.mov(R6, R1)
              .ldxw(R2, R6.at(USER_IP4))
              .stxw(FP.at(-4), R2)
              .mov(R2, FP)
              .add(R2, -4)
              .lddw(R1, SERVICES)
              .call(MAP_LOOKUP_ELEM)
              .jeq(R0, 0, pass)
              .ldxw(R1, R0.at(0))
              .stxw(R6.at(USER_IP4), R1)
              .labelBinding(pass)
              .mov(R0, 1)
              .exit();
        });
  }

  /** Blocks of eight instructions of different shapes, with a branch over part of each. */
  static BpfCode large() {
    return BpfCode.build(
        SourceLines.OMITTED,
        b -> {
          for (int i = 0; i < 511; i++) {
            block(b, i);
          }
          for (int i = 0; i < 6; i++) {
            b.mov(R2, i);
          }
          b.mov(R0, 0).exit();
        });
  }

  private static void block(BpfBuilder b, int i) {
    var skip = b.newLabel();
    b.mov(R2, i)
        .add32(R2, 7)
        .stxdw(FP.at(-8), R2)
        .jsgt(R2, i, skip)
        .ldxdw(R1, FP.at(-8))
        .be16(R1)
        .atomicAddDw(FP.at(-8), R1)
        .labelBinding(skip)
        .xor(R2, R1);
  }
}
