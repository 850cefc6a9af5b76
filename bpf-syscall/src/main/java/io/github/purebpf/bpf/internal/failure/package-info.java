/** From an errno to an exception that says why, and what to do. Not exported. */
package io.github.purebpf.bpf.internal.failure;
