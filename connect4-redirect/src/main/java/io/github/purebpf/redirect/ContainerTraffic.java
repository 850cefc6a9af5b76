package io.github.purebpf.redirect;

import java.time.Instant;

/**
 * The connections that a container holds to a server of a virtual address.
 *
 * @param cgroup the id of its cgroup, which is the inode number of the cgroup's folder
 * @param vip what its programs connected to
 * @param server where they got
 * @param open how many are open, at least 1
 * @param since since when it has held one without a break
 */
public record ContainerTraffic(
    long cgroup, VirtualAddress vip, Server server, long open, Instant since) {}
