package io.github.purebpf.redirect.controller;

import io.github.purebpf.redirect.Server;
import io.github.purebpf.redirect.ServiceTraffic;
import java.util.HashMap;

/**
 * How far connections are from their shares.
 *
 * @param excess how many connections too many the server has that has the most too many
 * @param share how many it should have
 */
record Unevenness(double excess, double share) {
  /** Of the connections of an address, those under way included. */
  static Unevenness of(ServiceTraffic traffic) {
    var weights = new HashMap<Server, Integer>();
    traffic.service().servers().forEach(server -> weights.put(server.server(), server.weight()));
    var active = traffic.servers().stream().filter(s -> weights.containsKey(s.server())).toList();
    double sum = active.stream().mapToInt(server -> weights.get(server.server())).sum();
    double total = active.stream().mapToLong(server -> server.open() + server.connecting()).sum();
    var worst = new Unevenness(0, 0);
    for (var server : active) {
      double share = total * weights.get(server.server()) / sum;
      double excess = server.open() + server.connecting() - share;
      if (excess > worst.excess) {
        worst = new Unevenness(excess, share);
      }
    }
    return worst;
  }

  /** Whether it is more than one connection and more than a part of the share. */
  boolean isMoreThan(double slack) {
    return excess > 1 && excess > slack * share;
  }
}
