package io.github.purebpf.redirect;

import io.github.purebpf.bpf.Cgroup2;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A container that runs here, known by the cgroup that its runtime has made for it.
 *
 * <p>No runtime is asked. The folder of a container is named after its id, 64 hex digits: {@code
 * docker-ID.scope}, {@code cri-containerd-ID.scope}, {@code crio-ID.scope} or {@code
 * libpod-ID.scope} where systemd keeps the cgroups, and {@code ID} alone in {@code docker} or below
 * {@code kubepods} where it does not. A folder whose name says {@code conmon} is that of a
 * container's monitor, which is not meant. What a container makes below its folder is part of it; a
 * container that runs inside another has an id of its own.
 *
 * @param id all 64 digits
 * @param cgroup its folder in the cgroup2 hierarchy
 */
public record Container(String id, Path cgroup) {
  private static final int DIGITS = 64;

  /** As many as the tools of the runtimes show. */
  private static final int SHORT = 12;

  private static final Pattern FOLDER =
      Pattern.compile("(?:(.*)[-:])?([0-9a-f]{%d})(?:\\.scope)?".formatted(DIGITS));
  private static final Pattern MONITOR = Pattern.compile("(?:^|[-:])conmon$");

  /** What Kubernetes puts in front: {@code containerd://}. */
  private static final Pattern SCHEME = Pattern.compile("^[a-z][a-z0-9+.-]*://");

  private static final Pattern BEGINNING =
      Pattern.compile("[0-9a-f]{%d,%d}".formatted(SHORT, DIGITS));
  private static final int MOST_NAMED = 8;

  /** Refuses nulls. */
  public Container {
    Objects.requireNonNull(id, "id");
    Objects.requireNonNull(cgroup, "cgroup");
  }

  /**
   * Finds a container by its id, in all cgroup2 hierarchies that this process sees.
   *
   * @param id all of it, or at least the first 12 digits if no other begins with them; with or
   *     without the name of the runtime that Kubernetes puts in front, as in {@code containerd://}
   * @throws ContainerIdException if it is no id, or there is no such container, or more than one
   */
  public static Container find(String id) {
    checked(id);
    return choose(id, all());
  }

  /** The containers that run here, by ascending id. */
  public static List<Container> all() {
    var seen = new HashSet<Long>();
    return Cgroup2.mounts().stream()
        .flatMap(mount -> below(mount).stream())
        // The same hierarchy may be mounted twice, and another file system over it.
        .filter(
            container ->
                CgroupFinder.idAt(container.cgroup()).stream().anyMatch(cgroup -> seen.add(cgroup)))
        .sorted(Comparator.comparing(Container::id).thenComparing(Container::cgroup))
        .toList();
  }

  /** Those whose folders are below a top, of whatever file system it is. */
  static List<Container> below(Path top) {
    var found = new ArrayList<Container>();
    CgroupFinder.walk(
        top,
        folder ->
            idOf(folder)
                .filter(id -> !isInside(id, folder, top))
                .ifPresent(id -> found.add(new Container(id, folder))));
    return found;
  }

  /** Whether one of the folders above is that of the same container. */
  private static boolean isInside(String id, Path folder, Path top) {
    for (var above = folder; !above.equals(top); ) {
      above = above.getParent();
      if (idOf(above).filter(id::equals).isPresent()) {
        return true;
      }
    }
    return false;
  }

  /** The id that is in the name of a folder. */
  static Optional<String> idOf(Path folder) {
    var matcher = FOLDER.matcher(String.valueOf(folder.getFileName()));
    if (!matcher.matches()) {
      return Optional.empty();
    }
    var maker = Optional.ofNullable(matcher.group(1)).orElse("");
    return MONITOR.matcher(maker).find() ? Optional.empty() : Optional.of(matcher.group(2));
  }

  private static String checked(String id) {
    var digits = SCHEME.matcher(id).replaceFirst("");
    if (!BEGINNING.matcher(digits).matches()) {
      throw new ContainerIdException(
          ("\"%s\" is no id of a container; that is %d digits of 0-9a-f, or the first %d of them or"
                  + " more, as docker ps and crictl ps show it")
              .formatted(id, DIGITS, SHORT));
    }
    return digits;
  }

  /** The one of some that an id means. */
  static Container choose(String id, List<Container> all) {
    var digits = checked(id);
    var candidates = all.stream().filter(container -> container.id().startsWith(digits)).toList();
    if (candidates.size() == 1) {
      return candidates.getFirst();
    }
    if (candidates.isEmpty()) {
      throw new ContainerIdException(
          "there is no cgroup of a container %s; %s".formatted(digits, others(all)));
    }
    var ids = candidates.stream().map(Container::id).distinct().toList();
    throw new ContainerIdException(
        ids.size() > 1
            ? "%s may be one of %d containers; give more digits: %s"
                .formatted(digits, ids.size(), String.join(", ", ids))
            : "the container %s has %d cgroups; name one by its folder: %s"
                .formatted(
                    digits,
                    candidates.size(),
                    candidates.stream()
                        .map(container -> container.cgroup().toString())
                        .collect(Collectors.joining(", "))));
  }

  private static String others(List<Container> all) {
    if (all.isEmpty()) {
      return "nor of any other: look in the mount and cgroup namespace of the host, and whether the"
          + " containers have cgroups of version 2";
    }
    var known = all.stream().map(container -> container.id().substring(0, SHORT)).distinct();
    var names = known.toList();
    int more = names.size() - MOST_NAMED;
    return "is it running? There are "
        + names.stream().limit(MOST_NAMED).collect(Collectors.joining(", "))
        + (more > 0 ? " and %d more".formatted(more) : "");
  }
}
