/**
 * What the running kernel can do and what this process may do with it, found out by trying.
 *
 * <p>{@link io.github.purebpf.bpf.features.Features#of} answers a single question; {@link
 * io.github.purebpf.bpf.features.Features#report} answers all of them, with the machine's settings,
 * as a value that prints as text and as JSON.
 */
package io.github.purebpf.bpf.features;
