package io.github.purebpf.benchmarks;

import java.util.List;

/** What is measured beside purebpf, and purebpf itself. */
sealed interface Peer {
  /** The key of purebpf. */
  String OWN = "purebpf";

  /** A short name, for files. */
  String key();

  /** A name for people. */
  String title();

  /**
   * One that can be started.
   *
   * @param version of the peer
   * @param command to start it, without the arguments that all get
   * @param mode what comes behind those, or nothing
   */
  record Ready(String key, String title, String version, List<String> command, List<String> mode)
      implements Peer {}

  /**
   * One that is not on this machine.
   *
   * @param remedy why, and the command that helps
   */
  record Missing(String key, String title, String remedy) implements Peer {}
}
