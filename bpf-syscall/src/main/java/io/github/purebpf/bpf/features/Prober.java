package io.github.purebpf.bpf.features;

import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.uapi.AttachType;
import io.github.purebpf.uapi.Helper;
import io.github.purebpf.uapi.LinkType;
import io.github.purebpf.uapi.MapType;
import io.github.purebpf.uapi.ProgramType;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/** Tries the features of one kernel, and keeps what cannot change while it runs. */
final class Prober {
  /** What a program of a type may call. */
  private record Call(Helper helper, ProgramType type) {}

  private final ProgramProbes programs;
  private final MapProbes maps;
  private final AttachProbes attachments;
  private final FeatureProbes others;
  private final Map<Object, Outcome> conclusive = new ConcurrentHashMap<>();

  /**
   * One for a kernel.
   *
   * @param root the directory below which {@code /sys} and {@code /proc} are
   */
  Prober(Kernel kernel, Path root) {
    var trial = new Trial(kernel, KernelRelease.read(root).versionCode());
    programs = new ProgramProbes(trial, root.resolve("sys/kernel/btf/vmlinux"));
    maps = new MapProbes(trial);
    attachments = new AttachProbes(trial, programs, maps);
    others = new FeatureProbes(trial, programs, maps, root);
  }

  Outcome of(ProgramType type) {
    return cached(type, () -> programs.probe(type));
  }

  Outcome of(MapType type) {
    return cached(type, () -> maps.probe(type));
  }

  Outcome of(AttachType type) {
    return cached(type, () -> attachments.probe(type));
  }

  Outcome of(LinkType type) {
    return cached(type, () -> attachments.probe(type));
  }

  Outcome of(KernelFeature feature) {
    return cached(feature, () -> others.probe(feature));
  }

  Outcome of(Helper helper, ProgramType type) {
    return cached(new Call(helper, type), () -> programs.probe(helper, type));
  }

  private Outcome cached(Object feature, Supplier<Outcome> probe) {
    var known = conclusive.get(feature);
    if (known != null) {
      return known;
    }
    var outcome = probe.get();
    if (outcome.isConclusive()) {
      conclusive.put(feature, outcome);
    }
    return outcome;
  }
}
