package io.github.purebpf.bpf.inspect;

import io.github.purebpf.uapi.AttachType;
import java.util.List;
import java.util.Objects;

/**
 * The programs at a hook, in the order in which they run.
 *
 * @param type the hook
 * @param revision how often the list has been changed, beginning with 1: what is attached to this
 *     very cgroup (Linux 6.17), interface (6.6); 0 where the kernel does not count
 * @param programs at least one
 */
public record AttachedPrograms(AttachType type, long revision, List<AttachedProgram> programs) {
  /** Copies the list. */
  public AttachedPrograms {
    Objects.requireNonNull(type, "type");
    programs = List.copyOf(programs);
  }
}
