package io.github.purebpf.bpf;

import io.github.purebpf.uapi.AttachFlags;
import java.nio.file.Path;
import java.util.Objects;

/**
 * A place that a program can be attached to without a link; {@link BpfProgram#attachLegacy} does
 * it.
 */
public sealed interface LegacyPoint {
  /**
   * A cgroup and those below it, for programs of the attach types {@code BPF_CGROUP_…}. Linux 4.10.
   *
   * @param path a directory in a cgroup2 file system
   * @param mode who else may be attached there and below; one for all programs of a cgroup and hook
   * @param order where among the programs there, with {@link Mode#MULTI} only; anything but {@link
   *     AttachOrder#LAST} needs Linux 6.17
   */
  record Cgroup(Path path, Mode mode, AttachOrder order) implements LegacyPoint {
    /** Refuses nulls, and an order where there is but one program. */
    public Cgroup {
      Objects.requireNonNull(path, "path");
      Objects.requireNonNull(mode, "mode");
      if (mode != Mode.MULTI && !order.isDefault()) {
        throw new IllegalArgumentException(
            "cgroup %s: there is an order among several programs only, in the mode MULTI"
                .formatted(path));
      }
    }

    /** Behind the programs that are there. */
    public Cgroup(Path path, Mode mode) {
      this(path, mode, AttachOrder.LAST);
    }
  }

  /**
   * A map of sockets, for programs of the types {@code BPF_PROG_TYPE_SK_SKB} and {@code
   * BPF_PROG_TYPE_SK_MSG}: one for each attach type. Linux 4.14.
   *
   * @param map a sockmap or sockhash
   */
  record SocketMap(KernelMap map) implements LegacyPoint {
    /** Refuses null. */
    public SocketMap {
      Objects.requireNonNull(map, "map");
    }
  }

  /** How the programs of a cgroup get along with others. */
  enum Mode {
    /**
     * One program, which runs for all cgroups below; nothing can be attached there. Attaching
     * another to the same cgroup replaces it.
     */
    EXCLUSIVE(0),
    /**
     * One program, which does not run for a cgroup below that has one of its own ({@code
     * BPF_F_ALLOW_OVERRIDE}, Linux 4.10). Attaching another to the same cgroup replaces it.
     */
    OVERRIDE(AttachFlags.ALLOW_OVERRIDE),
    /**
     * Any number, also by links; those of the cgroups above run too ({@code BPF_F_ALLOW_MULTI},
     * Linux 4.15).
     */
    MULTI(AttachFlags.ALLOW_MULTI);

    private final int flags;

    Mode(int flags) {
      this.flags = flags;
    }

    int flags() {
      return flags;
    }
  }
}
