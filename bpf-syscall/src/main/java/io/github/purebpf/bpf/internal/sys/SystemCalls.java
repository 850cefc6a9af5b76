package io.github.purebpf.bpf.internal.sys;

/**
 * The numbers of the system calls that differ from architecture to architecture.
 *
 * @param bpf {@code bpf(2)}
 * @param perfEventOpen {@code perf_event_open(2)}
 * @param close {@code close(2)}
 * @param fcntl {@code fcntl(2)}
 * @param openat {@code openat(2)}
 * @param statfs {@code statfs(2)}
 * @param mmap {@code mmap(2)}
 * @param munmap {@code munmap(2)}
 * @param read {@code read(2)}
 * @param setns {@code setns(2)}
 * @param mmapByPointer whether {@code mmap} takes the address of its six arguments
 */
record SystemCalls(
    long bpf,
    long perfEventOpen,
    long close,
    long fcntl,
    long openat,
    long statfs,
    long mmap,
    long munmap,
    long read,
    long setns,
    boolean mmapByPointer) {
  /**
   * Those of an architecture.
   *
   * @param architecture as {@code os.arch} calls it
   * @throws UnsupportedOperationException if they are not known
   */
  static SystemCalls of(String architecture) {
    return switch (architecture) {
      case "amd64", "x86_64" -> new SystemCalls(321, 298, 3, 72, 257, 137, 9, 11, 0, 308, false);
      case "aarch64", "riscv64", "loongarch64" ->
          new SystemCalls(280, 241, 57, 25, 56, 43, 222, 215, 63, 268, false);
      case "ppc64le" -> new SystemCalls(361, 319, 6, 55, 286, 99, 90, 91, 3, 350, false);
      case "s390x" -> new SystemCalls(351, 331, 6, 55, 288, 99, 90, 91, 3, 339, true);
      default ->
          throw new UnsupportedOperationException(
              "the number of the system call bpf is not known for the architecture "
                  + architecture
                  + "; known are amd64, aarch64, riscv64, loongarch64, ppc64le and s390x");
    };
  }
}
