package io.github.purebpf.redirect.dataplane;

import io.github.purebpf.bpf.sockdiag.TcpSocket;
import java.time.Instant;

/**
 * A socket that was redirected and is still counted: its connection is open or being made. A socket
 * that has connected to the same server by itself is none.
 *
 * @param socket as the kernel lists it
 * @param vip the eight bytes of the {@link VipKey} that it connected to
 * @param backend the index of its server
 * @param established whether the connection was made
 * @param cgroup the id of the cgroup of the thread that connected
 * @param since when it connected
 */
public record RedirectedSocket(
    TcpSocket socket, long vip, int backend, boolean established, long cgroup, Instant since) {}
