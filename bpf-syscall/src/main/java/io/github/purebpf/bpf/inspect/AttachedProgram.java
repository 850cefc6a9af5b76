package io.github.purebpf.bpf.inspect;

import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A program that is attached somewhere.
 *
 * @param programId its id
 * @param name its name; empty if this thread may not ask for it (CAP_SYS_ADMIN), or if the program
 *     is gone since
 * @param linkId the link that attaches it; empty if there is none, or if this thread may not ask
 * @param flags how it is attached, see {@link io.github.purebpf.uapi.AttachFlags}
 * @param cgroup the cgroup that it is attached to, if it is one that this process sees: for an
 *     effective program this or one above
 */
public record AttachedProgram(
    int programId, Optional<String> name, OptionalInt linkId, int flags, Optional<Path> cgroup) {
  /** Refuses nulls. */
  public AttachedProgram {
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(linkId, "linkId");
    Objects.requireNonNull(cgroup, "cgroup");
  }
}
