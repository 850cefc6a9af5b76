/**
 * Redirects the {@code connect(2)} calls of a cgroup: a TCP connect to a virtual address and port
 * lands on the server that a table names, and the program that connects does not notice.
 *
 * <p>{@link io.github.purebpf.redirect.Connect4Redirect} is where to begin. The table can be shared
 * with other processes through a folder in a BPF file system, see {@link
 * io.github.purebpf.redirect.RedirectTable}.
 */
package io.github.purebpf.redirect;
