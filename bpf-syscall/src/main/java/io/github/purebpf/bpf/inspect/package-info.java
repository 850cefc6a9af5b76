/**
 * What is in the kernel, whoever put it there: programs, maps, links and type information by their
 * ids, the code of a program as it runs, and what is attached where.
 *
 * <p>{@link io.github.purebpf.bpf.inspect.KernelObjects} begins each walk. What it finds are values
 * of a moment; they hold nothing open and keep nothing alive.
 */
package io.github.purebpf.bpf.inspect;
