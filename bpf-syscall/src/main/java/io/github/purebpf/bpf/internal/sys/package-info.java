/**
 * The system calls: one class that makes them ({@code Linux}), the seam in front of it ({@link
 * io.github.purebpf.bpf.internal.sys.Kernel}), the owner of a descriptor, and the layouts that
 * uapi-generator writes.
 */
package io.github.purebpf.bpf.internal.sys;
