/**
 * The numbers, flags and context layouts of {@code linux/bpf.h}, generated from the kernel's BTF.
 *
 * <p>The C name of each constant and the kernel that brought it are in its documentation. A number
 * that a newer kernel has is no error here: the finders return an empty {@link java.util.Optional}.
 */
package io.github.purebpf.uapi;
