package io.github.purebpf.benchmarks;

import io.github.purebpf.asm.SourceLines;
import io.github.purebpf.bpf.BpfMap;
import io.github.purebpf.bpf.BpfProgram;
import io.github.purebpf.bpf.Codec;
import io.github.purebpf.bpf.MapSpec;
import io.github.purebpf.bpf.ProgramSpec;
import java.nio.file.Path;
import java.util.Optional;

/** Loading a program that is built before, and attaching it to a cgroup; both are undone. */
final class OwnLoads implements OwnCases {
  private final Path cgroup;

  OwnLoads(Path cgroup) {
    this.cgroup = cgroup;
  }

  @Override
  public Optional<Measurement> run(String name, int operations) {
    if (!name.equals("load-attach")) {
      return Optional.empty();
    }
    var spec =
        ProgramSpec.connect4("connect4", Programs.connect4(SourceLines.OMITTED))
            .withLicense("GPL")
            .withoutSourceInfo();
    var watch = new Stopwatch();
    try (var services =
        BpfMap.create(MapSpec.hash(Programs.SERVICES, Codec.u32(), Codec.u32(), 1024))) {
      watch.start();
      for (int i = 0; i < operations; i++) {
        try (var program = BpfProgram.load(spec, services);
            var _ = program.attachToCgroup(cgroup)) {
          // Both are closed here.
        }
      }
      watch.stop();
    }
    return Optional.of(watch.measured(operations, "-"));
  }

  @Override
  public void close() {}
}
