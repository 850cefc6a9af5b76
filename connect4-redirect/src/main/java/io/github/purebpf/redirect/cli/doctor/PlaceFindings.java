package io.github.purebpf.redirect.cli.doctor;

import io.github.purebpf.bpf.Cgroup2Mount;
import io.github.purebpf.bpf.inspect.AttachedProgram;
import io.github.purebpf.bpf.inspect.AttachedPrograms;
import io.github.purebpf.uapi.AttachFlags;
import io.github.purebpf.uapi.AttachType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Where pins are, where cgroups are, and what is attached to one. */
final class PlaceFindings {
  /** What the names of our programs begin with. */
  private static final String OURS = "rd_";

  private static final int MODE = AttachFlags.ALLOW_MULTI | AttachFlags.ALLOW_OVERRIDE;

  /** Whose programs change what ours do. */
  private static final Set<AttachType> CONNECT =
      Set.of(AttachType.CGROUP_INET4_CONNECT, AttachType.CGROUP_INET6_CONNECT);

  private PlaceFindings() {}

  static Finding bpffs(List<Path> mounts) {
    return mounts.isEmpty()
        ? Finding.warning(
            "bpffs",
            "no BPF file system is mounted, so no other process can reach the table",
            "mount -t bpf bpf /sys/fs/bpf")
        : Finding.ok("bpffs", "mounted at " + join(mounts));
  }

  private static String join(List<Path> paths) {
    return paths.stream().map(Path::toString).collect(Collectors.joining(", "));
  }

  static List<Finding> mounts(List<Cgroup2Mount> mounts) {
    if (mounts.isEmpty()) {
      return List.of(
          Finding.problem(
              "cgroup2", "it is mounted nowhere", "mount -t cgroup2 cgroup2 /sys/fs/cgroup"));
    }
    return mounts.stream().map(PlaceFindings::mount).toList();
  }

  private static Finding mount(Cgroup2Mount mount) {
    return switch (mount.scope()) {
      case HIERARCHY ->
          Finding.ok("cgroup2", mount.path() + " is the root, with every process of the machine");
      case NAMESPACE ->
          Finding.warning(
              "cgroup2",
              mount.path() + " looks like the root and is only that of this container",
              "to reach other containers, mount the cgroup2 of the host into this one");
      case PART ->
          Finding.ok("cgroup2", "%s shows the cgroup %s".formatted(mount.path(), mount.root()));
      case HIDDEN ->
          Finding.warning(
              "cgroup2",
              mount.path() + " is hidden by another mount, or not to be read",
              "umount what is mounted over it, or take another mount");
    };
  }

  /**
   * What is attached to a cgroup and to those above it.
   *
   * @param cgroup the folder of the cgroup
   * @param hooks those of a redirector, in their order
   * @param local what is attached to the cgroup itself
   * @param effective what runs for its processes
   */
  static List<Finding> programs(
      Path cgroup,
      List<AttachType> hooks,
      List<AttachedPrograms> local,
      List<AttachedPrograms> effective) {
    var findings = new ArrayList<Finding>();
    var here = byType(local);
    var running = byType(effective);
    var with = new ArrayList<AttachType>();
    var without = new ArrayList<AttachType>();
    for (var hook : hooks) {
      var programs = running.getOrDefault(hook, List.of());
      (programs.stream().anyMatch(PlaceFindings::isOurs) ? with : without).add(hook);
      for (var program : programs) {
        if (!isOurs(program)) {
          findings.add(foreign(hook, program, here.getOrDefault(hook, List.of())));
        }
      }
    }
    findings.addFirst(ours(cgroup, with, without));
    return findings;
  }

  private static Map<AttachType, List<AttachedProgram>> byType(List<AttachedPrograms> lists) {
    return lists.stream()
        .collect(Collectors.toMap(AttachedPrograms::type, AttachedPrograms::programs));
  }

  private static boolean isOurs(AttachedProgram program) {
    return program.name().filter(name -> name.startsWith(OURS)).isPresent();
  }

  private static Finding ours(Path cgroup, List<AttachType> with, List<AttachType> without) {
    if (with.isEmpty()) {
      return Finding.ok("attached", "no redirector is at work in " + cgroup);
    }
    return without.isEmpty()
        ? Finding.ok("attached", "a redirector is at work in " + cgroup + ", at all its hooks")
        : Finding.problem(
            "attached",
            "a redirector is at work in %s, but not at %s"
                .formatted(
                    cgroup, without.stream().map(Enum::name).collect(Collectors.joining(", "))),
            "end the redirector and start it again");
  }

  private static Finding foreign(
      AttachType hook, AttachedProgram program, List<AttachedProgram> here) {
    var at = program.cgroup().map(Path::toString).orElse("a cgroup above that is not seen here");
    var who =
        "program %d%s is attached to %s at %s"
            .formatted(
                program.programId(), program.name().map(n -> " (" + n + ")").orElse(""), at, hook);
    boolean own = here.stream().anyMatch(p -> p.programId() == program.programId());
    int mode = program.flags() & MODE;
    if (program.cgroup().isPresent() && (own ? mode != AttachFlags.ALLOW_MULTI : mode == 0)) {
      return Finding.problem(
          "foreign",
          who + " and tolerates none beside it" + (own ? "" : " or below"),
          remedy(hook, program, at));
    }
    if (!CONNECT.contains(hook)) {
      return Finding.ok("foreign", who);
    }
    return Finding.warning(
        "foreign",
        who + (own ? " and may change where connects go" : " and sees the server, after ours"),
        "see what it does: bpftool prog show id " + program.programId());
  }

  private static String remedy(AttachType hook, AttachedProgram program, String at) {
    return program.linkId().isPresent()
        ? "end what attached it, or: bpftool link detach id " + program.linkId().getAsInt()
        : "bpftool cgroup detach %s %s id %d".formatted(at, bpftoolName(hook), program.programId());
  }

  private static String bpftoolName(AttachType hook) {
    return hook.name().toLowerCase(Locale.ROOT);
  }
}
