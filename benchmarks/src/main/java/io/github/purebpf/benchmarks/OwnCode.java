package io.github.purebpf.benchmarks;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.asm.SourceLines;
import io.github.purebpf.text.AsmText;
import io.github.purebpf.text.Dialect;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Programs that are built, encoded, decoded, printed and parsed, without source lines if the case
 * does not say otherwise.
 */
final class OwnCode implements OwnCases {
  /** Stands for the map's descriptor; the other peers take the same. */
  private static final int ANY_FD = 3;

  @Override
  public Optional<Measurement> run(String name, int operations) {
    int dash = name.indexOf('-');
    if (dash < 0) {
      return Optional.empty();
    }
    Supplier<BpfCode> make;
    switch (name.substring(dash + 1)) {
      case "connect4" -> make = () -> Programs.connect4(SourceLines.OMITTED);
      case "connect4-lines" -> make = () -> Programs.connect4(SourceLines.CAPTURED);
      case "4096" -> make = Programs::large;
      default -> {
        return Optional.empty();
      }
    }
    return switch (name.substring(0, dash)) {
      case "build" -> Optional.of(build(make, operations));
      case "decode" -> Optional.of(decode(make.get(), operations));
      case "print" -> Optional.of(print(make.get(), operations));
      case "parse" -> Optional.of(parse(make.get(), operations));
      default -> Optional.empty();
    };
  }

  private static byte[] encode(BpfCode code) {
    return code.bind(_ -> ANY_FD).encode(ByteOrder.LITTLE_ENDIAN);
  }

  private static Measurement build(Supplier<BpfCode> make, int operations) {
    byte[] bytes = {};
    var watch = new Stopwatch();
    watch.start();
    for (int i = 0; i < operations; i++) {
      bytes = encode(make.get());
    }
    watch.stop();
    return watch.measured(operations, sum(bytes));
  }

  private static Measurement decode(BpfCode code, int operations) {
    byte[] bytes = encode(code);
    BpfCode decoded = code;
    var watch = new Stopwatch();
    watch.start();
    for (int i = 0; i < operations; i++) {
      decoded = BpfCode.decode(bytes, ByteOrder.LITTLE_ENDIAN);
    }
    watch.stop();
    return watch.measured(operations, sum(decoded.encode(ByteOrder.LITTLE_ENDIAN)));
  }

  private static Measurement print(BpfCode code, int operations) {
    int length = 0;
    var watch = new Stopwatch();
    watch.start();
    for (int i = 0; i < operations; i++) {
      length = AsmText.print(code, Dialect.LLVM).length();
    }
    watch.stop();
    if (length < code.slots()) {
      throw new IllegalStateException("only " + length + " characters");
    }
    return watch.measured(operations, "-");
  }

  private static Measurement parse(BpfCode code, int operations) {
    String text = AsmText.print(code, Dialect.LLVM);
    BpfCode parsed = code;
    var watch = new Stopwatch();
    watch.start();
    for (int i = 0; i < operations; i++) {
      parsed = AsmText.parse(text, "benchmark", Dialect.LLVM);
    }
    watch.stop();
    if (parsed.slots() != code.slots()) {
      throw new IllegalStateException(parsed.slots() + " slots");
    }
    return watch.measured(operations, "-");
  }

  /** FNV-1a in 64 bits, unsigned. */
  private static String sum(byte[] bytes) {
    long hash = 0xcbf29ce484222325L;
    for (byte b : bytes) {
      hash = (hash ^ Byte.toUnsignedLong(b)) * 0x100000001b3L;
    }
    return Long.toUnsignedString(hash);
  }

  @Override
  public void close() {}
}
