/** Asks the kernel about objects: their ids, what they are, what is attached where. */
package io.github.purebpf.bpf.internal.query;
