package io.github.purebpf.redirect;

import io.github.purebpf.bpf.BpfLink;
import io.github.purebpf.redirect.dataplane.Hook;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * The redirector at work in a cgroup and all cgroups below it. It ends with {@link #close}, with
 * the {@link Connect4Redirect} that it is of, and with the process.
 */
public final class Attachment implements AutoCloseable {
  private final Path cgroup;

  /** In the order in which they were made. */
  private final Map<Hook, BpfLink> links;

  private final Consumer<Attachment> forget;
  private final AtomicBoolean closed = new AtomicBoolean();

  /**
   * @param forget is to count out the connections whose ends nobody sees from then on
   */
  Attachment(Path cgroup, Map<Hook, BpfLink> links, Consumer<Attachment> forget) {
    this.cgroup = cgroup;
    this.links = new EnumMap<>(links);
    this.forget = forget;
  }

  /** The directory of the cgroup. */
  public Path cgroup() {
    return cgroup;
  }

  /**
   * Detaches: connects that begin from now on go where they are told. Connections that are made
   * stay as they are, and are not counted any more; those that are being made count as failed. The
   * connections of a cgroup are found as {@link RedirectTable#adopt} finds them; without the
   * privileges for that, they stay in the figures for ever. Calls after the first do nothing.
   */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    try {
      closeAll(links(hook -> !hook.isFollowing()));
      forget.accept(this);
    } finally {
      closeAll(links(Hook::isFollowing));
    }
  }

  /** Detaches where nobody looks at the figures any more. */
  void end() {
    closed.set(true);
    closeAll(links(_ -> true));
  }

  private List<BpfLink> links(Predicate<Hook> which) {
    return links.entrySet().stream()
        .filter(link -> which.test(link.getKey()))
        .map(Map.Entry::getValue)
        .toList();
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
