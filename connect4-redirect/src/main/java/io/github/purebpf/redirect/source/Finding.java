package io.github.purebpf.redirect.source;

import io.github.purebpf.redirect.WeightedServer;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/** What a look at a {@link ServerSource} came to. */
public sealed interface Finding {
  /** Why an answer is not the whole truth. */
  enum Doubt {
    /** The source left out what it may not tell, as Consul's ACLs make it do. */
    FILTERED,
    /** It comes from a copy that may be old: a Consul server that has lost its leader. */
    STALE
  }

  /**
   * An answer.
   *
   * @param servers none twice; may be empty, which a controller takes for a mistake of the source
   * @param doubts why it may be incomplete; servers are only added then
   * @param leftOut what the source told of and cannot be used, such as a server with an IPv6
   *     address only; one line each, which names it and says why
   */
  record Servers(List<WeightedServer> servers, Set<Doubt> doubts, List<String> leftOut)
      implements Finding {
    /** Refuses a server that is there twice. */
    public Servers {
      servers = List.copyOf(servers);
      doubts = Set.copyOf(doubts);
      leftOut = List.copyOf(leftOut);
      var seen = new HashSet<>();
      for (var server : servers) {
        if (!seen.add(server.server())) {
          throw new IllegalArgumentException("the server " + server.server() + " is there twice");
        }
      }
    }

    /** With nothing left out. */
    public Servers(List<WeightedServer> servers, Set<Doubt> doubts) {
      this(servers, doubts, List.of());
    }
  }

  /**
   * No answer, or one that makes no sense.
   *
   * @param reason one line, which names the place
   */
  record Failed(String reason) implements Finding {
    /** Refuses null. */
    public Failed {
      Objects.requireNonNull(reason, "reason");
    }
  }
}
