package io.github.purebpf.redirect;

import io.github.purebpf.redirect.dataplane.Head;

/** How a connect to a virtual address finds one of its servers. */
public enum Policy {
  /**
   * The server with the fewest connections through this redirector, open ones and those being made,
   * divided by its weight; among equals, from a random one on. Connections that were made before,
   * or by another host, are not known here.
   */
  LEAST_CONNECTIONS(Head.POLICY_LEAST_CONNECTIONS),
  /** A random server, each as often as its weight says. */
  WEIGHTED(Head.POLICY_WEIGHTED),
  /** One after the other, each as many times in a row as its weight says. */
  ROUND_ROBIN(Head.POLICY_ROUND_ROBIN),
  /**
   * The same server for all connects of a container, that is of the cgroup of the thread that
   * connects. When servers come or go, only containers whose server changes are moved. Weights do
   * not matter.
   */
  STICKY_CONTAINER(Head.POLICY_STICKY_CONTAINER),
  /**
   * The same server for all connects of a socket, by its cookie: one that connects again after a
   * failure comes to the server that it came to before. Weights do not matter.
   */
  STICKY_SOCKET(Head.POLICY_STICKY_SOCKET),
  /** The first server. */
  SINGLE(Head.POLICY_SINGLE);

  private final int code;

  Policy(int code) {
    this.code = code;
  }

  int code() {
    return code;
  }

  static Policy of(int code) {
    for (var policy : values()) {
      if (policy.code == code) {
        return policy;
      }
    }
    throw new IllegalStateException("the table holds a policy " + code + " that is not known here");
  }
}
