/**
 * What a refusal of the kernel means: each kind of {@link io.github.purebpf.bpf.error.BpfException}
 * is a decision for the caller.
 */
package io.github.purebpf.bpf.error;
