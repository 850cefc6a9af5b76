package io.github.purebpf.redirect;

import java.nio.file.Path;
import java.util.Objects;

/**
 * A cgroup that a {@link PersistentRedirect} is attached to.
 *
 * @param cgroupId by which the kernel knows it
 * @param path where it is: what {@link PersistentRedirect#attach} was given, or where it was found
 *     among the cgroups that this process sees
 * @param state whether connects are redirected
 */
public record PinnedAttachment(long cgroupId, Path path, State state) {
  /** Whether connects of a cgroup are redirected. */
  public enum State {
    /** They are. */
    WORKING,
    /**
     * Not all programs are attached: somebody has removed pins, or detached them. {@link
     * PersistentRedirect#repair} mends it.
     */
    INCOMPLETE,
    /**
     * The cgroup was removed. {@link PersistentRedirect#repair} attaches to one that has been made
     * in its place.
     */
    GONE
  }

  /** Refuses nulls. */
  public PinnedAttachment {
    Objects.requireNonNull(path, "path");
    Objects.requireNonNull(state, "state");
  }
}
