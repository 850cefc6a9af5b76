package io.github.purebpf.bpf;

import io.github.purebpf.uapi.MapFlags;
import java.util.Objects;

/** What a map may be made with beyond its sizes. */
public sealed interface MapOption {
  /** {@code BPF_F_…}, see {@link MapFlags}; several are combined by {@code |}. */
  static MapOption flags(int flags) {
    return new Flags(flags);
  }

  /**
   * Its memory lies on a NUMA node ({@code BPF_F_NUMA_NODE}, Linux 4.14).
   *
   * @param node the number of a node that is online
   */
  static MapOption numaNode(int node) {
    return new NumaNode(node);
  }

  /**
   * It is made with delegated privileges ({@code BPF_F_TOKEN_FD}, Linux 6.9).
   *
   * @param token must stay open until the map is made
   */
  static MapOption token(BpfToken token) {
    return new Token(token);
  }

  /** The flags of a list of options, as far as the map keeps them. */
  static int flags(MapOption... options) {
    int flags = 0;
    for (var option : options) {
      flags |=
          switch (option) {
            case Flags(int more) -> more;
            case NumaNode _ -> MapFlags.NUMA_NODE;
            case Token _ -> 0;
          };
    }
    return flags;
  }

  /**
   * Flags of the creation.
   *
   * @param value {@code BPF_F_…}
   */
  record Flags(int value) implements MapOption {}

  /**
   * The node its memory lies on.
   *
   * @param node its number
   */
  record NumaNode(int node) implements MapOption {
    /** Refuses negative numbers. */
    public NumaNode {
      if (node < 0) {
        throw new IllegalArgumentException("NUMA node " + node + "; nodes count from 0");
      }
    }
  }

  /**
   * The privileges it is made with.
   *
   * @param token delegates them
   */
  record Token(BpfToken token) implements MapOption {
    /** Refuses null. */
    public Token {
      Objects.requireNonNull(token, "token");
    }
  }
}
