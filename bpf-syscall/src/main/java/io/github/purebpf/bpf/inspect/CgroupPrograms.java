package io.github.purebpf.bpf.inspect;

import io.github.purebpf.bpf.LinkInfo;
import io.github.purebpf.bpf.error.MissingPrivilegeException;
import io.github.purebpf.bpf.internal.failure.Failure;
import io.github.purebpf.bpf.internal.query.AttachedList;
import io.github.purebpf.bpf.internal.query.AttachedList.Detail;
import io.github.purebpf.bpf.internal.sys.Fd;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.uapi.AttachType;
import io.github.purebpf.uapi.QueryFlags;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** The programs of one cgroup, and where each is attached. */
final class CgroupPrograms {
  private static final List<AttachType> HOOKS =
      Stream.of(AttachType.values())
          .filter(type -> type.name().startsWith("CGROUP_") || type == AttachType.LSM_CGROUP)
          .toList();

  private final Kernel kernel;
  private final Path cgroup;
  private List<LinkInfo.Cgroup> links;

  CgroupPrograms(Kernel kernel, Path cgroup) {
    this.kernel = kernel;
    this.cgroup = cgroup.toAbsolutePath().normalize();
  }

  List<AttachedPrograms> attached() {
    return each(
        type -> {
          var list = local(cgroup, type);
          return new AttachedPrograms(type, list.revision(), programs(cgroup, type, list));
        });
  }

  List<AttachedPrograms> effective() {
    return each(
        type -> {
          var effective =
              ask(cgroup, hooks -> hooks.list(type, QueryFlags.QUERY_EFFECTIVE, Detail.IDS));
          return effective.entries().isEmpty()
              ? new AttachedPrograms(type, 0, List.of())
              : new AttachedPrograms(
                  type, local(cgroup, type).revision(), placed(type, effective.entries()));
        });
  }

  private static List<AttachedPrograms> each(Function<AttachType, AttachedPrograms> query) {
    return HOOKS.stream().map(query).filter(list -> !list.programs().isEmpty()).toList();
  }

  /** What is attached to a cgroup itself. */
  private AttachedList local(Path path, AttachType type) {
    // The hooks of LSM share a type, and their programs are told only together with the flags.
    var detail = type == AttachType.LSM_CGROUP ? Detail.FLAGS : Detail.IDS;
    return ask(path, hooks -> hooks.list(type, 0, detail));
  }

  private AttachedList ask(Path path, Function<HookQuery, AttachedList> question) {
    int fd = Fd.offStandardStreams(kernel, kernel.open(path));
    if (fd < 0) {
      throw Failure.of(kernel, "open", path.toString()).exception(fd);
    }
    try {
      return question.apply(new HookQuery(kernel, path.toString(), fd));
    } finally {
      kernel.close(fd);
    }
  }

  /** Finds each effective program among those attached here and above. */
  private List<AttachedProgram> placed(AttachType type, List<AttachedList.Entry> effective) {
    var attached = new ArrayList<AttachedProgram>();
    for (var path = cgroup; path != null && isCgroup(path); path = path.getParent()) {
      attached.addAll(programs(path, type, local(path, type)));
    }
    var placed = new ArrayList<AttachedProgram>();
    for (var entry : effective) {
      placed.add(
          take(attached, program -> program.programId() == entry.programId())
              .orElseGet(
                  () ->
                      new AttachedProgram(
                          entry.programId(),
                          HookQuery.name(kernel, entry.programId()),
                          OptionalInt.empty(),
                          0,
                          Optional.empty())));
    }
    return placed;
  }

  private boolean isCgroup(Path path) {
    return kernel.fileSystem(path) == kernel.fileSystem(cgroup);
  }

  private List<AttachedProgram> programs(Path path, AttachType type, AttachedList list) {
    if (list.entries().isEmpty()) {
      return List.of();
    }
    var own = new ArrayList<>(linksOf(path, type));
    return list.entries().stream()
        .map(
            entry ->
                new AttachedProgram(
                    entry.programId(),
                    HookQuery.name(kernel, entry.programId()),
                    take(own, link -> link.programId() == entry.programId()).stream()
                        .mapToInt(LinkInfo::id)
                        .findFirst(),
                    list.flags() | entry.flags(),
                    Optional.of(path)))
        .toList();
  }

  /** The links of a cgroup, which knows only their programs. */
  private List<LinkInfo.Cgroup> linksOf(Path path, AttachType type) {
    if (links == null) {
      links = cgroupLinks();
    }
    if (links.isEmpty()) {
      return links;
    }
    var inode = OptionalLong.of(inode(path));
    return links.stream()
        .filter(link -> link.cgroupId().equals(inode))
        .filter(link -> link.attachType().equals(Optional.of(type)))
        .toList();
  }

  private List<LinkInfo.Cgroup> cgroupLinks() {
    try {
      return KernelObjects.links(kernel)
          .filter(LinkInfo.Cgroup.class::isInstance)
          .map(LinkInfo.Cgroup.class::cast)
          .toList();
    } catch (MissingPrivilegeException _) {
      return List.of(); // told to CAP_SYS_ADMIN, the list itself to CAP_NET_ADMIN
    }
  }

  private static long inode(Path path) {
    try {
      return (long) Files.getAttribute(path, "unix:ino");
    } catch (IOException e) {
      throw new UncheckedIOException("cannot tell the inode of " + path, e);
    }
  }

  private static <T> Optional<T> take(List<T> from, Predicate<T> wanted) {
    for (Iterator<T> all = from.iterator(); all.hasNext(); ) {
      var next = all.next();
      if (wanted.test(next)) {
        all.remove();
        return Optional.of(next);
      }
    }
    return Optional.empty();
  }
}
