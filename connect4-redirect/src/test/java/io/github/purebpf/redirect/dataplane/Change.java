package io.github.purebpf.redirect.dataplane;

/** Changes a table as its owner has to. */
final class Change {
  private Change() {}

  static void put(Table table, ServiceImage image) {
    of(table, () -> table.put(image));
  }

  static boolean remove(Table table, long vip) {
    var removed = new boolean[1];
    of(table, () -> removed[0] = table.remove(vip));
    return removed[0];
  }

  static void reclaim(Table table) {
    of(table, table::reclaim);
  }

  private static void of(Table table, Runnable change) {
    table.begin();
    boolean done = false;
    try {
      change.run();
      done = true;
    } finally {
      table.end(done);
    }
  }
}
