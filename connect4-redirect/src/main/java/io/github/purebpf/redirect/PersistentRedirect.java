package io.github.purebpf.redirect;

import io.github.purebpf.bpf.BpfLink;
import io.github.purebpf.bpf.BpfProgram;
import io.github.purebpf.bpf.Cgroup2;
import io.github.purebpf.bpf.DirectoryLock;
import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.bpf.error.MissingPrivilegeException;
import io.github.purebpf.redirect.dataplane.Dataplane;
import io.github.purebpf.redirect.dataplane.Hook;
import io.github.purebpf.redirect.dataplane.NoRoomException;
import io.github.purebpf.redirect.dataplane.Wishes;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;

/**
 * A redirector that goes on without the process that made it: its maps and links are pinned in a
 * folder of a BPF file system, until {@link #uninstall}. The controller may be closed, killed or
 * replaced by a newer version; whoever {@linkplain #open opens} the folder next goes on with the
 * same table and the same counters, and puts its own programs in the place of the old ones without
 * a moment in between, so that no connect misses the redirection.
 *
 * <p>One process at a time is the owner. The kernel frees that place when the process ends, however
 * it does; a process that lives keeps it until another {@linkplain Takeover#TAKE takes over}. The
 * table is not the owner's alone: {@link RedirectTable#openPinned} opens it for anybody.
 *
 * <p>What changes several things does all or nothing. What is killed in the middle is completed by
 * the next {@link #open}: a cgroup that was being attached is attached then, and one that was being
 * detached is detached. Undoing a change of programs needs {@code CAP_SYS_ADMIN}; without it some
 * programs are new and some old after a failure, which work together, and the next {@link #open} or
 * {@link #upgrade} makes them equal.
 *
 * <p>Needs {@code CAP_BPF} and {@code CAP_NET_ADMIN}, or {@code CAP_SYS_ADMIN}, and Linux 5.15. All
 * methods can be called from any thread. Every method that changes something throws {@link
 * TakenOverException} when another process has taken over, {@link TableBusyException} when others
 * have been changing the maps for ten seconds, and {@link PinException} when it was uninstalled by
 * another.
 */
public final class PersistentRedirect implements AutoCloseable {
  private final PersistentFolder folder;
  private final Dataplane dataplane;
  private final PinnedLinks links;
  private final Turns turns;
  private final RedirectTable table;

  /** By hook, in the order in which they are attached. */
  private Map<Hook, BpfProgram> programs = Map.of();

  /** Whether nothing was there before it. */
  private boolean fresh;

  /** The place of the owner; empty until it is ours. */
  private volatile Optional<DirectoryLock> place = Optional.empty();

  /** Our number as an owner. */
  private volatile long generation;

  private volatile boolean closed;

  private PersistentRedirect(PersistentFolder folder, Dataplane dataplane) {
    this.folder = folder;
    this.dataplane = dataplane;
    this.links = folder.links();
    this.turns = folder.turns().of(dataplane, folder.maps());
    this.table = new RedirectTable(dataplane, turns, this::requireOwner);
  }

  /**
   * The same with the options that are there, or the default ones where it begins anew; refused if
   * another process owns it.
   *
   * @throws OwnedException if another process owns it
   * @throws PinException if the folder cannot hold one, or holds one of another version
   */
  public static PersistentRedirect open(Path directory) {
    return open(directory, Optional.empty(), Takeover.REFUSE);
  }

  /**
   * Goes on with what is pinned in a folder, or begins there with an empty table that is attached
   * nowhere. What is there gets programs as the options say, and is {@linkplain #repair repaired}.
   *
   * @param directory in a BPF file system; missing directories are made, for their owner only
   * @param takeover what to do if another process owns it
   * @throws OwnedException if another process owns it and shall keep it
   * @throws AlreadyPinnedException if the directory holds the table of a redirector that ends with
   *     its process
   * @throws PinException if it is in no BPF file system, its name has a dot, or another version has
   *     pinned something there; the message says what to do
   * @throws TableBusyException if others have been changing the maps for ten seconds
   * @throws io.github.purebpf.bpf.error.BpfException if the kernel refuses; its kinds say why
   */
  public static PersistentRedirect open(
      Path directory, RedirectOptions options, Takeover takeover) {
    return open(directory, Optional.of(options), takeover);
  }

  private static PersistentRedirect open(
      Path directory, Optional<RedirectOptions> options, Takeover takeover) {
    Objects.requireNonNull(takeover, "takeover");
    var folder = PersistentFolder.make(directory);
    boolean fresh;
    PersistentRedirect redirect;
    try (var _ = folder.turns().take()) {
      fresh = !folder.isComplete();
      redirect = begin(folder, takeover);
      redirect.fresh = fresh;
    }
    boolean done = false;
    try {
      redirect.install(options.orElse(redirect.options()));
      done = true;
      return redirect;
    } finally {
      if (!done) {
        redirect.close();
        if (fresh) {
          remove(folder);
        }
      }
    }
  }

  /** Opens or makes the maps. The place of the owner is ours then, unless we are to take it. */
  private static PersistentRedirect begin(PersistentFolder folder, Takeover takeover) {
    var place = folder.tryOwn();
    boolean done = false;
    try {
      Dataplane dataplane;
      if (folder.isComplete()) {
        dataplane = folder.open();
      } else if (place.isPresent()) {
        dataplane = create(folder);
      } else {
        throw new OwnedException(
            folder.maps(), "a process that lives, but some of its maps are unpinned");
      }
      var redirect = new PersistentRedirect(folder, dataplane);
      if (place.isPresent()) {
        redirect.own(place.get());
      } else if (takeover == Takeover.REFUSE) {
        var owner = PersistentFolder.owner(dataplane.meta());
        redirect.close();
        throw new OwnedException(folder.maps(), owner);
      }
      done = true;
      return redirect;
    } finally {
      if (!done) {
        place.ifPresent(DirectoryLock::close);
      }
    }
  }

  private static Dataplane create(PersistentFolder folder) {
    boolean done = false;
    try {
      var dataplane = folder.create();
      done = true;
      return dataplane;
    } finally {
      if (!done) {
        folder.uninstall();
        folder.removeMade();
      }
    }
  }

  /**
   * How it is, for those who do not own it and do not want to. It waits while others change it.
   *
   * @param directory the one that was given to {@link #open}
   * @return empty if there is none, or one that was never finished
   * @throws AlreadyPinnedException if the directory holds the table of a redirector that ends with
   *     its process
   * @throws PinException if it is in no BPF file system, or another version has pinned something
   *     there
   * @throws TableBusyException if others have been changing the maps for ten seconds
   * @throws io.github.purebpf.bpf.error.BpfException if the kernel refuses; its kinds say why
   */
  public static Optional<PersistentState> look(Path directory) {
    var found = PersistentFolder.find(directory);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    var folder = found.get();
    try (var _ = folder.turns().take()) {
      if (!folder.isComplete()) {
        return Optional.empty();
      }
      try (var dataplane = folder.open()) {
        var options = OptionsWord.options(dataplane.meta().options());
        return Optional.of(
            new PersistentState(
                options,
                PinnedPlaces.of(dataplane, folder.links(), options).all(),
                folder.isOwned()
                    ? Optional.of(PersistentFolder.owner(dataplane.meta()))
                    : Optional.empty()));
      }
    }
  }

  private static void remove(PersistentFolder folder) {
    try (var _ = folder.turns().take()) {
      var place = folder.tryOwn();
      if (place.isPresent()) {
        try (var _ = place.get()) {
          folder.uninstall();
        }
      }
    }
  }

  private void own(DirectoryLock lock) {
    place = Optional.of(lock);
    generation =
        dataplane.meta().own(ProcessHandle.current().pid(), PersistentFolder.pidNamespace());
  }

  /** Whether this process still owns it: nobody has taken over, and it is not closed. */
  public synchronized boolean isOwner() {
    return !closed && place.isPresent() && dataplane.meta().generation() == generation;
  }

  /** Whether {@link #open} has begun it, since nothing was pinned in the folder. */
  public boolean isNew() {
    return fresh;
  }

  /** Those that its programs were loaded with, by whoever owned it last. */
  public RedirectOptions options() {
    return OptionsWord.options(dataplane.meta().options());
  }

  private void requireOwner() {
    if (closed) {
      throw new IllegalStateException("the redirector is closed");
    }
    if (place.isPresent() && dataplane.meta().generation() != generation) {
      throw new TakenOverException(folder.maps(), PersistentFolder.owner(dataplane.meta()));
    }
  }

  /** The virtual addresses, their servers, and what came of the connects to them. */
  public RedirectTable table() {
    return table;
  }

  /**
   * Puts programs in place that work as other options say; the table and its counters stay.
   *
   * @throws io.github.purebpf.bpf.error.BpfException if the kernel refuses; its kinds say why
   */
  public synchronized void upgrade(RedirectOptions options) {
    Objects.requireNonNull(options, "options");
    requireOwner();
    install(options);
  }

  /** Loads programs and makes what is attached as it shall be. */
  private synchronized void install(RedirectOptions options) {
    // Before it is our turn, because others wait for theirs.
    var loaded = Connect4Redirect.load(dataplane, options);
    var old = programs;
    boolean done = false;
    try (var _ = turns.take()) {
      requireOwner();
      programs = loaded;
      try (var undo = new Undo()) {
        undo.add(() -> programs = old);
        note(options, undo);
        dropUnwished();
        restore(undo, true);
        if (place.isEmpty()) {
          own(folder.own());
        }
        undo.done();
        done = true;
      }
      removeUnwanted();
    } finally {
      (done ? old : loaded).values().forEach(BpfProgram::close);
    }
  }

  /** First of all, so that whoever comes after a kill goes on towards the same options. */
  private void note(RedirectOptions options, Undo undo) {
    var meta = dataplane.meta();
    long before = meta.options();
    meta.options(OptionsWord.of(options));
    undo.add(() -> meta.options(before));
  }

  /** Completes what was being detached when somebody was killed. */
  private void dropUnwished() {
    var wished = dataplane.wishes().all();
    links.cgroups().stream().filter(id -> !wished.containsKey(id)).forEach(links::removeAll);
  }

  /** Detaches the hooks that are no longer asked for. */
  private void removeUnwanted() {
    for (long cgroup : links.cgroups()) {
      for (var hook : Hook.values()) {
        if (!programs.containsKey(hook)) {
          links.remove(hook, cgroup);
        }
      }
    }
  }

  /**
   * Attaches wherever it shall be attached and is not.
   *
   * @param replace whether what is attached gets the programs that we have loaded
   */
  private void restore(Undo undo, boolean replace) {
    var finder = new CgroupFinder();
    var places = places();
    var wished = dataplane.wishes().all();
    for (var wish : wished.entrySet()) {
      long cgroup = wish.getKey();
      var path = Path.of(wish.getValue());
      if (places.isWhole(cgroup)) {
        restore(cgroup, path, undo, replace);
        continue;
      }
      var found = finder.find(cgroup, path);
      var successor = CgroupFinder.idAt(path);
      if (found.isPresent()) {
        restore(cgroup, found.get(), undo, replace);
      } else if (places.isAnywhere(cgroup)) {
        // It is there, where this process does not see it.
        restore(cgroup, path, undo, replace);
      } else if (successor.isPresent()) {
        succeed(wished, cgroup, successor, path, undo, replace);
      } else {
        links.removeAll(cgroup);
      }
    }
  }

  /** Attaches to the cgroup that was made in the place of one that is gone. */
  private void succeed(
      SortedMap<Long, String> wished,
      long gone,
      OptionalLong successor,
      Path path,
      Undo undo,
      boolean replace) {
    long cgroup = successor.getAsLong();
    if (!wished.containsKey(cgroup)) {
      wish(cgroup, path, undo);
      restore(cgroup, path, undo, replace);
    }
    links.removeAll(gone);
    dataplane.wishes().remove(gone);
    undo.add(() -> dataplane.wishes().put(gone, path.toString()));
  }

  private void wish(long cgroup, Path path, Undo undo) {
    dataplane.wishes().put(cgroup, path.toString());
    undo.add(() -> dataplane.wishes().remove(cgroup));
  }

  private PinnedPlaces places() {
    return new PinnedPlaces(dataplane, links, programs.keySet());
  }

  private void restore(long cgroup, Path path, Undo undo, boolean replace) {
    programs.forEach(
        (hook, program) -> {
          if (!keep(hook, program, cgroup, undo, replace)) {
            links.remove(hook, cgroup);
            attach(hook, program, cgroup, path, undo);
          }
        });
  }

  /** Whether a hook is attached; if so, it gets the program. */
  private boolean keep(Hook hook, BpfProgram program, long cgroup, Undo undo, boolean replace) {
    var link = links.open(hook, cgroup);
    if (link.isEmpty()) {
      return false;
    }
    try (var opened = link.get()) {
      if (opened.cgroupId().isEmpty()) {
        return false;
      }
      if (replace) {
        replace(hook, opened, program, cgroup, undo);
      }
      return true;
    } catch (KernelErrorException e) {
      if (e.errnoName().equals("ENOLINK")) {
        return false; // it goes at this moment
      }
      throw e;
    }
  }

  private void replace(Hook hook, BpfLink link, BpfProgram program, long cgroup, Undo undo) {
    var before = programOf(hook, link);
    link.update(program);
    before.ifPresent(
        old -> {
          undo.needs(old);
          undo.add(
              () -> {
                try (var again = links.open(hook, cgroup).orElse(null)) {
                  if (again != null) {
                    again.update(old);
                  }
                }
              });
        });
  }

  /** The program that is attached, if we may have it. */
  private static Optional<BpfProgram> programOf(Hook hook, BpfLink link) {
    try {
      return Optional.of(
          BpfProgram.openById(
              link.programId(), hook.programType(), Optional.of(hook.attachType())));
    } catch (MissingPrivilegeException | KernelErrorException e) {
      return Optional.empty();
    }
  }

  private void attach(Hook hook, BpfProgram program, long cgroup, Path path, Undo undo) {
    var there = CgroupFinder.idAt(path);
    if (there.isEmpty() || there.getAsLong() != cgroup) {
      return; // it has gone; repair finds what has taken its place
    }
    try (var link = program.attachToCgroup(path)) {
      var at = link.cgroupId();
      if (at.isPresent() && at.getAsLong() == cgroup) {
        link.pin(links.pin(hook, cgroup));
        undo.add(() -> links.remove(hook, cgroup));
      }
    } catch (RuntimeException e) {
      if (Files.exists(path)) {
        throw e;
      }
    }
  }

  /**
   * Begins to redirect the connects of all programs in a cgroup and in the cgroups below it, until
   * it is detached; with all hooks or with none. Where that is done already nothing changes, but
   * for what had to be repaired.
   *
   * @param cgroup its directory in the cgroup2 hierarchy; a path that later processes can use
   * @throws io.github.purebpf.bpf.NotCgroup2Exception if it is no such directory
   * @throws IllegalArgumentException if the path has more than 1024 bytes
   * @throws TableFullException if 4096 cgroups are attached
   * @throws io.github.purebpf.bpf.error.BpfException if the kernel refuses; its kinds say why
   */
  public synchronized PinnedAttachment attach(Path cgroup) {
    var path = cgroup.toAbsolutePath().normalize();
    if (!Wishes.hasRoomFor(path.toString())) {
      throw new IllegalArgumentException(
          "the path of a cgroup takes %d bytes at most: %s".formatted(Wishes.LONGEST_PATH, path));
    }
    long id = Cgroup2.require(path).id();
    try (var _ = turns.take()) {
      requireOwner();
      try (var undo = new Undo()) {
        if (!dataplane.wishes().all().containsKey(id)) {
          wish(id, path, undo);
        }
        restore(id, path, undo, false);
        undo.done();
      } catch (NoRoomException e) {
        throw new TableFullException(e);
      }
      return new PinnedAttachment(id, path, places().state(id, new CgroupFinder(), path));
    }
  }

  /**
   * Detaches from a cgroup: connects that begin from now on go where they are told. Connections
   * that are made stay as they are, and leave the figures as told at {@link Attachment#close}.
   *
   * @param cgroup its id; it may be gone
   * @return whether it was attached there
   */
  public synchronized boolean detach(long cgroup) {
    try (var _ = turns.take()) {
      requireOwner();
      boolean wished = dataplane.wishes().all().containsKey(cgroup);
      detach(table, links, cgroup);
      return wished;
    }
  }

  private static void detach(RedirectTable table, PinnedLinks links, long cgroup) {
    var wishes = table.dataplane().wishes();
    var path = Optional.ofNullable(wishes.all().get(cgroup)).map(Path::of);
    // First what tells those after us that it shall be so.
    wishes.remove(cgroup);
    links.removeRedirecting(cgroup);
    path.flatMap(known -> new CgroupFinder().find(cgroup, known))
        .ifPresent(
            found -> table.forget(found, wishes.all().values().stream().map(Path::of).toList()));
    links.removeAll(cgroup);
  }

  /**
   * The same by the path that {@link #attachments} tells.
   *
   * @return whether it was attached there
   */
  public synchronized boolean detach(Path cgroup) {
    var path = cgroup.toAbsolutePath().normalize();
    var detached = new ArrayList<Boolean>();
    for (var attachment : attachments()) {
      if (attachment.path().equals(path)) {
        detached.add(detach(attachment.cgroupId()));
      }
    }
    return detached.contains(true);
  }

  /** Where it is attached, by ascending id of the cgroup. */
  public synchronized List<PinnedAttachment> attachments() {
    return places().all();
  }

  /**
   * Attaches again wherever it ought to be attached and is not. A cgroup that was removed takes its
   * links along (an update fails with ENOLINK); their pins are removed, and if another cgroup has
   * been made by the same path, that is attached in its place. If none has, it stays {@linkplain
   * PinnedAttachment.State#GONE gone} until one is made or it is {@linkplain #detach(long)
   * detached}. What fails is undone.
   *
   * @return where it is attached then
   * @throws io.github.purebpf.bpf.error.BpfException if the kernel refuses; its kinds say why
   */
  public synchronized List<PinnedAttachment> repair() {
    try (var _ = turns.take()) {
      requireOwner();
      try (var undo = new Undo()) {
        dropUnwished();
        restore(undo, false);
        undo.done();
      }
    }
    return attachments();
  }

  /**
   * Detaches everywhere, unpins all, and removes the folders that were made. The table and its
   * counters are lost. This object is closed then.
   */
  public synchronized void uninstall() {
    try (var _ = turns.take()) {
      requireOwner();
      folder.uninstall();
    }
    close();
  }

  /**
   * The same without opening it, also for one that was left incomplete.
   *
   * @param directory the one that was given to {@link #open}
   * @param takeover what to do if another process owns it
   * @return whether there was one
   * @throws OwnedException if another process owns it and shall keep it
   * @throws AlreadyPinnedException if the directory holds the table of a redirector that ends with
   *     its process
   * @throws PinException if another version has pinned something there
   * @throws TableBusyException if others have been changing the maps for ten seconds
   */
  public static boolean uninstall(Path directory, Takeover takeover) {
    var found = PersistentFolder.find(directory);
    if (found.isEmpty()) {
      return false;
    }
    var folder = found.get();
    try (var _ = folder.turns().take()) {
      var place = folder.tryOwn();
      try (var _ = place.orElse(null)) {
        if (place.isEmpty() && takeover == Takeover.REFUSE) {
          throw new OwnedException(folder.maps(), folder.owner());
        }
        folder.uninstall();
      }
    }
    return true;
  }

  /**
   * Detaches from cgroups without opening it: no programs are loaded, and nothing is repaired.
   *
   * @param directory the one that was given to {@link #open}
   * @param cgroups their ids; they may be gone. It need not be attached to them
   * @param takeover what to do if another process owns it
   * @throws OwnedException if another process owns it and shall keep it
   * @throws AlreadyPinnedException if the directory holds the table of a redirector that ends with
   *     its process
   * @throws PinException if there is none, or one of another version
   * @throws TableBusyException if others have been changing the maps for ten seconds
   */
  public static void detach(Path directory, Set<Long> cgroups, Takeover takeover) {
    var folder =
        PersistentFolder.find(directory)
            .orElseThrow(() -> new PinException("no redirector is pinned in " + directory));
    try (var _ = folder.turns().take();
        var table = new RedirectTable(folder.open(), Turns.ALONE, () -> {})) {
      var meta = table.dataplane().meta();
      var place = folder.tryOwn();
      if (place.isEmpty() && takeover == Takeover.REFUSE) {
        throw new OwnedException(folder.maps(), PersistentFolder.owner(meta));
      }
      try (var _ = place.isPresent() ? place.get() : folder.own()) {
        meta.own(ProcessHandle.current().pid(), PersistentFolder.pidNamespace());
        cgroups.forEach(cgroup -> detach(table, folder.links(), cgroup));
      }
    }
  }

  /** Ends the work of this process. What is attached goes on; a second time does nothing. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    try (table) {
      programs.values().forEach(BpfProgram::close);
    } finally {
      place.ifPresent(DirectoryLock::close);
    }
  }
}
