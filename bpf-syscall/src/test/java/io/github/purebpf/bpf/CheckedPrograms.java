package io.github.purebpf.bpf;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.asm.MapShape;
import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.bpf.error.UnsupportedKernelException;
import io.github.purebpf.bpf.error.VerifierException;
import io.github.purebpf.check.CheckOptions;
import io.github.purebpf.check.CheckOptions.License;
import io.github.purebpf.check.Checker;
import io.github.purebpf.check.Finding;
import io.github.purebpf.check.Finding.Severity;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.rejected.Case;
import java.lang.foreign.MemorySegment;
import java.util.List;

/** What the verifier of this machine says about the programs that the checker is tested with. */
final class CheckedPrograms implements AutoCloseable {
  private final BpfMap<?, ?>[] maps =
      Case.MAPS.entrySet().stream()
          .map(map -> BpfMap.create(spec(map.getKey(), map.getValue())))
          .toArray(BpfMap<?, ?>[]::new);

  private static MapSpec<?, ?> spec(MapRef name, MapShape shape) {
    return new MapSpec<>(
        name,
        shape.type(),
        bytes(shape.keySize()),
        bytes(shape.valueSize()),
        shape.maxEntries(),
        shape.flags());
  }

  /** Queues and ring buffers have keys or values of no bytes, which no user of a codec has. */
  private static Codec<byte[]> bytes(int size) {
    return size > 0 ? Codec.bytes(size) : new NoBytes();
  }

  private record NoBytes() implements Codec<byte[]> {
    @Override
    public int size() {
      return 0;
    }

    @Override
    public void write(byte[] value, MemorySegment to) {
      throw new AssertionError("nothing is written");
    }

    @Override
    public byte[] read(MemorySegment from) {
      throw new AssertionError("nothing is read");
    }
  }

  /** Why the kernel rejects a program, or null if it accepts it. */
  String rejection(BpfCode code, CheckOptions options) {
    var license = options.license() == License.OTHER ? "" : "GPL";
    var spec =
        new ProgramSpec(
            "checked", options.type().orElseThrow(), options.attachType(), code, license, 0);
    try (var _ = BpfProgram.load(spec, maps)) {
      return null;
    } catch (VerifierException e) {
      return e.getMessage();
    } catch (KernelErrorException | UnsupportedKernelException e) {
      return e.getMessage(); // without a log: the attach type, or too long a program
    }
  }

  static List<Finding> errors(BpfCode code, CheckOptions options) {
    return Checker.check(code, options).stream()
        .filter(finding -> finding.severity() == Severity.ERROR)
        .toList();
  }

  @Override
  public void close() {
    for (var map : maps) {
      map.close();
    }
  }
}
