package io.github.purebpf.redirect;

import io.github.purebpf.bpf.BpfLink;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/**
 * The redirector at work in a cgroup and all cgroups below it. It ends with {@link #close}, with
 * the {@link Connect4Redirect} that it is of, and with the process.
 */
public final class Attachment implements AutoCloseable {
  private final Path cgroup;

  /** In the order in which they were made. */
  private final List<BpfLink> links;

  private final Consumer<Attachment> closed;

  /**
   * @param closed told when it ends
   */
  Attachment(Path cgroup, List<BpfLink> links, Consumer<Attachment> closed) {
    this.cgroup = cgroup;
    this.links = List.copyOf(links);
    this.closed = closed;
  }

  /** The directory of the cgroup. */
  public Path cgroup() {
    return cgroup;
  }

  /**
   * Detaches: connects that begin from now on go where they are told. Those that are made stay as
   * they are, and are not counted any more. Calls after the first do nothing.
   */
  @Override
  public void close() {
    try {
      closeAll(links);
    } finally {
      closed.accept(this);
    }
  }

  /** Closes them in reverse; who counts goes last. */
  static void closeAll(List<BpfLink> links) {
    RuntimeException failure = null;
    for (var link : links.reversed()) {
      try {
        link.close();
      } catch (RuntimeException e) {
        if (failure == null) {
          failure = e;
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
