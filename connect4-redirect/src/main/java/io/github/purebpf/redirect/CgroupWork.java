package io.github.purebpf.redirect;

import io.github.purebpf.bpf.Cgroup2;
import java.nio.file.Path;

/**
 * What a {@link CgroupFollower} does with the cgroups that it finds: attaches a redirector to each,
 * or names each in the table of one. It is called by one thread at a time.
 */
public interface CgroupWork {
  /** The work on one cgroup, which has begun. */
  interface Begun {
    /** The cgroup was removed. */
    void gone();

    /** The cgroup is there, and the follower is closed. */
    void close();
  }

  /**
   * Begins to work on a cgroup.
   *
   * @param cgroup its folder, which may be gone at this moment
   * @throws RuntimeException if it fails; the follower tries again
   */
  Begun begin(Path cgroup);

  /**
   * Called before the first {@link #begin}; does nothing unless it is overridden.
   *
   * @param cgroups what is about to be followed
   */
  default void prepare(CgroupsBelow cgroups) {}

  /** Attaches a redirector, until the cgroup or the follower ends. */
  static CgroupWork attaching(Connect4Redirect redirect) {
    return cgroup -> begun(redirect.attach(cgroup)::close);
  }

  /**
   * Attaches a redirector that outlives this process: what is attached stays so when the follower
   * is closed, and a follower in a later process goes on with it. What was attached to cgroups that
   * have been removed meanwhile is detached, so that it takes no room.
   */
  static CgroupWork attaching(PersistentRedirect redirect) {
    return new PersistentWork(redirect);
  }

  /**
   * Names the cgroups in a table, until the cgroup or the follower ends; for a redirector that is
   * attached above them with {@link Scope#LISTED} or {@link Scope#NOT_LISTED}.
   */
  static CgroupWork listing(RedirectTable table) {
    return cgroup -> {
      long id = Cgroup2.require(cgroup).id();
      table.dataplane().listCgroup(id);
      return begun(() -> table.unlistCgroup(id));
    };
  }

  private static Begun begun(Runnable end) {
    return new Begun() {
      @Override
      public void gone() {
        end.run();
      }

      @Override
      public void close() {
        end.run();
      }
    };
  }
}
