package io.github.purebpf.redirect;

import io.github.purebpf.bpf.BpfLink;
import java.nio.file.Path;

/**
 * The redirector at work in a cgroup and all cgroups below it. It ends with {@link #close}, with
 * the {@link Connect4Redirect} that it is of, and with the process.
 */
public final class Attachment implements AutoCloseable {
  private final Path cgroup;
  private final BpfLink connect4;
  private final BpfLink connect6;

  Attachment(Path cgroup, BpfLink connect4, BpfLink connect6) {
    this.cgroup = cgroup;
    this.connect4 = connect4;
    this.connect6 = connect6;
  }

  /** The directory of the cgroup. */
  public Path cgroup() {
    return cgroup;
  }

  /**
   * Detaches: connects that begin from now on go where they are told. Those that are made stay as
   * they are. Calls after the first do nothing.
   */
  @Override
  public void close() {
    try (connect4) {
      connect6.close();
    }
  }
}
