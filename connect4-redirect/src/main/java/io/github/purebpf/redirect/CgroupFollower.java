package io.github.purebpf.redirect;

import static java.nio.file.StandardWatchEventKinds.ENTRY_CREATE;
import static java.nio.file.StandardWatchEventKinds.ENTRY_DELETE;
import static java.nio.file.StandardWatchEventKinds.OVERFLOW;

import io.github.purebpf.bpf.Cgroup2;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Attaches a redirector to the cgroups below a folder: to those that are there, and to each that
 * appears, for as long as it is there.
 *
 * <pre>{@code
 * var pods = CgroupsBelow.named(Path.of("/sys/fs/cgroup/kubepods.slice"), "*-pod*");
 * try (var _ = CgroupFollower.start(pods, CgroupWork.attaching(redirect), listener)) {
 *   ...
 * }
 * }</pre>
 *
 * <p>A program that connects in the moment between the creation of its cgroup and the attachment is
 * not redirected: the kernel says that a cgroup was made when it is there. Follow pods rather than
 * containers, because the cgroup of a pod is made well before its first container runs; or, to miss
 * none, attach to the folder above, and say with {@link Scope#LISTED} or {@link Scope#NOT_LISTED}
 * which cgroups below it are meant. ({@link CgroupWork#listing} names them as they appear, and with
 * {@code NOT_LISTED} a cgroup is redirected until it is named.)
 *
 * <p>What is watched is the folder, and with {@link CgroupsBelow#named} each below it that does not
 * match, by inotify: one of its instances, and a watch for each such folder. What fails is told to
 * the listener once, and tried again every two seconds, while the others are followed. If the
 * folder itself is removed, as systemd does with a slice that is empty, one that is made in its
 * place is followed within that time.
 */
public final class CgroupFollower implements AutoCloseable {
  /** After which time what has failed is tried again. */
  private static final Duration PAUSE = Duration.ofSeconds(2);

  private final CgroupsBelow cgroups;
  private final CgroupWork work;
  private final Listener listener;
  private final WatchService watcher;
  private final Thread thread;

  /** Where the work has begun. Other threads read it. */
  private final NavigableMap<Path, Held> held = new ConcurrentSkipListMap<>();

  /** The folders of whose children the kernel tells us. */
  private final Map<Path, Watched> watched = new HashMap<>();

  private final Map<Path, RuntimeException> failed = new HashMap<>();
  private volatile boolean closed;

  private record Held(long id, CgroupWork.Begun begun) {}

  private record Watched(long id, WatchKey key) {}

  /**
   * Is told what happens: by the thread of the follower, and before {@link #start} returns by the
   * one that calls it. As long as it does not return, nothing is followed. What it throws goes to
   * the thread's handler of uncaught exceptions.
   */
  public interface Listener {
    /** The work on a cgroup has begun: it is attached, or named. */
    void began(Path cgroup);

    /** A cgroup that was worked on was removed. */
    void gone(Path cgroup);

    /**
     * Something failed; it is tried again, and told again if it fails in another way.
     *
     * @param cgroup it cannot be attached, or those below it cannot be watched
     * @param why a refusal by the kernel, or that of a limit of inotify
     */
    void failed(Path cgroup, RuntimeException why);
  }

  private CgroupFollower(
      CgroupsBelow cgroups, CgroupWork work, Listener listener, WatchService watcher) {
    this.cgroups = cgroups;
    this.work = work;
    this.listener = listener;
    this.watcher = watcher;
    this.thread =
        Thread.ofPlatform()
            .daemon()
            .name("cgroup-follower")
            .inheritInheritableThreadLocals(false)
            .unstarted(this::run);
  }

  /**
   * Begins to follow. When it returns, the work on those that are there has begun, but for what the
   * listener was told of.
   *
   * @throws io.github.purebpf.bpf.NotCgroup2Exception if the folder is no cgroup
   * @throws UncheckedIOException if it cannot be watched: the limits of inotify are reached
   */
  public static CgroupFollower start(CgroupsBelow cgroups, CgroupWork work, Listener listener) {
    var top = cgroups.top();
    Cgroup2.require(top);
    Objects.requireNonNull(listener, "listener");
    work.prepare(cgroups);
    var follower = new CgroupFollower(cgroups, work, listener, watcher(top));
    boolean done = false;
    try {
      follower.look(top);
      var failed = follower.failed.get(top);
      if (failed != null) {
        throw failed;
      }
      follower.thread.start();
      done = true;
      return follower;
    } finally {
      if (!done) {
        follower.end();
      }
    }
  }

  private static WatchService watcher(Path top) {
    try {
      return top.getFileSystem().newWatchService();
    } catch (IOException e) {
      throw unwatchable(top, "max_user_instances", e);
    }
  }

  private static UncheckedIOException unwatchable(Path folder, String limit, IOException e) {
    return new UncheckedIOException(
        new IOException(
            "cannot watch %s: %s; if that is a limit, raise it: sysctl fs.inotify.%s"
                .formatted(folder, e.getMessage(), limit),
            e));
  }

  /** The cgroups that are worked on now, in order. */
  public List<Path> cgroups() {
    return List.copyOf(held.keySet());
  }

  private void run() {
    long last = System.nanoTime();
    try {
      while (!closed) {
        var key = watcher.poll(PAUSE.toMillis(), TimeUnit.MILLISECONDS);
        if (key != null) {
          follow(key);
        }
        if (System.nanoTime() - last >= PAUSE.toNanos()) {
          again();
          last = System.nanoTime();
        }
      }
    } catch (ClosedWatchServiceException | InterruptedException e) {
      // It is closed, or the listener wants this thread to end.
    } finally {
      end();
    }
  }

  private void follow(WatchKey key) {
    var folder = (Path) key.watchable();
    for (var event : key.pollEvents()) {
      if (event.kind().equals(OVERFLOW)) {
        attempt(folder, () -> scan(folder));
      } else {
        look(folder.resolve((Path) event.context()));
      }
    }
    key.reset();
  }

  /** Looks at what failed, and at the top, of whose end nobody tells. */
  private void again() {
    look(cgroups.top());
    List.copyOf(failed.keySet()).forEach(this::look);
  }

  /** Makes what we do about a folder as it ought to be now, whatever has happened to it. */
  private void look(Path path) {
    if (!closed) {
      attempt(path, () -> update(path));
    }
  }

  private void attempt(Path path, Runnable action) {
    try {
      action.run();
    } catch (RuntimeException e) {
      if (closed) {
        return; // the kernel is not asked any more
      }
      var before = failed.put(path, e);
      if (before == null || !Objects.equals(before.getMessage(), e.getMessage())) {
        tell(() -> listener.failed(path, e));
      }
    }
  }

  private void update(Path path) {
    var now = CgroupFinder.idAt(path);
    if (now.isEmpty()) {
      var told = failed.get(path);
      forget(path);
      if (path.equals(cgroups.top())) {
        if (told != null) {
          failed.put(path, told); // it is still so, and not told again
        }
        Cgroup2.require(path); // says what is wrong
      }
      return;
    }
    long id = now.getAsLong();
    if (isAnother(path, id)) {
      forget(path);
    }
    try {
      if (cgroups.contains(path)) {
        begin(path, id);
      } else if (cgroups.mayBeBelow(path)) {
        watch(path, id);
      }
      failed.remove(path);
    } catch (RuntimeException e) {
      // What goes at this moment is no failure; we are told of its end, too.
      if (CgroupFinder.idAt(path).equals(now)) {
        throw e;
      }
    }
  }

  /** Whether what we know by a path was removed, and another made there. */
  private boolean isAnother(Path path, long id) {
    var one = held.get(path);
    var other = watched.get(path);
    return (one != null && one.id() != id) || (other != null && other.id() != id);
  }

  private void begin(Path path, long id) {
    if (!held.containsKey(path)) {
      held.put(path, new Held(id, work.begin(path)));
      tell(() -> listener.began(path));
    }
  }

  private void watch(Path path, long id) {
    boolean known = watched.containsKey(path);
    if (!known) {
      try {
        watched.put(path, new Watched(id, path.register(watcher, ENTRY_CREATE, ENTRY_DELETE)));
      } catch (IOException e) {
        throw unwatchable(path, "max_user_watches", e);
      }
    }
    if (!known || failed.containsKey(path)) {
      scan(path); // after it is watched, so that none is missed that is made meanwhile
    }
  }

  /** Looks at all that is in a folder, and at all that was. */
  private void scan(Path folder) {
    var children = new TreeSet<Path>();
    try (var there = Files.newDirectoryStream(folder, Files::isDirectory)) {
      there.forEach(children::add);
    } catch (DirectoryIteratorException e) {
      throw new UncheckedIOException("cannot read the folder " + folder, e.getCause());
    } catch (NoSuchFileException e) {
      return; // it has gone; we are told
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the folder " + folder, e);
    }
    Stream.of(held, watched, failed)
        .flatMap(known -> known.keySet().stream())
        .filter(path -> folder.equals(path.getParent()))
        .forEach(children::add);
    children.forEach(this::look);
  }

  /** Lets go of a cgroup that is gone, and of what was below it. */
  private void forget(Path path) {
    failed.remove(path);
    release(path);
    var watch = watched.remove(path);
    if (watch != null) {
      watch.key().cancel(); // the kernel keeps a removed cgroup as long as it is watched
      Stream.of(held, watched, failed)
          .flatMap(known -> List.copyOf(known.keySet()).stream())
          .filter(below -> path.equals(below.getParent()))
          .forEach(this::forget);
    }
  }

  private void release(Path path) {
    var gone = held.remove(path);
    if (gone != null) {
      try {
        gone.begun().gone();
      } catch (RuntimeException e) {
        tell(() -> listener.failed(path, e));
      }
      tell(() -> listener.gone(path));
    }
  }

  private static void tell(Runnable news) {
    try {
      news.run();
    } catch (RuntimeException e) {
      var thread = Thread.currentThread();
      thread.getUncaughtExceptionHandler().uncaughtException(thread, e);
    }
  }

  /** Ends the work on all, and the watching. */
  private void end() {
    closed = true;
    try (var _ = watcher) {
      for (var one : held.entrySet()) {
        try {
          one.getValue().begun().close();
        } catch (RuntimeException e) {
          tell(() -> listener.failed(one.getKey(), e));
        }
      }
      held.clear();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot end watching " + cgroups.top(), e);
    }
  }

  /**
   * Stops following. What a {@link Connect4Redirect} was attached to is detached then, and what was
   * named is named no longer; what a {@link PersistentRedirect} is attached to stays so. Returns
   * when that is done, unless a listener calls it. Calls after the first do nothing more.
   */
  @Override
  public void close() {
    closed = true;
    try {
      watcher.close(); // wakes the thread, which does the rest
    } catch (IOException e) {
      throw new UncheckedIOException("cannot end watching " + cgroups.top(), e);
    }
    if (Thread.currentThread() != thread) {
      boolean interrupted = false;
      while (thread.isAlive()) {
        try {
          thread.join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
