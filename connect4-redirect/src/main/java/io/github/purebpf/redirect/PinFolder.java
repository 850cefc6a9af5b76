package io.github.purebpf.redirect;

import io.github.purebpf.bpf.BpfFs;
import io.github.purebpf.bpf.BpfMap;
import io.github.purebpf.bpf.MapSpec;
import io.github.purebpf.bpf.error.KernelErrorException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.Deque;

/** The directory in a BPF file system in which a table has its name. */
final class PinFolder {
  private static final String NAME = "table";
  private static final String ONLY_OWNER = "rwx------";

  private final Path pin;
  private final int mapId;

  /** The directories that were missing, the deepest first. */
  private final Deque<Path> made;

  private PinFolder(Path pin, int mapId, Deque<Path> made) {
    this.pin = pin;
    this.mapId = mapId;
    this.made = made;
  }

  /** Pins a map and makes the directories that are missing; all or nothing. */
  static PinFolder create(Path directory, BpfMap<?, ?> map) {
    var pin = directory.toAbsolutePath().resolve(NAME);
    var folder = new PinFolder(pin, map.id(), new ArrayDeque<>());
    try {
      folder.makeDirectories();
      if (Files.exists(pin)) {
        throw new AlreadyPinnedException(pin);
      }
      map.pin(pin);
      return folder;
    } catch (RuntimeException e) {
      folder.removeDirectories();
      throw e instanceof KernelErrorException error && error.errnoName().equals("EEXIST")
          ? new AlreadyPinnedException(pin)
          : e;
    }
  }

  private void makeDirectories() {
    var missing = new ArrayDeque<Path>();
    var existing = pin.getParent();
    while (!exists(existing)) {
      missing.push(existing);
      existing = existing.getParent();
    }
    requireBpfFs(existing);
    for (var directory : missing) {
      if (directory.getFileName().toString().contains(".")) {
        throw new PinException(directory + ": the BPF file system takes no dots in names");
      }
    }
    for (var directory : missing) {
      try {
        Files.createDirectory(
            directory,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(ONLY_OWNER)));
      } catch (IOException e) {
        throw new UncheckedIOException("cannot make " + directory, e);
      }
      made.push(directory);
    }
  }

  /** Opens the map that is pinned in a directory. */
  static <K, V> BpfMap<K, V> open(Path directory, MapSpec<K, V> spec) {
    var pin = directory.toAbsolutePath().resolve(NAME);
    if (!exists(directory)) {
      throw new PinException("there is no " + directory + "; a redirector makes it when it pins");
    }
    requireBpfFs(directory);
    if (!exists(pin)) {
      throw new PinException("no redirector has pinned its table in " + directory);
    }
    try {
      return BpfMap.openPinned(pin, spec);
    } catch (IllegalArgumentException e) {
      throw new PinException(e.getMessage(), e);
    }
  }

  /** Unpins the map, unless another has taken its place, and removes what {@link #create} made. */
  void remove(MapSpec<?, ?> spec) {
    if (exists(pin)) {
      try (var pinned = BpfMap.openPinned(pin, spec)) {
        if (pinned.id() == mapId) {
          BpfFs.unpin(pin);
        }
      }
    }
    removeDirectories();
  }

  private void removeDirectories() {
    while (!made.isEmpty()) {
      try {
        Files.deleteIfExists(made.pop());
      } catch (DirectoryNotEmptyException e) {
        return; // somebody else uses it by now
      } catch (IOException e) {
        throw new UncheckedIOException("cannot remove a directory of " + pin, e);
      }
    }
  }

  private static boolean exists(Path path) {
    try {
      Files.readAttributes(path, BasicFileAttributes.class);
      return true;
    } catch (NoSuchFileException e) {
      return false;
    } catch (AccessDeniedException e) {
      throw new UncheckedIOException(e);
    } catch (IOException e) {
      // The BPF file system answers with EPERM when asked for a name with a dot.
      if (path.toString().contains(".")) {
        return false;
      }
      throw new UncheckedIOException(e);
    }
  }

  private static void requireBpfFs(Path directory) {
    try {
      BpfFs.require(directory);
    } catch (IllegalArgumentException e) {
      throw new PinException(
          directory
              + " is in no BPF file system; take a directory below /sys/fs/bpf, and if none is"
              + " mounted there: mount -t bpf bpf /sys/fs/bpf",
          e);
    }
  }
}
