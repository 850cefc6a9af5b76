package io.github.purebpf.redirect.dataplane;

import io.github.purebpf.bpf.Cgroup2;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The network namespaces of this machine, as far as they can be found: that of this thread, those
 * of processes and threads, and those with a name. One that only a socket keeps alive has no path.
 */
public final class NetworkNamespaces {
  private static final Path PROC = Path.of("/proc");
  private static final Path OWN = Path.of("/proc/thread-self/ns/net");

  /** Where {@code ip netns add} keeps them. */
  private static final Path NAMED = Path.of("/run/netns");

  /**
   * One.
   *
   * @param inode its number
   * @param paths where it can be opened, as long as what it is named after is there
   * @param own whether it is that of the thread that looked
   */
  public record Place(long inode, List<Path> paths, boolean own) {}

  /**
   * What was found.
   *
   * @param places each once, that of the thread first
   * @param hidden what could not be looked at, and why, in one line each
   */
  public record Listing(List<Place> places, List<String> hidden) {}

  private final Path proc;
  private final Path named;
  private final Map<Long, List<Path>> places = new LinkedHashMap<>();
  private final List<String> hidden = new ArrayList<>();

  /** Namespaces and what else is a file like them have inodes of their own. */
  private Object device = "";

  private int refused;

  private NetworkNamespaces(Path proc, Path named) {
    this.proc = proc;
    this.named = named;
  }

  /** Those that can be found. */
  public static Listing all() {
    return all(PROC, NAMED);
  }

  static Listing all(Path proc, Path named) {
    var search = new NetworkNamespaces(proc, named);
    return search.list(
        () -> {
          search.each(search.proc, NetworkNamespaces::isNumber, search::process);
          if (Files.isDirectory(search.named)) {
            search.each(search.named, _ -> true, search::name);
          }
        });
  }

  /** Those of the processes in some cgroups. What cannot be found out is left out. */
  public static Listing of(Set<Long> cgroups) {
    var search = new NetworkNamespaces(PROC, NAMED);
    return search.list(() -> members(cgroups).forEach(pid -> search.process(PROC.resolve(pid))));
  }

  private Listing list(Runnable search) {
    long own = -1;
    try {
      device = Files.getAttribute(OWN, "unix:dev");
      own = add(OWN);
    } catch (IOException e) {
      hidden.add("the network namespace of this thread cannot be looked at: " + e);
    }
    search.run();
    if (refused > 0) {
      hidden.add(
          ("the network namespaces of %d threads may not be looked at; it takes CAP_SYS_PTRACE in"
                  + " their user namespace")
              .formatted(refused));
    }
    long first = own;
    return new Listing(
        places.entrySet().stream()
            .map(place -> new Place(place.getKey(), place.getValue(), place.getKey() == first))
            .toList(),
        List.copyOf(hidden));
  }

  private long add(Path path) throws IOException {
    long inode = (Long) Files.getAttribute(path, "unix:ino");
    places.computeIfAbsent(inode, _ -> new ArrayList<>()).add(path);
    return inode;
  }

  private static boolean isNumber(Path path) {
    return path.getFileName().toString().chars().allMatch(c -> c >= '0' && c <= '9');
  }

  private interface Visit {
    void to(Path path);
  }

  private void each(Path directory, Predicate<Path> which, Visit visit) {
    try (var entries = Files.newDirectoryStream(directory, which::test)) {
      entries.forEach(visit::to);
    } catch (IOException | DirectoryIteratorException e) {
      // A process has ended, or this is no place to look for namespaces.
      if (directory.equals(proc) || directory.equals(named)) {
        hidden.add("network namespaces cannot be looked for in " + directory + ": " + e);
      }
    }
  }

  /** Each thread may be in another one. */
  private void process(Path process) {
    long main = thread(process, -1);
    each(process.resolve("task"), NetworkNamespaces::isNumber, task -> thread(task, main));
  }

  /** Adds the namespace of a thread unless it is a certain one. */
  private long thread(Path thread, long known) {
    var path = thread.resolve("ns").resolve("net");
    try {
      long inode = (Long) Files.getAttribute(path, "unix:ino");
      if (inode != known) {
        places.computeIfAbsent(inode, _ -> new ArrayList<>()).add(path);
      }
      return inode;
    } catch (AccessDeniedException e) {
      refused++;
    } catch (IOException e) {
      // The thread has ended.
    }
    return -1;
  }

  private void name(Path path) {
    try {
      // A name that is made or removed at this moment is a plain file.
      if (Files.getAttribute(path, "unix:dev").equals(device)) {
        add(path);
      }
    } catch (AccessDeniedException e) {
      hidden.add("the network namespace " + path + " may not be looked at");
    } catch (IOException e) {
      // It is removed.
    }
  }

  private static Set<String> members(Set<Long> cgroups) {
    var pids = new LinkedHashSet<String>();
    for (var mount : Cgroup2.mounts()) {
      try {
        Files.walkFileTree(mount, new Members(cgroups, pids));
      } catch (IOException e) {
        // Unmounted meanwhile.
      }
    }
    return pids;
  }

  /** Collects the processes of cgroups. */
  private static final class Members extends SimpleFileVisitor<Path> {
    private final Set<Long> cgroups;
    private final Set<String> pids;

    Members(Set<Long> cgroups, Set<String> pids) {
      this.cgroups = cgroups;
      this.pids = pids;
    }

    @Override
    public FileVisitResult preVisitDirectory(Path cgroup, BasicFileAttributes attributes) {
      try {
        if (cgroups.contains((Long) Files.getAttribute(cgroup, "unix:ino"))) {
          pids.addAll(Files.readAllLines(cgroup.resolve("cgroup.procs")));
        }
      } catch (IOException e) {
        // The cgroup is removed, or has threads and no processes.
      }
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult visitFileFailed(Path file, IOException e) {
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path cgroup, IOException e) {
      return FileVisitResult.CONTINUE;
    }
  }
}
