package io.github.purebpf.benchmarks;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.text.AsmText;
import io.github.purebpf.text.Dialect;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Printing and parsing a program of 4,096 instructions, in both dialects. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class TextBenchmark {
  /** The dialect of both. */
  @Param public Dialect dialect;

  private BpfCode code;
  private String text;

  /** The program and its text. */
  @Setup
  public void prepare() {
    code = Programs.large();
    text = AsmText.print(code, dialect);
  }

  /** From instructions to text. */
  @Benchmark
  public String print4096() {
    return AsmText.print(code, dialect);
  }

  /** From text to instructions. */
  @Benchmark
  public BpfCode parse4096() {
    return AsmText.parse(text, "benchmark", dialect);
  }
}
