package io.github.purebpf.redirect;

import io.github.purebpf.redirect.dataplane.Dataplane;
import io.github.purebpf.redirect.dataplane.Hook;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Where a pinned redirector is attached, and how.
 *
 * @param hooks those that belong to it
 */
record PinnedPlaces(Dataplane dataplane, PinnedLinks links, Set<Hook> hooks) {
  /** The same for options. */
  static PinnedPlaces of(Dataplane dataplane, PinnedLinks links, RedirectOptions options) {
    var types = Connect4Redirect.hooks(options);
    var hooks = EnumSet.allOf(Hook.class);
    hooks.removeIf(hook -> !types.contains(hook.attachType()));
    return new PinnedPlaces(dataplane, links, hooks);
  }

  boolean isWhole(long cgroup) {
    return hooks.stream().allMatch(hook -> links.isAttached(hook, cgroup));
  }

  boolean isAnywhere(long cgroup) {
    return hooks.stream().anyMatch(hook -> links.isAttached(hook, cgroup));
  }

  PinnedAttachment.State state(long cgroup, CgroupFinder finder, Path path) {
    if (isWhole(cgroup)) {
      return PinnedAttachment.State.WORKING;
    }
    return isAnywhere(cgroup) || finder.find(cgroup, path).isPresent()
        ? PinnedAttachment.State.INCOMPLETE
        : PinnedAttachment.State.GONE;
  }

  /** All, by ascending id of the cgroup. */
  List<PinnedAttachment> all() {
    var finder = new CgroupFinder();
    var list = new ArrayList<PinnedAttachment>();
    dataplane
        .wishes()
        .all()
        .forEach(
            (id, text) -> {
              var path = Path.of(text);
              var state = state(id, finder, path);
              list.add(
                  new PinnedAttachment(
                      id,
                      state == PinnedAttachment.State.GONE
                          ? path
                          : finder.find(id, path).orElse(path),
                      state));
            });
    return List.copyOf(list);
  }
}
