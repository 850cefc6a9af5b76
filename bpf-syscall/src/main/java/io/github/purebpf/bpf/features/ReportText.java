package io.github.purebpf.bpf.features;

import io.github.purebpf.bpf.Cgroup2Mount;
import io.github.purebpf.bpf.error.Capability;
import io.github.purebpf.bpf.features.Feature.Kind;
import io.github.purebpf.uapi.Helper;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/** A report in lines for people. */
final class ReportText {
  private static final String UNREADABLE = "unknown";
  private static final int WIDTH = 96;

  private final StringBuilder out = new StringBuilder();

  private ReportText() {}

  static String of(Report report) {
    var text = new ReportText();
    text.machine(report);
    text.security(report.security());
    text.mounts(report.mounts());
    for (var kind : Kind.values()) {
      text.features(kind, report.features(kind));
    }
    report.helpers().forEach(text::helpers);
    return text.out.toString();
  }

  private void line(String name, String value) {
    out.append("%-28s%s%n".formatted(name, value));
  }

  private void machine(Report report) {
    line("kernel", report.kernel().toString());
    line("architecture", report.machine().architecture());
    line("page size", known(report.machine().pageSize()));
    line("possible CPUs", known(report.machine().possibleCpus()));
    var jit = report.jit();
    line("net.core.bpf_jit_enable", known(jit.enable()));
    line("net.core.bpf_jit_harden", known(jit.harden()));
    line("net.core.bpf_jit_kallsyms", known(jit.kallsyms()));
    line(
        "net.core.bpf_jit_limit",
        jit.limit().isPresent() ? Long.toString(jit.limit().getAsLong()) : UNREADABLE);
  }

  private static String known(OptionalInt value) {
    return value.isPresent() ? Integer.toString(value.getAsInt()) : UNREADABLE;
  }

  private void security(Report.Security security) {
    line(
        "capabilities",
        security.capabilities().isEmpty()
            ? "none of those for BPF"
            : security.capabilities().stream()
                .map(Capability::name)
                .collect(Collectors.joining(" ")));
    line(
        "user namespace",
        security.initialUserNamespace()
            ? "the initial one"
            : "not the initial one: its capabilities do not count for BPF");
    line("seccomp filter", security.seccomp() ? "installed" : "none");
    line(
        "unprivileged_bpf_disabled",
        security.unprivilegedBpfDisabled().isPresent()
            ? known(security.unprivilegedBpfDisabled())
            : "no such switch");
    line(
        "lockdown",
        security
            .lockdown()
            .map(lockdown -> lockdown.name().toLowerCase(Locale.ROOT))
            .orElse("unknown: securityfs is not mounted, or has none"));
    line(
        "security modules",
        security
            .lsms()
            .map(names -> String.join(" ", names))
            .orElse("unknown: securityfs is not mounted"));
    line(
        "RLIMIT_MEMLOCK",
        (security.memlock().isPresent() ? security.memlock().getAsLong() + " bytes" : "unlimited")
            + (security.memlockMatters()
                ? ", which maps and programs count against"
                : ", which no longer matters for BPF"));
  }

  private void mounts(Report.Mounts mounts) {
    line("BPF file systems", where(mounts.bpffs(), "mount -t bpf bpf /sys/fs/bpf"));
    line(
        "cgroup2",
        mounts.cgroup2().isEmpty()
            ? where(List.of(), "mount -t cgroup2 cgroup2 DIR")
            : mounts.cgroup2().stream().map(ReportText::cgroup2).collect(Collectors.joining(", ")));
    line("tracefs", where(mounts.tracefs(), "mount -t tracefs tracefs /sys/kernel/tracing"));
  }

  private static String cgroup2(Cgroup2Mount mount) {
    return mount.path()
        + switch (mount.scope()) {
          case HIERARCHY -> " (the whole hierarchy)";
          case NAMESPACE -> " (a cgroup namespace)";
          case PART -> " (the cgroup " + mount.root() + ")";
          case HIDDEN -> " (hidden)";
        };
  }

  private static String where(List<Path> mounts, String remedy) {
    return mounts.isEmpty()
        ? "not mounted; " + remedy
        : mounts.stream().map(Path::toString).collect(Collectors.joining(" "));
  }

  private void features(Kind kind, List<Feature> features) {
    long available = features.stream().filter(f -> f.outcome().isAvailable()).count();
    long untold = features.stream().filter(f -> !f.outcome().isConclusive()).count();
    out.append("%n%s: %d of %d available".formatted(kind.title(), available, features.size()));
    if (untold != 0) {
      out.append(", %d could not be probed".formatted(untold));
    }
    out.append(System.lineSeparator());
    for (var feature : features) {
      out.append("  %-42s %-5s %s%n".formatted(feature.name(), feature.since(), feature.outcome()));
    }
  }

  private void helpers(Report.Helpers helpers) {
    out.append("%nhelpers of %s: ".formatted(helpers.type().kernelName()));
    if (helpers.untold().isPresent()) {
      out.append(helpers.untold().get()).append(System.lineSeparator());
      return;
    }
    out.append("%d%n".formatted(helpers.callable().size()));
    var line = new StringBuilder(" ");
    for (var helper : helpers.callable()) {
      add(line, helper);
    }
    out.append(line).append(System.lineSeparator());
  }

  private void add(StringBuilder line, Helper helper) {
    if (line.length() + 1 + helper.kernelName().length() > WIDTH) {
      out.append(line).append(System.lineSeparator());
      line.setLength(1);
    }
    line.append(' ').append(helper.kernelName());
  }
}
