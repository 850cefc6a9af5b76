/**
 * The TCP sockets of a network namespace: which there are, whose they are, what a program has
 * stored with them, and how to close exactly one of them.
 *
 * <p>{@link io.github.purebpf.bpf.sockdiag.SockDiag} asks the kernel ({@code NETLINK_SOCK_DIAG}).
 * What it finds are values of a moment.
 */
package io.github.purebpf.bpf.sockdiag;
