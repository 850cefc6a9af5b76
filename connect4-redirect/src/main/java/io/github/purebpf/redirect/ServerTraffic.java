package io.github.purebpf.redirect;

/**
 * What came of the connects to a virtual address that were sent to one server. At rest, {@code
 * attempted = established + failed + connecting}, but for connects that were {@linkplain
 * ServiceTraffic#untracked not followed}.
 *
 * @param server where they were sent
 * @param active whether new connects are sent there; if not, what is left drains
 * @param attempted how many connects were sent to it
 * @param established how many of them got a connection
 * @param failed how many of them did not: refused, unreachable, timed out, or given up
 * @param connecting how many are being made
 * @param open the connections that are open. One leaves when its last descriptor is closed, or when
 *     TCP ends it, whichever comes first; of multipath TCP only the latter is seen
 */
public record ServerTraffic(
    Server server,
    boolean active,
    long attempted,
    long established,
    long failed,
    long connecting,
    long open) {}
