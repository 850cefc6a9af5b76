package io.github.purebpf.bpf.internal.query;

import io.github.purebpf.bpf.internal.sys.Kernel;

/**
 * What {@code /proc/self/fdinfo} tells of an object, which is in part what no system call does.
 *
 * @param text a line {@code name:<tab>value} for each fact
 */
public record FdInfo(String text) {
  /** That of a descriptor. */
  public static FdInfo of(Kernel kernel, int fd) {
    return new FdInfo(kernel.fdInfo(fd));
  }

  /** A number, 0 if the kernel is too old to tell it. */
  public long number(String name) {
    return text.lines()
        .filter(line -> line.startsWith(name + ":"))
        .map(line -> line.substring(name.length() + 1).strip())
        .mapToLong(Long::decode)
        .findFirst()
        .orElse(0);
  }
}
