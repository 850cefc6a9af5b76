package io.github.purebpf.redirect;

import io.github.purebpf.bpf.BpfFs;
import io.github.purebpf.bpf.DirectoryLock;
import io.github.purebpf.redirect.dataplane.Dataplane;
import io.github.purebpf.redirect.dataplane.Meta;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/**
 * Where a redirector that outlives its processes is pinned: a {@link PinFolder} with two folders
 * more. {@code links} has its links. {@code owner} is empty and locked by the controller as long as
 * it lives; whoever takes over removes it and makes another, which is locked by nobody, and so need
 * not wait for one that hangs.
 *
 * <p>All but {@link #make} is done by whoever has the {@linkplain #turns turn}.
 */
final class PersistentFolder {
  private final Path directory;
  private final Path maps;
  private final Path ownerFolder;
  private final PinnedLinks links;
  private final Turns turns;

  /** The folders that were missing, the deepest first. */
  private final Deque<Path> made = new ArrayDeque<>();

  private PersistentFolder(Path directory) {
    this.directory = directory.toAbsolutePath();
    this.maps = PinFolder.maps(directory);
    this.ownerFolder = maps.resolve("owner");
    this.links = new PinnedLinks(maps.resolve(PinFolder.LINKS));
    this.turns = Turns.in(maps);
  }

  /** Makes the folders that are missing. */
  static PersistentFolder make(Path directory) {
    var folder = new PersistentFolder(directory);
    PinFolder.requireLayout(folder.directory);
    folder.requirePersistent();
    try {
      PinFolder.make(folder.links.folder(), folder.made);
    } catch (RuntimeException e) {
      removeFolders(folder.made);
      throw e;
    }
    return folder;
  }

  /** The folder of one that is there. */
  static Optional<PersistentFolder> find(Path directory) {
    var folder = new PersistentFolder(directory);
    if (!PinFolder.exists(folder.directory)) {
      return Optional.empty();
    }
    PinFolder.requireBpfFs(folder.directory);
    PinFolder.requireLayout(folder.directory);
    folder.requirePersistent();
    return PinFolder.exists(folder.maps) ? Optional.of(folder) : Optional.empty();
  }

  /** Refuses the maps of a redirector that ends with its process. */
  private void requirePersistent() {
    if (PinFolder.exists(maps) && !PinFolder.exists(links.folder()) && !names(maps).isEmpty()) {
      throw new AlreadyPinnedException(maps);
    }
  }

  Path maps() {
    return maps;
  }

  PinnedLinks links() {
    return links;
  }

  Turns turns() {
    return turns;
  }

  /** Whether all maps are there; if not, whoever made them was killed. */
  boolean isComplete() {
    return Dataplane.isIn(maps);
  }

  /** Pins new maps in place of what may be there. */
  Dataplane create() {
    unpinAll();
    var dataplane = Dataplane.create();
    try {
      // Of those that are removed with it: not the two inside.
      int above = (int) made.stream().filter(maps::startsWith).filter(f -> !f.equals(maps)).count();
      dataplane.meta().foldersMade(above);
      dataplane.pin(maps);
      return dataplane;
    } catch (RuntimeException e) {
      dataplane.close();
      throw e;
    }
  }

  Dataplane open() {
    return PinFolder.open(directory);
  }

  /** Locks the place of the owner, unless one lives. */
  Optional<DirectoryLock> tryOwn() {
    makeOwnerFolder();
    return DirectoryLock.tryAcquire(ownerFolder);
  }

  /** Whether somebody has locked it who lives. */
  boolean isOwned() {
    if (!PinFolder.exists(ownerFolder)) {
      return false;
    }
    var place = DirectoryLock.tryAcquire(ownerFolder);
    place.ifPresent(DirectoryLock::close);
    return place.isEmpty();
  }

  /** Locks it whoever has it. */
  DirectoryLock own() {
    remove(ownerFolder);
    makeOwnerFolder();
    return DirectoryLock.tryAcquire(ownerFolder).orElseThrow();
  }

  private void makeOwnerFolder() {
    PinFolder.make(ownerFolder, new ArrayDeque<>());
  }

  /** Who owns it, in words. */
  static String owner(Meta meta) {
    return meta.ownerPidNamespace() == pidNamespace()
        ? "process " + meta.ownerPid()
        : "process %d of another pid namespace, pid:[%d]"
            .formatted(meta.ownerPid(), meta.ownerPidNamespace());
  }

  /** The same without having opened it. */
  String owner() {
    if (!isComplete()) {
      return "a process that lives";
    }
    try (var dataplane = open()) {
      return owner(dataplane.meta());
    }
  }

  /** The inode number of the pid namespace of this process; 0 if there is no /proc. */
  static long pidNamespace() {
    try {
      return (Long) Files.getAttribute(Path.of("/proc/self/ns/pid"), "unix:ino");
    } catch (IOException e) {
      return 0;
    }
  }

  /** Detaches, unpins, and removes the folders that were made. */
  void uninstall() {
    int above = 0;
    if (isComplete()) {
      try (var dataplane = open()) {
        above = dataplane.meta().foldersMade();
      }
    }
    unpinAll();
    var folders = new ArrayDeque<Path>();
    for (var folder : List.of(ownerFolder, links.folder(), maps)) {
      folders.add(folder);
    }
    var parent = directory;
    for (int i = 0; i < above; i++) {
      folders.add(parent);
      parent = parent.getParent();
    }
    removeFolders(folders);
  }

  /** Takes back what {@link #make} did, if nothing was made in it. */
  void removeMade() {
    removeFolders(made);
  }

  private void unpinAll() {
    if (PinFolder.exists(links.folder())) {
      links.cgroups().forEach(links::removeAll);
      names(links.folder()).forEach(BpfFs::unpin);
    }
    // The first to go is the one by which the others are known to be there.
    BpfFs.unpin(maps.resolve("meta"));
    names(maps).stream().filter(path -> !Files.isDirectory(path)).forEach(BpfFs::unpin);
  }

  private static List<Path> names(Path folder) {
    try (var names = Files.list(folder)) {
      return names.toList();
    } catch (NoSuchFileException e) {
      return List.of();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + folder, e);
    }
  }

  private static void removeFolders(Deque<Path> deepestFirst) {
    for (var folder : deepestFirst) {
      if (!remove(folder)) {
        return; // somebody else uses it by now
      }
    }
  }

  private static boolean remove(Path folder) {
    try {
      Files.deleteIfExists(folder);
      return true;
    } catch (DirectoryNotEmptyException e) {
      return false;
    } catch (FileSystemException e) {
      if (e.getReason() != null && e.getReason().contains("busy")) {
        return false; // a file system is mounted there
      }
      throw new UncheckedIOException("cannot remove " + folder, e);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot remove " + folder, e);
    }
  }
}
