package io.github.purebpf.redirect;

import io.github.purebpf.bpf.BpfFs;
import io.github.purebpf.bpf.BpfLink;
import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.bpf.error.UnsupportedKernelException;
import io.github.purebpf.redirect.dataplane.Hook;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Links that are pinned in a folder, each named after hook and cgroup: {@code connect4_4711}. None
 * is kept open here, so that removing a pin detaches at once.
 */
record PinnedLinks(Path folder) {
  private static final List<Hook> LAST_FIRST = List.of(Hook.values()).reversed();

  Path pin(Hook hook, long cgroup) {
    return folder.resolve(
        hook.name().toLowerCase(Locale.ROOT) + "_" + Long.toUnsignedString(cgroup));
  }

  /** Opens one, if it is there. */
  Optional<BpfLink> open(Hook hook, long cgroup) {
    try {
      return Optional.of(BpfLink.openPinned(pin(hook, cgroup)));
    } catch (KernelErrorException e) {
      if (e.errnoName().equals("ENOENT")) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** Whether one is there, and not without a cgroup. */
  boolean isAttached(Hook hook, long cgroup) {
    var link = open(hook, cgroup);
    try (var opened = link.orElse(null)) {
      return opened != null && opened.cgroupId().isPresent();
    }
  }

  /**
   * Detaches one, if it is there, and removes its pin. Without its pin the kernel would detach it,
   * too, but only a moment later.
   */
  void remove(Hook hook, long cgroup) {
    var link = open(hook, cgroup);
    if (link.isPresent()) {
      try (var opened = link.get()) {
        opened.detach();
      } catch (UnsupportedKernelException | KernelErrorException before59) {
        // Without BPF_LINK_DETACH removing the pin has to do.
      } finally {
        BpfFs.unpin(pin(hook, cgroup));
      }
    }
  }

  /** Removes all of a cgroup; who counts goes last. */
  void removeAll(long cgroup) {
    LAST_FIRST.forEach(hook -> remove(hook, cgroup));
  }

  /** Removes those of a cgroup that redirect, and leaves those that follow connections. */
  void removeRedirecting(long cgroup) {
    LAST_FIRST.stream().filter(hook -> !hook.isFollowing()).forEach(hook -> remove(hook, cgroup));
  }

  /** The cgroups that any are of. */
  SortedSet<Long> cgroups() {
    var cgroups = new TreeSet<Long>();
    try (var pins = Files.list(folder)) {
      pins.map(pin -> pin.getFileName().toString())
          .filter(name -> name.matches("[a-z0-9_]+_[0-9]+"))
          .forEach(
              name ->
                  cgroups.add(Long.parseUnsignedLong(name.substring(name.lastIndexOf('_') + 1))));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + folder, e);
    }
    return cgroups;
  }
}
