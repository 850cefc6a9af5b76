package io.github.purebpf.bpf.features;

import io.github.purebpf.bpf.features.Feature.Kind;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.uapi.AttachType;
import io.github.purebpf.uapi.Helper;
import io.github.purebpf.uapi.LinkType;
import io.github.purebpf.uapi.MapType;
import io.github.purebpf.uapi.ProgramType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Puts everything together.
 *
 * @param root the directory below which {@code /proc} and {@code /sys} are
 */
record Reporter(Kernel kernel, Prober prober, Path root) {

  Report report(boolean withHelpers) {
    var facts = new Facts(root);
    return new Report(
        KernelRelease.read(root),
        facts.machine(),
        facts.jit(),
        facts.security(kernel),
        facts.mounts(),
        features(),
        withHelpers ? helpers() : List.of());
  }

  private List<Feature> features() {
    var found = new ArrayList<Feature>();
    for (var type : ProgramType.values()) {
      found.add(new Feature(Kind.PROGRAM_TYPE, type.kernelName(), type.since(), prober.of(type)));
    }
    for (var type : MapType.values()) {
      found.add(new Feature(Kind.MAP_TYPE, type.kernelName(), type.since(), prober.of(type)));
    }
    for (var type : AttachType.values()) {
      found.add(new Feature(Kind.ATTACH_TYPE, type.kernelName(), type.since(), prober.of(type)));
    }
    for (var type : LinkType.values()) {
      found.add(new Feature(Kind.LINK_TYPE, type.kernelName(), type.since(), prober.of(type)));
    }
    for (var other : KernelFeature.values()) {
      found.add(new Feature(other.kind(), other.kernelName(), other.since(), prober.of(other)));
    }
    return found;
  }

  private List<Report.Helpers> helpers() {
    return Stream.of(ProgramType.values()).map(this::helpers).toList();
  }

  private Report.Helpers helpers(ProgramType type) {
    var callable = EnumSet.noneOf(Helper.class);
    var available = prober.of(type);
    if (!available.isAvailable()) {
      return new Report.Helpers(type, callable, Optional.of(available));
    }
    for (var helper : Helper.values()) {
      if (prober.of(helper, type).isAvailable()) {
        callable.add(helper);
      }
    }
    return new Report.Helpers(type, callable, Optional.empty());
  }
}
