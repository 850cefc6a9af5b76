package io.github.purebpf.redirect;

import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * How a pinned redirector is, to those who do not own it: see {@link PersistentRedirect#look}.
 *
 * @param options those that its programs were loaded with
 * @param attachments where it is attached, by ascending id of the cgroup
 * @param owner the process that owns it, in words; empty if it goes on without one
 */
public record PersistentState(
    RedirectOptions options, List<PinnedAttachment> attachments, Optional<String> owner) {
  /** Keeps a copy. */
  public PersistentState {
    Objects.requireNonNull(options, "options");
    Objects.requireNonNull(owner, "owner");
    attachments = List.copyOf(attachments);
  }
}
