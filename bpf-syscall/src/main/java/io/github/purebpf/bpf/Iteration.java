package io.github.purebpf.bpf;

import io.github.purebpf.uapi.AttachType;
import java.nio.file.Path;
import java.util.Objects;

/**
 * What an iterator goes over: a program of the attach type {@link AttachType#TRACE_ITER}, made for
 * a kind of iterator ({@link ProgramTarget.KernelSymbol}), runs once for each element when {@link
 * BpfLink#openIterator} is read. A link, Linux 5.8.
 */
public sealed interface Iteration extends AttachPoint {
  /** All that there is of the kind: all tasks, all maps, all TCP sockets of the namespace. */
  record Whole() implements Iteration {}

  /**
   * The elements of a map, for the kinds {@code bpf_map_elem} and {@code bpf_sk_storage_map}.
   *
   * @param map which one; it stays alive as long as the link
   */
  record OfMap(KernelMap map) implements Iteration {
    /** Refuses null. */
    public OfMap {
      Objects.requireNonNull(map, "map");
    }
  }

  /**
   * One thread, for the kinds {@code task}, {@code task_file} and {@code task_vma}; Linux 6.1.
   *
   * @param tid its id in the PID namespace of this process
   */
  record OfThread(int tid) implements Iteration {
    /** Refuses what is no id. */
    public OfThread {
      requirePositive("tid", tid);
    }
  }

  /**
   * The threads of one process, for the same kinds; Linux 6.1.
   *
   * @param pid its id in the PID namespace of this process
   */
  record OfProcess(long pid) implements Iteration {
    /** Refuses what is no id. */
    public OfProcess {
      requirePositive("pid", pid);
    }
  }

  /**
   * Cgroups, for the kind {@code cgroup}; Linux 6.1.
   *
   * @param path where it begins, a directory in a cgroup2 file system
   * @param walk which others, and in which order
   */
  record OfCgroup(Path path, Walk walk) implements Iteration {
    /** Refuses nulls. */
    public OfCgroup {
      Objects.requireNonNull(path, "path");
      Objects.requireNonNull(walk, "walk");
    }
  }

  /** How an iterator goes through cgroups, {@code enum bpf_cgroup_iter_order}. */
  enum Walk {
    /** The one alone, {@code BPF_CGROUP_ITER_SELF_ONLY}. */
    SELF_ONLY(1),
    /** It and those below, parents first, {@code BPF_CGROUP_ITER_DESCENDANTS_PRE}. */
    DESCENDANTS_PRE(2),
    /** It and those below, children first, {@code BPF_CGROUP_ITER_DESCENDANTS_POST}. */
    DESCENDANTS_POST(3),
    /** It and those above, {@code BPF_CGROUP_ITER_ANCESTORS_UP}. */
    ANCESTORS_UP(4);

    private final int value;

    Walk(int value) {
      this.value = value;
    }

    /** The number the kernel knows it by. */
    public int value() {
      return value;
    }
  }

  private static void requirePositive(String what, long id) {
    if (id <= 0 || id > Integer.MAX_VALUE) {
      throw new IllegalArgumentException("iterator: " + what + " " + id + " is none");
    }
  }
}
