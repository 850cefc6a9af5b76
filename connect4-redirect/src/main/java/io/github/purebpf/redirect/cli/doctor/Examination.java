package io.github.purebpf.redirect.cli.doctor;

import io.github.purebpf.bpf.Cgroup2;
import io.github.purebpf.bpf.error.BpfException;
import io.github.purebpf.bpf.features.Features;
import io.github.purebpf.bpf.features.Outcome;
import io.github.purebpf.bpf.inspect.Attachments;
import io.github.purebpf.redirect.AlreadyPinnedException;
import io.github.purebpf.redirect.Connect4Redirect;
import io.github.purebpf.redirect.PersistentRedirect;
import io.github.purebpf.redirect.PinException;
import io.github.purebpf.redirect.RedirectOptions;
import io.github.purebpf.redirect.RedirectTable;
import io.github.purebpf.redirect.TableBusyException;
import io.github.purebpf.uapi.AttachType;
import io.github.purebpf.uapi.Helper;
import io.github.purebpf.uapi.LinkType;
import io.github.purebpf.uapi.MapType;
import io.github.purebpf.uapi.ProgramType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** Looks at everything. It attaches nothing and changes nothing. */
public final class Examination {
  private static final Path SYSCTL = Path.of("/proc/sys/net/ipv4");
  private static final int MOST = 256;

  private final List<Finding> findings = new ArrayList<>();

  private Examination() {}

  /**
   * Looks at this machine, and maybe at a cgroup and a pinned table.
   *
   * @throws io.github.purebpf.bpf.NotCgroup2Exception if that is no cgroup
   */
  public static List<Finding> of(Optional<Path> cgroup, Optional<Path> pin) {
    var examination = new Examination();
    examination.machine();
    cgroup.map(Cgroup2::require).map(Cgroup2::path).ifPresent(examination::cgroup);
    pin.ifPresent(examination::table);
    return List.copyOf(examination.findings);
  }

  private void machine() {
    var report = Features.report();
    findings.add(KernelFindings.release(report.kernel()));
    features();
    findings.addAll(KernelFindings.privileges(report.security()));
    findings.add(KernelFindings.jit(report.jit()));
    sysctl("ip_local_port_range", KernelFindings::ports);
    sysctl("tcp_syn_retries", KernelFindings::retries);
    findings.add(PlaceFindings.bpffs(report.mounts().bpffs()));
    findings.addAll(PlaceFindings.mounts(report.mounts().cgroup2()));
  }

  private void features() {
    findings.add(
        KernelFindings.required(
            "links to cgroups (BPF_LINK_TYPE_CGROUP)", Features.of(LinkType.CGROUP)));
    findings.add(
        KernelFindings.required(
            "storage of sockets (BPF_MAP_TYPE_SK_STORAGE)", Features.of(MapType.SK_STORAGE)));
    findings.add(
        KernelFindings.required(
            "bpf_sk_storage_get at connect",
            Features.of(Helper.SK_STORAGE_GET, ProgramType.CGROUP_SOCK_ADDR)));
    for (var hook : Connect4Redirect.hooks(RedirectOptions.DEFAULT)) {
      findings.add(KernelFindings.required("the hook " + hook, Features.of(hook)));
    }
    findings.add(
        KernelFindings.wanted(
            "getpeername (" + AttachType.CGROUP_INET4_GETPEERNAME + ")",
            Features.of(AttachType.CGROUP_INET4_GETPEERNAME),
            "leave out --peer-name, or take Linux 5.8"));
    findings.add(
        KernelFindings.wanted(
            "bpf_set_retval at connect",
            Features.of(Helper.SET_RETVAL, ProgramType.CGROUP_SOCK_ADDR),
            "take Linux 5.18; till then, refuse and unreachable fail with EPERM as deny does"));
    findings.add(
        KernelFindings.wanted(
            "ending connections of others (SOCK_DESTROY)",
            destroyable(),
            "take a kernel with CONFIG_INET_DIAG_DESTROY; till then, connections to a server that"
                + " is taken out end when their programs end them"));
  }

  /**
   * What the configuration of the kernel says, where it is to be read: SOCK_DESTROY cannot be tried
   * without ending a connection.
   */
  private static Outcome destroyable() {
    try {
      return Destroyable.of(Path.of("/"));
    } catch (IOException e) {
      return new Outcome.Unknown(
          "the configuration of the kernel cannot be read: " + e.getMessage());
    }
  }

  private void sysctl(String name, Function<String, Finding> judge) {
    try (var in = Files.newInputStream(SYSCTL.resolve(name))) {
      // These files are read in one go: where a second read begins, the kernel says they end.
      var bytes = new byte[MOST];
      int length = Math.max(0, in.read(bytes));
      findings.add(judge.apply(new String(bytes, 0, length, StandardCharsets.US_ASCII)));
    } catch (IOException _) {
      findings.add(Finding.ok("sysctl", "net.ipv4." + name + " is not to be read here"));
    }
  }

  private void cgroup(Path cgroup) {
    try {
      findings.addAll(
          PlaceFindings.programs(
              cgroup,
              Connect4Redirect.hooks(RedirectOptions.DEFAULT),
              Attachments.ofCgroup(cgroup),
              Attachments.effectiveInCgroup(cgroup)));
    } catch (BpfException e) {
      findings.add(
          Finding.warning("attached", e.getMessage(), "run doctor as root, or with CAP_NET_ADMIN"));
    }
  }

  private void table(Path pin) {
    try {
      PersistentRedirect.look(pin)
          .ifPresent(state -> findings.addAll(AttachmentFindings.of(pin, state)));
    } catch (AlreadyPinnedException | PinException e) {
      // It ends with its process, or what follows says what it is.
    } catch (TableBusyException e) {
      findings.add(
          Finding.warning("attached", e.getMessage(), "run doctor again when that has ended"));
    } catch (BpfException | UncheckedIOException e) {
      findings.add(Finding.problem("attached", e.getMessage(), "run doctor as root"));
    }
    try (var table = RedirectTable.openPinned(pin)) {
      findings.addAll(TableFindings.of(table.use(), table.traffic().values()));
      table.source().map(TableFindings::source).ifPresent(findings::add);
    } catch (PinException e) {
      findings.add(
          Finding.problem(
              "table",
              e.getMessage(),
              "start one with: connect4-redirect run --pin %s, or attach --pin %s"
                  .formatted(pin, pin)));
    } catch (BpfException | UncheckedIOException e) {
      findings.add(Finding.problem("table", e.getMessage(), "run doctor as root"));
    }
  }
}
