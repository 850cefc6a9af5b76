package io.github.purebpf.bpf.internal.sys;

/** Finds out on first use whether this library can work here, and says so if it cannot. */
final class RunningKernel {
  /** Made only once the checks have passed, so that no other system looks for Linux's functions. */
  private static final class Holder {
    static final Kernel KERNEL = Linux.on(SystemCalls.of(System.getProperty("os.arch")));
  }

  private RunningKernel() {}

  static Kernel get() {
    check(System.getProperty("os.name"), System.getProperty("os.arch"));
    try {
      return Holder.KERNEL;
    } catch (LinkageError e) {
      throw new UnsupportedOperationException(
          "native calls are not possible in this JVM; start it with"
              + " --enable-native-access=io.github.purebpf.syscall (ALL-UNNAMED on the class path)",
          e);
    }
  }

  /** Refuses what is not Linux, and architectures without a known number. */
  static void check(String system, String architecture) {
    if (!system.equals("Linux")) {
      throw new UnsupportedOperationException(
          "BPF objects exist only on Linux; this is " + system + ". Programs can be built here");
    }
    var _ = SystemCalls.of(architecture);
  }
}
