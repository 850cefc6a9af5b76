package io.github.purebpf.redirect;

import io.github.purebpf.bpf.BpfFs;
import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.redirect.dataplane.Dataplane;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The folder in a BPF file system in which the maps of a table have their names. Inside it is one
 * folder named after the layout of the maps, so that versions that do not understand each other do
 * not meet.
 */
final class PinFolder {
  /** The layout that this version reads and writes. */
  static final String LAYOUT = "v3";

  /** What layout 1 was: one map. */
  private static final String LAYOUT_1 = "table";

  /** In it are the links of a redirector that outlives its processes. */
  static final String LINKS = "links";

  private static final String ONLY_OWNER = "rwx------";

  private final Path maps;
  private final Dataplane dataplane;

  /** The directories that were missing, the deepest first. */
  private final Deque<Path> made;

  private PinFolder(Path maps, Dataplane dataplane, Deque<Path> made) {
    this.maps = maps;
    this.dataplane = dataplane;
    this.made = made;
  }

  /** The folder below a directory in which the maps are. */
  static Path maps(Path directory) {
    return directory.toAbsolutePath().resolve(LAYOUT);
  }

  /** Pins maps and makes the directories that are missing; all or nothing. */
  static PinFolder create(Path directory, Dataplane dataplane) {
    var absolute = directory.toAbsolutePath();
    requireLayout(absolute);
    var maps = absolute.resolve(LAYOUT);
    if (exists(maps)) {
      throw exists(maps.resolve(LINKS))
          ? AlreadyPinnedException.persistent(maps)
          : new AlreadyPinnedException(maps);
    }
    var folder = new PinFolder(maps, dataplane, new ArrayDeque<>());
    try {
      make(maps, folder.made);
      if (!maps.equals(folder.made.peek())) {
        throw new AlreadyPinnedException(maps);
      }
      dataplane.pin(maps);
      return folder;
    } catch (RuntimeException e) {
      folder.remove();
      throw e instanceof KernelErrorException error && error.errnoName().equals("EEXIST")
          ? new AlreadyPinnedException(maps)
          : e;
    }
  }

  /**
   * Makes a directory and those above it that are missing.
   *
   * @param made gets what was made, the deepest first
   */
  static void make(Path deepest, Deque<Path> made) {
    var missing = new ArrayDeque<Path>();
    var existing = deepest;
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
      } catch (FileAlreadyExistsException e) {
        continue; // another process makes it, too
      } catch (IOException e) {
        throw new UncheckedIOException("cannot make " + directory, e);
      }
      made.push(directory);
    }
  }

  /** Opens the maps that are pinned in a directory. */
  static Dataplane open(Path directory) {
    if (!exists(directory)) {
      throw new PinException("there is no " + directory + "; a redirector makes it when it pins");
    }
    requireBpfFs(directory);
    requireLayout(directory.toAbsolutePath());
    var maps = directory.toAbsolutePath().resolve(LAYOUT);
    if (!exists(maps)) {
      throw new PinException("no redirector has pinned its table in " + directory);
    }
    Dataplane dataplane;
    try {
      dataplane = Dataplane.open(maps);
    } catch (IllegalArgumentException e) {
      throw new PinException(e.getMessage(), e);
    } catch (KernelErrorException e) {
      throw e.errnoName().equals("ENOENT")
          ? new PinException(
              maps
                  + " lacks some maps: whoever pinned them was killed, or is at it; if none runs,"
                  + " remove it: rm -r "
                  + maps,
              e)
          : e;
    }
    if (!dataplane.meta().isOfThisLayout()) {
      dataplane.close();
      throw new PinException(
          maps + " holds maps of another layout; detach with the version that made them");
    }
    return dataplane;
  }

  /** Refuses what an older or a newer version has pinned. */
  static void requireLayout(Path directory) {
    if (!exists(directory)) {
      return;
    }
    try (var names = Files.list(directory)) {
      names
          .map(path -> path.getFileName().toString())
          .filter(
              name -> name.equals(LAYOUT_1) || (name.matches("v[0-9]+") && !name.equals(LAYOUT)))
          .findFirst()
          .ifPresent(
              name -> {
                throw new PinException(
                    "%s holds the layout %s of another version, and this one reads %s; detach with"
                            .formatted(directory, name.equals(LAYOUT_1) ? "v1" : name, LAYOUT)
                        + " that version, or remove %s".formatted(directory.resolve(name)));
              });
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + directory, e);
    }
  }

  /** Unpins the maps, unless others took their place, and removes what {@link #create} made. */
  void remove() {
    if (exists(maps.resolve("vips")) && dataplane.isPinnedIn(maps)) {
      try (var pins = Files.list(maps)) {
        pins.forEach(BpfFs::unpin);
      } catch (IOException e) {
        throw new UncheckedIOException("cannot unpin what is in " + maps, e);
      }
    }
    while (!made.isEmpty()) {
      try {
        Files.deleteIfExists(made.pop());
      } catch (DirectoryNotEmptyException e) {
        return; // somebody else uses it by now
      } catch (IOException e) {
        throw new UncheckedIOException("cannot remove a directory of " + maps, e);
      }
    }
  }

  static boolean exists(Path path) {
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

  static void requireBpfFs(Path directory) {
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
