package io.github.purebpf.redirect.cli;

import io.github.purebpf.bpf.Cgroup2;
import io.github.purebpf.redirect.PersistentRedirect;
import io.github.purebpf.redirect.PersistentState;
import io.github.purebpf.redirect.PinnedAttachment;
import io.github.purebpf.redirect.RedirectOptions;
import io.github.purebpf.redirect.Service;
import io.github.purebpf.redirect.VirtualAddress;
import io.github.purebpf.redirect.cli.text.Words;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Makes a pinned redirector as it is wanted, all or nothing, and tells what has changed. */
final class Attaching {
  /**
   * What is wanted.
   *
   * @param cgroups where it is to be attached, beside where it is
   * @param mappings virtual addresses that are to be in the table
   * @param table all that is to be in it, in place of the mappings
   * @param listed the cgroups that are to be listed; empty to leave the list as it is
   */
  record Wanted(
      List<Path> cgroups,
      List<Mapping> mappings,
      Optional<SortedMap<VirtualAddress, Service>> table,
      List<Path> listed) {
    Wanted {
      cgroups = List.copyOf(cgroups);
      mappings = List.copyOf(mappings);
      listed = List.copyOf(listed);
    }

    SortedMap<VirtualAddress, Service> table(SortedMap<VirtualAddress, Service> before) {
      if (table.isPresent()) {
        return table.get();
      }
      var all = new TreeMap<>(before);
      for (var mapping : mappings) {
        all.merge(mapping.vip(), mapping.service(), (old, _) -> old.withServers(mapping.servers()));
      }
      return all;
    }
  }

  private final PersistentRedirect redirect;
  private final Optional<PersistentState> before;
  private final OpenConnections openConnections;
  private final Deque<Runnable> undo = new ArrayDeque<>();
  private final List<String> lines = new ArrayList<>();
  private final List<Path> fresh = new ArrayList<>();
  private boolean changed;

  /**
   * @param redirect just opened
   * @param before how it was before that, if it was
   */
  Attaching(
      PersistentRedirect redirect,
      Optional<PersistentState> before,
      OpenConnections openConnections) {
    this.redirect = redirect;
    this.before = before;
    this.openConnections = openConnections;
  }

  /** Does it; if it throws, what it did is taken back. */
  void run(Wanted wanted, RedirectOptions options) {
    try {
      map(wanted);
      list(wanted.listed());
      // Before it reaches further, so that no cgroup is ever redirected which should not be.
      change(options);
      wanted.cgroups().forEach(this::attach);
      unlist(wanted.listed());
      tell();
      adopt();
    } catch (RuntimeException e) {
      takeBack(e);
      throw e;
    }
  }

  private void takeBack(RuntimeException e) {
    if (redirect.isNew()) {
      undo.clear();
      undo.push(redirect::uninstall);
    }
    for (var step : undo) {
      try {
        step.run();
      } catch (RuntimeException second) {
        e.addSuppressed(second);
      }
    }
  }

  private void map(Wanted wanted) {
    if (wanted.mappings().isEmpty() && wanted.table().isEmpty()) {
      return;
    }
    var table = redirect.table();
    var old = table.list();
    var changes = ConfigFile.apply(table, wanted.table(old));
    undo.push(
        () ->
            changes
                .list()
                .forEach(
                    change -> {
                      var service = old.get(change.vip());
                      if (service == null) {
                        table.remove(change.vip());
                      } else {
                        table.put(service);
                      }
                    }));
    changes.list().stream().map(Object::toString).forEach(this::changed);
    lines.add(changes.toString());
  }

  private void list(List<Path> folders) {
    var table = redirect.table();
    var old = table.listedCgroups();
    for (var folder : folders) {
      long id = Cgroup2.require(folder).id();
      if (old.add(id)) {
        table.listCgroup(folder);
        undo.push(() -> table.unlistCgroup(id));
        changed(folder + " is listed");
      }
    }
  }

  /** Last of all, because there may be no folder by which to take it back. */
  private void unlist(List<Path> folders) {
    if (folders.isEmpty()) {
      return;
    }
    var others = redirect.table().listedCgroups();
    folders.forEach(folder -> others.remove(Cgroup2.require(folder).id()));
    var names = CgroupNames.find(others);
    for (long id : others) {
      redirect.table().unlistCgroup(id);
      changed(names.of(id).orElse("cgroup " + id) + " is not listed any more");
    }
  }

  private void change(RedirectOptions options) {
    var old = redirect.options();
    if (!old.equals(options)) {
      redirect.upgrade(options);
      undo.push(() -> redirect.upgrade(old));
    }
    if (before.isPresent() && old.scope() != options.scope()) {
      changed(
          "the scope is %s, it was %s".formatted(Words.of(options.scope()), Words.of(old.scope())));
    }
    if (before.isPresent() && old.peerName() != options.peerName()) {
      changed(
          "getpeername(2) tells the %s now"
              .formatted(options.peerName() ? "virtual address" : "server"));
    }
  }

  private void attach(Path cgroup) {
    long id = Cgroup2.require(cgroup).id();
    boolean there = redirect.attachments().stream().anyMatch(a -> a.cgroupId() == id);
    redirect.attach(cgroup);
    if (!there) {
      fresh.add(cgroup);
      undo.push(() -> redirect.detach(id));
    }
  }

  private void adopt() {
    for (var cgroup : fresh) {
      long connections = openConnections.adopt(redirect.table(), cgroup);
      if (connections > 0) {
        lines.add(OpenConnections.words(connections, cgroup));
      }
    }
  }

  private void tell() {
    var old = before.map(PersistentState::attachments).orElse(List.of());
    changed |= redirect.isNew();
    for (var attachment : redirect.attachments()) {
      var was = old.stream().filter(a -> a.cgroupId() == attachment.cgroupId()).findFirst();
      var state = was.map(PinnedAttachment::state);
      changed |= state.isEmpty() || state.get() != attachment.state();
      boolean madeAgain =
          was.isEmpty() && old.stream().anyMatch(a -> a.path().equals(attachment.path()));
      lines.add(attachment.path() + ": " + words(attachment.state(), state, madeAgain));
    }
  }

  private static String words(
      PinnedAttachment.State state, Optional<PinnedAttachment.State> before, boolean madeAgain) {
    return switch (state) {
      case WORKING ->
          madeAgain
              ? "it was removed and made again, and is attached again"
              : before.isEmpty()
                  ? "is attached now"
                  : before.get() == state
                      ? "is attached, as it was"
                      : "is attached again, it was not entirely";
      case INCOMPLETE -> "is attached in part, and cannot be seen from here; attach where it can";
      case GONE -> "is gone; attach again when it has been made again, or detach it";
    };
  }

  private void changed(String line) {
    lines.add(line);
    changed = true;
  }

  /** What was done and how it is now. */
  List<String> lines() {
    return List.copyOf(lines);
  }

  boolean hasChanged() {
    return changed;
  }
}
