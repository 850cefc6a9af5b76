/** The command {@code bpf-features}. */
package io.github.purebpf.bpf.internal.tool;
