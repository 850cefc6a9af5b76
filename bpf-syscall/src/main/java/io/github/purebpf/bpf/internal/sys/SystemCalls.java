package io.github.purebpf.bpf.internal.sys;

/**
 * The numbers of the system calls that the C library has no function for and that differ from
 * architecture to architecture.
 *
 * @param bpf {@code bpf(2)}
 * @param perfEventOpen {@code perf_event_open(2)}
 */
record SystemCalls(long bpf, long perfEventOpen) {
  /**
   * Those of an architecture.
   *
   * @param architecture as {@code os.arch} calls it
   * @throws UnsupportedOperationException if they are not known
   */
  static SystemCalls of(String architecture) {
    return switch (architecture) {
      case "amd64", "x86_64" -> new SystemCalls(321, 298);
      case "aarch64", "riscv64", "loongarch64" -> new SystemCalls(280, 241);
      case "ppc64le" -> new SystemCalls(361, 319);
      case "s390x" -> new SystemCalls(351, 331);
      default ->
          throw new UnsupportedOperationException(
              "the number of the system call bpf is not known for the architecture "
                  + architecture
                  + "; known are amd64, aarch64, riscv64, loongarch64, ppc64le and s390x");
    };
  }
}
