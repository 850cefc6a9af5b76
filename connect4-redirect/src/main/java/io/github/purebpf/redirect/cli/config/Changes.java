package io.github.purebpf.redirect.cli.config;

import io.github.purebpf.redirect.Service;
import io.github.purebpf.redirect.VirtualAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.SortedMap;

/**
 * What makes a table equal to what is wanted.
 *
 * @param list removals first, because they make room
 * @param unchanged how many virtual addresses are as they should be
 */
public record Changes(List<Change> list, int unchanged) {
  /** What is changed: a table. */
  public interface Target {
    /** Adds or changes one. */
    void put(Service service);

    /** Takes one out. */
    void remove(VirtualAddress vip);
  }

  /** Copies the list. */
  public Changes {
    list = List.copyOf(list);
  }

  /** Compares what there is with what is wanted. */
  public static Changes between(
      SortedMap<VirtualAddress, Service> before, SortedMap<VirtualAddress, Service> wanted) {
    var list = new ArrayList<Change>();
    before.forEach(
        (vip, service) -> {
          if (!wanted.containsKey(vip)) {
            list.add(new Change.Removed(service));
          }
        });
    int unchanged = 0;
    for (var service : wanted.values()) {
      var old = before.get(service.vip());
      if (old == null) {
        list.add(new Change.Added(service));
      } else if (old.equals(service)) {
        unchanged++;
      } else {
        list.add(new Change.Changed(old, service));
      }
    }
    return new Changes(list, unchanged);
  }

  /**
   * Makes them, all or none.
   *
   * @throws RuntimeException what the target has thrown; what was done before is undone
   */
  public void applyTo(Target target) {
    Deque<Change> done = new ArrayDeque<>();
    try {
      for (var change : list) {
        apply(change, target);
        done.push(change);
      }
    } catch (RuntimeException e) {
      for (var change : done) {
        try {
          undo(change, target);
        } catch (RuntimeException second) {
          e.addSuppressed(second);
        }
      }
      throw e;
    }
  }

  private static void apply(Change change, Target target) {
    switch (change) {
      case Change.Added(var service) -> target.put(service);
      case Change.Changed(_, var after) -> target.put(after);
      case Change.Removed(var service) -> target.remove(service.vip());
    }
  }

  private static void undo(Change change, Target target) {
    switch (change) {
      case Change.Added(var service) -> target.remove(service.vip());
      case Change.Changed(var before, _) -> target.put(before);
      case Change.Removed(var service) -> target.put(service);
    }
  }

  /** How many of each, in one line. */
  @Override
  public String toString() {
    return "%d added, %d changed, %d removed, %d unchanged"
        .formatted(
            count(Change.Added.class),
            count(Change.Changed.class),
            count(Change.Removed.class),
            unchanged);
  }

  private long count(Class<? extends Change> kind) {
    return list.stream().filter(kind::isInstance).count();
  }
}
