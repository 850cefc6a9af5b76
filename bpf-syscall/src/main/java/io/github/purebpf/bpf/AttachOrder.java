package io.github.purebpf.bpf;

import io.github.purebpf.uapi.AttachFlags;
import io.github.purebpf.uapi.MapFlags;
import java.util.Objects;

/**
 * Where a program goes among those that are attached to one place already: tcx and netkit since
 * Linux 6.6 and 6.7, cgroups since 6.17. Anything but {@link #LAST} without a revision needs these
 * kernels.
 *
 * @param side before or behind the neighbour
 * @param neighbour what it is put next to
 * @param id the id of that program or link; 0 for {@link Neighbour#ALL}
 * @param revision what {@link BpfProgram#revisionAt} has returned, when nobody may have changed the
 *     list since; 0 if that does not matter
 */
public record AttachOrder(Side side, Neighbour neighbour, int id, long revision) {
  /** Which side of the neighbour. */
  public enum Side {
    /** Runs before it, {@code BPF_F_BEFORE}. */
    BEFORE(AttachFlags.BEFORE),
    /** Runs after it, {@code BPF_F_AFTER}. */
    AFTER(AttachFlags.AFTER);

    private final int flag;

    Side(int flag) {
      this.flag = flag;
    }
  }

  /** What an id is the id of. */
  public enum Neighbour {
    /** All that are attached there; no id. */
    ALL(0),
    /** A program; in a cgroup, one that is attached without a link, for another such. */
    PROGRAM(AttachFlags.ID),
    /** A link, {@code BPF_F_LINK}; in a cgroup, for another link. */
    LINK(AttachFlags.ID | MapFlags.LINK);

    private final int flags;

    Neighbour(int flags) {
      this.flags = flags;
    }
  }

  /** Behind all others, as if no order were asked for. */
  public static final AttachOrder LAST = new AttachOrder(Side.AFTER, Neighbour.ALL, 0, 0);

  /** Before all others. */
  public static final AttachOrder FIRST = new AttachOrder(Side.BEFORE, Neighbour.ALL, 0, 0);

  /** Refuses nulls, an id of nothing, and a neighbour without one. */
  public AttachOrder {
    Objects.requireNonNull(side, "side");
    Objects.requireNonNull(neighbour, "neighbour");
    if (neighbour == Neighbour.ALL ? id != 0 : id <= 0) {
      throw new IllegalArgumentException(
          "order: the id of %s cannot be %d".formatted(neighbour, id));
    }
    if (revision < 0) {
      throw new IllegalArgumentException("order: revision " + revision + " is negative");
    }
  }

  /** Right before a program that is attached there. */
  public static AttachOrder before(BpfProgram program) {
    return new AttachOrder(Side.BEFORE, Neighbour.PROGRAM, program.id(), 0);
  }

  /** Right after a program that is attached there. */
  public static AttachOrder after(BpfProgram program) {
    return new AttachOrder(Side.AFTER, Neighbour.PROGRAM, program.id(), 0);
  }

  /** Right before the program of a link to the same place. */
  public static AttachOrder before(BpfLink link) {
    return new AttachOrder(Side.BEFORE, Neighbour.LINK, link.id(), 0);
  }

  /** Right after the program of a link to the same place. */
  public static AttachOrder after(BpfLink link) {
    return new AttachOrder(Side.AFTER, Neighbour.LINK, link.id(), 0);
  }

  /** The same, refused with ESTALE if the list is not of this revision any more. */
  public AttachOrder atRevision(long newRevision) {
    return new AttachOrder(side, neighbour, id, newRevision);
  }

  /** Whether a kernel without any order does the same. */
  boolean isDefault() {
    return neighbour == Neighbour.ALL && side == Side.AFTER && revision == 0;
  }

  /** The {@code BPF_F_…} of {@code attach_flags}. */
  int flags() {
    return neighbour == Neighbour.ALL && side == Side.AFTER ? 0 : side.flag | neighbour.flags;
  }
}
