package io.github.purebpf.redirect.dataplane;

import io.github.purebpf.bpf.BpfMap;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Where a pinned redirector shall be attached: by id of the cgroup, the path by which it was named.
 * It is written before the first link is made, and removed before the first is taken away, so that
 * whoever comes after a {@code kill -9} knows which of the two was being done.
 */
public final class Wishes {
  /** The longest path in bytes of UTF-8. */
  public static final int LONGEST_PATH = 1024;

  /** How many cgroups there is room for. */
  public static final int MOST = 4096;

  static final TextCodec PATHS = new TextCodec(LONGEST_PATH);

  private final BpfMap<Long, String> map;

  Wishes(BpfMap<Long, String> map) {
    this.map = map;
  }

  /** Whether a path is short enough. */
  public static boolean hasRoomFor(String path) {
    return PATHS.hasRoomFor(path);
  }

  /**
   * Adds or replaces one.
   *
   * @throws NoRoomException if there is no room for it
   */
  public void put(long cgroup, String path) {
    if (map.get(cgroup).isEmpty() && map.toMap().size() >= MOST) {
      throw new NoRoomException("no room for one more cgroup; %d are attached".formatted(MOST));
    }
    map.put(cgroup, path);
  }

  /** Removes one, if it is there. */
  public void remove(long cgroup) {
    map.remove(cgroup);
  }

  /** All, by ascending id. */
  public SortedMap<Long, String> all() {
    return new TreeMap<>(map.toMap());
  }
}
