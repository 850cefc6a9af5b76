package io.github.purebpf.redirect.cli.doctor;

import io.github.purebpf.bpf.error.Capability;
import io.github.purebpf.bpf.features.KernelRelease;
import io.github.purebpf.bpf.features.Outcome;
import io.github.purebpf.bpf.features.Report;
import io.github.purebpf.insn.KernelVersion;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What the kernel has, and what it allows this process. */
final class KernelFindings {
  private static final KernelVersion OLDEST = new KernelVersion(5, 15);
  private static final KernelVersion NO_MEMLOCK = new KernelVersion(5, 11);

  private static final Pattern PORTS = Pattern.compile("(\\d{1,5})\\s+(\\d{1,5})");
  private static final Pattern COUNT = Pattern.compile("\\d{1,2}");

  /** {@code TCP_RTO_MAX}, where the doubling of the time between two attempts ends. */
  private static final int MOST_SECONDS_BETWEEN = 120;

  private KernelFindings() {}

  static Finding release(KernelRelease release) {
    return release.version().compareTo(OLDEST) >= 0
        ? Finding.ok("kernel", "Linux " + release)
        : Finding.problem(
            "kernel",
            "Linux " + release + " is too old",
            "take a kernel of Linux " + OLDEST + " or later");
  }

  /**
   * Something without which there is no redirection.
   *
   * @param name what it is
   */
  static Finding required(String name, Outcome outcome) {
    return feature(
        name, outcome, "redirection needs it: take a later kernel, or one built with it");
  }

  private static Finding feature(String name, Outcome outcome, String missing) {
    return switch (outcome) {
      case Outcome.Available _ -> Finding.ok("feature", name);
      case Outcome.Missing(var reason) ->
          Finding.problem("feature", name + " is missing: " + reason, missing);
      case Outcome.Forbidden(var needs, var reason) ->
          needs.isEmpty()
              ? Finding.problem(
                  "feature",
                  name + " is forbidden: " + reason,
                  "ask who sets up this machine: a security module, seccomp or a hardened kernel"
                      + " forbids it")
              : Finding.warning(
                  "feature",
                  name + " is not known: " + reason,
                  "run doctor as root, or with " + names(needs));
      case Outcome.Unknown(var reason) ->
          Finding.warning(
              "feature", name + " is not known: " + reason, "run doctor as root, or try again");
    };
  }

  /**
   * Something without which less is possible.
   *
   * @param name what it is
   * @param without what is so without it
   */
  static Finding wanted(String name, Outcome outcome, String without) {
    var finding = feature(name, outcome, without);
    return finding.level() == Finding.Level.PROBLEM
        ? Finding.warning("feature", finding.text(), without)
        : finding;
  }

  private static String names(Set<Capability> capabilities) {
    return capabilities.stream().map(Enum::name).collect(Collectors.joining(", "));
  }

  static List<Finding> privileges(Report.Security security) {
    var findings = new ArrayList<Finding>();
    var has = security.capabilities();
    boolean bpf = has.contains(Capability.CAP_BPF) && has.contains(Capability.CAP_NET_ADMIN);
    boolean all = has.contains(Capability.CAP_SYS_ADMIN);
    findings.add(
        bpf || all
            ? Finding.ok("capabilities", names(has))
            : Finding.problem(
                "capabilities",
                has.isEmpty() ? "none of those that BPF asks for" : names(has) + " and no more",
                "run as root, or with CAP_BPF and CAP_NET_ADMIN"));
    if (!security.initialUserNamespace()) {
      findings.add(
          Finding.problem(
              "capabilities",
              "this is a user namespace of its own, whose capabilities do not count for BPF",
              "run it in the initial user namespace"));
    }
    if (security.memlockMatters()) {
      findings.add(
          Finding.warning(
              "memlock",
              "this kernel counts maps against RLIMIT_MEMLOCK",
              "raise it with ulimit -l unlimited, or take Linux " + NO_MEMLOCK));
    }
    security
        .lockdown()
        .filter(lockdown -> lockdown == Report.Lockdown.CONFIDENTIALITY)
        .ifPresent(
            _ ->
                findings.add(
                    Finding.warning(
                        "lockdown",
                        "the kernel is locked down for confidentiality",
                        "boot with lockdown=integrity if loading the programs is refused")));
    findings.add(unprivileged(security.unprivilegedBpfDisabled()));
    return findings;
  }

  private static Finding unprivileged(OptionalInt disabled) {
    var name = "kernel.unprivileged_bpf_disabled";
    return disabled.isPresent() && disabled.getAsInt() == 0
        ? Finding.warning(
            "sysctl", name + " is 0: everybody may load programs", "sysctl -w " + name + "=2")
        : Finding.ok(
            "sysctl", name + " is " + (disabled.isPresent() ? disabled.getAsInt() : "not there"));
  }

  static Finding jit(Report.Jit jit) {
    var name = "net.core.bpf_jit_enable";
    if (jit.enable().isEmpty()) {
      return Finding.ok("sysctl", name + " is not to be read here");
    }
    return switch (jit.enable().getAsInt()) {
      case 0 ->
          Finding.warning(
              "sysctl",
              name + " is 0: every connect runs through an interpreter",
              "sysctl -w " + name + "=1");
      case 2 ->
          Finding.warning(
              "sysctl",
              name + " is 2: the kernel log gets the code of every program",
              "sysctl -w " + name + "=1");
      default -> Finding.ok("sysctl", name + " is " + jit.enable().getAsInt());
    };
  }

  /**
   * The ports that connections begin from. All connects of a network namespace that are sent to one
   * server share them, where before each virtual address had its own.
   *
   * @param range the content of {@code ip_local_port_range}
   */
  static Finding ports(String range) {
    var name = "net.ipv4.ip_local_port_range";
    var ends = PORTS.matcher(range.strip());
    if (!ends.matches()) {
      return Finding.ok("sysctl", name + " is not told here");
    }
    int ports = Integer.parseInt(ends.group(2)) - Integer.parseInt(ends.group(1)) + 1;
    var text =
        "%s is %s to %s: at most %d connections to one server"
            .formatted(name, ends.group(1), ends.group(2), ports);
    return ports < 10_000
        ? Finding.warning("sysctl", text, "sysctl -w " + name + "=\"32768 60999\"")
        : Finding.ok("sysctl", text);
  }

  /**
   * How long a connect to a server that does not answer lasts.
   *
   * @param retries the content of {@code tcp_syn_retries}
   */
  static Finding retries(String retries) {
    var name = "net.ipv4.tcp_syn_retries";
    if (!COUNT.matcher(retries.strip()).matches()) {
      return Finding.ok("sysctl", name + " is not told here");
    }
    int count = Integer.parseInt(retries.strip());
    int seconds = 0;
    for (int i = 0; i <= count; i++) {
      seconds += i < 7 ? 1 << i : MOST_SECONDS_BETWEEN;
    }
    var text =
        "%s is %d: a connect to a server that is down fails after %d seconds"
            .formatted(name, count, seconds);
    return count > 6
        ? Finding.warning("sysctl", text, "sysctl -w " + name + "=3")
        : Finding.ok("sysctl", text);
  }
}
