package io.github.purebpf.redirect;

import java.nio.file.Path;

/** Attaches a redirector that outlives this process. */
record PersistentWork(PersistentRedirect redirect) implements CgroupWork {
  /** Detaches from those that were removed while nobody followed them. */
  @Override
  public void prepare(CgroupsBelow cgroups) {
    for (var attachment : redirect.attachments()) {
      if (attachment.state() == PinnedAttachment.State.GONE
          && cgroups.contains(attachment.path())) {
        redirect.detach(attachment.cgroupId());
      }
    }
  }

  @Override
  public Begun begin(Path cgroup) {
    long id = redirect.attach(cgroup).cgroupId();
    return new Begun() {
      @Override
      public void gone() {
        redirect.detach(id);
      }

      @Override
      public void close() {
        // it stays attached
      }
    };
  }
}
