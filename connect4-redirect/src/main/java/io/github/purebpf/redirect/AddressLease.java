package io.github.purebpf.redirect;

import io.github.purebpf.redirect.dataplane.Wishes;
import java.nio.file.Path;
import java.util.Objects;

/**
 * That a virtual address belongs to a cgroup: its programs connect to it, and no other cgroup is
 * given it. It is a note in the table: whoever knows the address can connect to it.
 *
 * @param vip the virtual address
 * @param cgroup the folder of the cgroup, which may be gone; absolute
 */
public record AddressLease(VirtualAddress vip, Path cgroup) {
  /** Refuses a relative path, and one of more than 1024 bytes. */
  public AddressLease {
    Objects.requireNonNull(vip, "vip");
    cgroup = cgroup.normalize();
    if (!cgroup.isAbsolute()) {
      throw new IllegalArgumentException("the folder of a cgroup begins with /: " + cgroup);
    }
    if (!Wishes.hasRoomFor(cgroup.toString())) {
      throw new IllegalArgumentException(
          "the path of a cgroup takes %d bytes at most: %s".formatted(Wishes.LONGEST_PATH, cgroup));
    }
  }
}
