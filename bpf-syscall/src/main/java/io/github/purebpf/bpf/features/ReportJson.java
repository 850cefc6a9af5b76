package io.github.purebpf.bpf.features;

import io.github.purebpf.bpf.Cgroup2Mount;
import io.github.purebpf.bpf.error.Capability;
import io.github.purebpf.uapi.Helper;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** A report as JSON. Keys stay; a new one may come with a release. */
final class ReportJson {
  /** Rises when a key goes or changes its meaning. */
  private static final int FORMAT = 1;

  private ReportJson() {}

  static String of(Report report) {
    var json = new LinkedHashMap<String, Object>();
    json.put("format", FORMAT);
    json.put("kernel", kernel(report.kernel()));
    json.put("machine", machine(report.machine()));
    json.put("jit", jit(report.jit()));
    json.put("security", security(report.security()));
    json.put("mounts", mounts(report.mounts()));
    json.put("features", report.features().stream().map(ReportJson::feature).toList());
    if (!report.helpers().isEmpty()) {
      json.put("helpers", report.helpers().stream().map(ReportJson::helpers).toList());
    }
    return Json.write(json);
  }

  private static Map<String, Object> kernel(KernelRelease kernel) {
    var json = new LinkedHashMap<String, Object>();
    json.put("release", kernel.release());
    json.put("version", kernel.version().toString());
    json.put("upstream", kernel.upstream().orElse(null));
    return json;
  }

  private static Map<String, Object> machine(Report.Machine machine) {
    var json = new LinkedHashMap<String, Object>();
    json.put("architecture", machine.architecture());
    json.put("page_size", orNull(machine.pageSize()));
    json.put("possible_cpus", orNull(machine.possibleCpus()));
    return json;
  }

  private static Map<String, Object> jit(Report.Jit jit) {
    var json = new LinkedHashMap<String, Object>();
    json.put("enable", orNull(jit.enable()));
    json.put("harden", orNull(jit.harden()));
    json.put("kallsyms", orNull(jit.kallsyms()));
    json.put("limit", orNull(jit.limit()));
    return json;
  }

  private static Map<String, Object> security(Report.Security security) {
    var json = new LinkedHashMap<String, Object>();
    json.put("capabilities", names(security.capabilities()));
    json.put("initial_user_namespace", security.initialUserNamespace());
    json.put("seccomp", security.seccomp());
    json.put("unprivileged_bpf_disabled", orNull(security.unprivilegedBpfDisabled()));
    json.put("lockdown", security.lockdown().map(ReportJson::lower).orElse(null));
    json.put("lsms", security.lsms().orElse(null));
    json.put("memlock", orNull(security.memlock()));
    json.put("memlock_matters", security.memlockMatters());
    return json;
  }

  private static String lower(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  private static Map<String, Object> mounts(Report.Mounts mounts) {
    var json = new LinkedHashMap<String, Object>();
    json.put("bpffs", paths(mounts.bpffs()));
    json.put("cgroup2", mounts.cgroup2().stream().map(ReportJson::cgroup2).toList());
    json.put("tracefs", paths(mounts.tracefs()));
    return json;
  }

  private static Map<String, Object> cgroup2(Cgroup2Mount mount) {
    var json = new LinkedHashMap<String, Object>();
    json.put("path", mount.path().toString());
    json.put("root", mount.root().toString());
    json.put("scope", lower(mount.scope()));
    return json;
  }

  private static List<String> paths(List<Path> paths) {
    return paths.stream().map(Path::toString).toList();
  }

  private static Map<String, Object> feature(Feature feature) {
    var json = new LinkedHashMap<String, Object>();
    json.put("kind", lower(feature.kind()));
    json.put("name", feature.name());
    json.put("since", feature.since().toString());
    outcome(feature.outcome(), json);
    return json;
  }

  private static void outcome(Outcome outcome, Map<String, Object> json) {
    switch (outcome) {
      case Outcome.Available() -> json.put("outcome", "available");
      case Outcome.Missing(String reason) -> {
        json.put("outcome", "missing");
        json.put("reason", reason);
      }
      case Outcome.Forbidden(var needs, String reason) -> {
        json.put("outcome", "forbidden");
        json.put("needs", names(needs));
        json.put("reason", reason);
      }
      case Outcome.Unknown(String reason) -> {
        json.put("outcome", "unknown");
        json.put("reason", reason);
      }
    }
  }

  private static Map<String, Object> helpers(Report.Helpers helpers) {
    var json = new LinkedHashMap<String, Object>();
    json.put("program_type", helpers.type().kernelName());
    helpers.untold().ifPresent(outcome -> outcome(outcome, json));
    if (helpers.untold().isEmpty()) {
      json.put("callable", helpers.callable().stream().map(Helper::kernelName).toList());
    }
    return json;
  }

  private static List<String> names(Collection<Capability> capabilities) {
    return capabilities.stream().map(Capability::name).toList();
  }

  private static Integer orNull(OptionalInt value) {
    return value.isPresent() ? value.getAsInt() : null;
  }

  private static Long orNull(OptionalLong value) {
    return value.isPresent() ? value.getAsLong() : null;
  }
}
