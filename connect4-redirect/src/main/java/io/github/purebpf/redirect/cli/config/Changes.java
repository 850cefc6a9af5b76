package io.github.purebpf.redirect.cli.config;

import io.github.purebpf.redirect.Service;
import io.github.purebpf.redirect.TableEdit;
import io.github.purebpf.redirect.VirtualAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;

/**
 * What makes a table equal to what is wanted.
 *
 * @param list removals first, because they make room
 * @param unchanged how many virtual addresses are as they should be
 */
public record Changes(List<Change> list, int unchanged) {
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

  /** Makes them. */
  public void applyTo(TableEdit table) {
    for (var change : list) {
      switch (change) {
        case Change.Added(var service) -> table.put(service);
        case Change.Changed(_, var after) -> table.put(after);
        case Change.Removed(var service) -> table.remove(service.vip());
      }
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
