package io.github.purebpf.redirect;

import java.util.List;

/**
 * What came of the connects to a virtual address.
 *
 * @param service the virtual address and its servers
 * @param refused connects that found no server, whatever became of them
 * @param untracked connects that are counted below as attempted and nothing else, because the
 *     kernel had no memory to follow them
 * @param servers its servers, then those that are not its servers any more and have connections
 *     left
 */
public record ServiceTraffic(
    Service service, long refused, long untracked, List<ServerTraffic> servers) {
  /** Keeps a copy. */
  public ServiceTraffic {
    servers = List.copyOf(servers);
  }

  /** The connections that are open now, to all servers. */
  public long open() {
    return servers.stream().mapToLong(ServerTraffic::open).sum();
  }
}
