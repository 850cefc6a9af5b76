package io.github.purebpf.redirect.dataplane;

import io.github.purebpf.bpf.BpfMap;
import java.util.HashMap;
import java.util.Map;

/**
 * Which cgroup a virtual address was given to, by the words of {@link VipKey}s: the paths by which
 * the cgroups were named. Like {@link Wishes}, it is for those who come after.
 */
public final class Leases {
  /** How many there is room for. */
  public static final int MOST = 16_384;

  private final BpfMap<VipKey, String> map;

  Leases(BpfMap<VipKey, String> map) {
    this.map = map;
  }

  /**
   * Adds or replaces one.
   *
   * @param path as short as {@link Wishes#hasRoomFor} says
   * @throws NoRoomException if there is no room for it
   */
  public void put(long vip, String path) {
    var key = VipKey.of(vip);
    if (map.get(key).isEmpty() && map.toMap().size() >= MOST) {
      throw new NoRoomException("no room for one more lease; there are %d".formatted(MOST));
    }
    map.put(key, path);
  }

  /** Removes one; false if it is not there. */
  public boolean remove(long vip) {
    return map.remove(VipKey.of(vip));
  }

  /** All. */
  public Map<Long, String> all() {
    var all = new HashMap<Long, String>();
    map.forEach((key, path) -> all.put(key.word(), path));
    return all;
  }
}
