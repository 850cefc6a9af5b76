package io.github.purebpf.bpf.internal.sys;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** {@code /proc/self/mountinfo}: what is mounted where for this process. */
public final class MountInfo {
  private static final int ROOT = 3;
  private static final int POINT = 4;

  private MountInfo() {}

  /**
   * A mount.
   *
   * @param root what of the file system is mounted: {@code /} for all of it
   * @param point where
   */
  public record Mount(Path root, Path point) {}

  /**
   * The mounts of a type of file system, in the order of the file; a later one may hide an earlier.
   */
  public static List<Mount> mounts(String type) {
    return mounts(type, Path.of("/"));
  }

  /**
   * The same.
   *
   * @param root the directory below which {@code /proc} is
   */
  public static List<Mount> mounts(String type, Path root) {
    try {
      // Bytes, one char each: names are in no particular character set.
      return mounts(
          type, Files.readString(root.resolve("proc/self/mountinfo"), StandardCharsets.ISO_8859_1));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the mounts; is /proc mounted?", e);
    }
  }

  /** The mount points of a type of file system. */
  public static List<Path> mountPoints(String type) {
    return mounts(type).stream().map(Mount::point).toList();
  }

  /** The same of a text with one char for each byte. */
  static List<Mount> mounts(String type, String mountInfo) {
    var found = new ArrayList<Mount>();
    for (String line : mountInfo.split("\n", -1)) {
      // The number of fields before the hyphen varies.
      int hyphen = line.indexOf(" - ");
      if (hyphen > 0 && line.startsWith(type + " ", hyphen + 3)) {
        var fields = line.split(" ", POINT + 2);
        found.add(
            new Mount(
                NativePath.of(unescape(fields[ROOT])), NativePath.of(unescape(fields[POINT]))));
      }
    }
    return List.copyOf(found);
  }

  /** The kernel writes blank, tab, newline and backslash as three octal digits. */
  private static byte[] unescape(String field) {
    var bytes = new ByteArrayOutputStream();
    for (int i = 0; i < field.length(); i++) {
      if (field.charAt(i) == '\\' && field.length() - i > 3) {
        bytes.write(Integer.parseInt(field, i + 1, i + 4, 8));
        i += 3;
      } else {
        bytes.write(field.charAt(i));
      }
    }
    return bytes.toByteArray();
  }
}
