package io.github.purebpf.bpf.internal.sys;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.purebpf.insn.KernelVersion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The one class that calls native code: Linux, through the C library that the JVM itself runs on.
 *
 * <p>errno is captured by the very call that sets it, because the JVM may change it before another
 * call could read it. What capture writes is on Linux the {@code int} alone.
 */
final class Linux implements Kernel {
  private static final int O_RDONLY_CLOEXEC = 0x80000;
  private static final int F_DUPFD_CLOEXEC = 1030;

  /** Above stdin, stdout and stderr; zero moreover means "none" in many fields of the attr. */
  private static final int LOWEST_FD = 3;

  // One number on all architectures, as for every system call since Linux 5.1.
  private static final long FSOPEN = 430;
  private static final long FSCONFIG = 431;
  private static final long FSMOUNT = 432;
  private static final long FSOPEN_CLOEXEC = 1;
  private static final long FSCONFIG_CMD_CREATE = 6;
  private static final long FSMOUNT_CLOEXEC = 1;

  /** The size of {@code struct statfs} is at most 120 bytes; its first field is the magic. */
  private static final long STATFS_SIZE = 256;

  private static final MethodHandle SYSCALL_BPF =
      function(
          1, "syscall", FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_LONG, ADDRESS, JAVA_LONG));
  private static final MethodHandle SYSCALL =
      function(
          1,
          "syscall",
          FunctionDescriptor.of(
              JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG));
  private static final MethodHandle CLOSE =
      function(1, "close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  private static final MethodHandle FCNTL =
      function(2, "fcntl", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
  private static final MethodHandle OPEN =
      function(2, "open", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));
  private static final MethodHandle STATFS =
      function(2, "statfs", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS));

  private final long bpf;

  private Linux(long bpf) {
    this.bpf = bpf;
  }

  @SuppressWarnings("restricted") // all native access of this library
  private static MethodHandle function(int fixed, String name, FunctionDescriptor type) {
    var linker = Linker.nativeLinker();
    var address =
        linker
            .defaultLookup()
            .find(name)
            .orElseThrow(
                () -> new UnsupportedOperationException("the C library has no function " + name));
    int arguments = type.argumentLayouts().size();
    return fixed < arguments
        ? linker.downcallHandle(
            address,
            type,
            Linker.Option.captureCallState("errno"),
            Linker.Option.firstVariadicArg(fixed))
        : linker.downcallHandle(address, type, Linker.Option.captureCallState("errno"));
  }

  /** Linux where {@code bpf(2)} has this number. */
  static Kernel on(long bpfNumber) {
    return new Linux(bpfNumber);
  }

  @Override
  public int bpf(Cmd command, BpfAttr attr) {
    try {
      long result =
          (long)
              SYSCALL_BPF.invokeExact(
                  attr.errno(), bpf, (long) command.value(), attr.bytes(), attr.bytes().byteSize());
      return outcome(result, attr.errno());
    } catch (Throwable e) {
      throw impossible(e);
    }
  }

  @Override
  public int close(int fd) {
    try (var arena = Arena.ofConfined()) {
      var errno = arena.allocate(JAVA_INT);
      return outcome((int) CLOSE.invokeExact(errno, fd), errno);
    } catch (Throwable e) {
      throw impossible(e);
    }
  }

  @Override
  public int duplicate(int fd) {
    try (var arena = Arena.ofConfined()) {
      var errno = arena.allocate(JAVA_INT);
      return outcome((int) FCNTL.invokeExact(errno, fd, F_DUPFD_CLOEXEC, LOWEST_FD), errno);
    } catch (Throwable e) {
      throw impossible(e);
    }
  }

  @Override
  public int open(Path path) {
    try (var arena = Arena.ofConfined()) {
      var errno = arena.allocate(JAVA_INT);
      var name = NativePath.of(path, arena);
      return outcome((int) OPEN.invokeExact(errno, name, O_RDONLY_CLOEXEC), errno);
    } catch (Throwable e) {
      throw impossible(e);
    }
  }

  @Override
  public long fileSystem(Path path) {
    try (var arena = Arena.ofConfined()) {
      var errno = arena.allocate(JAVA_INT);
      var answer = arena.allocate(STATFS_SIZE, 8);
      int result = (int) STATFS.invokeExact(errno, NativePath.of(path, arena), answer);
      // The magic is 32 bits everywhere: a long of its own byte order, on s390x an int.
      return result < 0 ? -errno.get(JAVA_INT, 0) : Integer.toUnsignedLong(answer.get(JAVA_INT, 0));
    } catch (Throwable e) {
      throw impossible(e);
    }
  }

  @Override
  public int openFileSystem(String type) {
    try (var arena = Arena.ofConfined()) {
      return syscall(arena, FSOPEN, arena.allocateFrom(type).address(), FSOPEN_CLOEXEC, 0, 0, 0);
    }
  }

  @Override
  public int createFileSystem(int fd) {
    try (var arena = Arena.ofConfined()) {
      return syscall(arena, FSCONFIG, fd, FSCONFIG_CMD_CREATE, 0, 0, 0);
    }
  }

  @Override
  public int mountDetached(int fd) {
    try (var arena = Arena.ofConfined()) {
      return syscall(arena, FSMOUNT, fd, FSMOUNT_CLOEXEC, 0, 0, 0);
    }
  }

  private static int syscall(Arena arena, long number, long a, long b, long c, long d, long e) {
    var errno = arena.allocate(JAVA_INT);
    try {
      return outcome((long) SYSCALL.invokeExact(errno, number, a, b, c, d, e), errno);
    } catch (Throwable t) {
      throw impossible(t);
    }
  }

  private static int outcome(long result, MemorySegment errno) {
    // errno says nothing after a success: it then holds what an earlier call left there.
    return result < 0 ? -errno.get(JAVA_INT, 0) : (int) result;
  }

  private static AssertionError impossible(Throwable e) {
    return new AssertionError("a native call must not throw", e);
  }

  @Override
  public String kindOf(int fd) {
    try {
      return Files.readSymbolicLink(Path.of("/proc/self/fd/" + fd)).toString();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read /proc/self/fd; is /proc mounted?", e);
    }
  }

  @Override
  public Privileges privileges() {
    return Privileges.ofThisThread();
  }

  @Override
  public KernelVersion release() {
    try {
      return KernelVersion.parse(Files.readString(Path.of("/proc/sys/kernel/osrelease")));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the kernel's release; is /proc mounted?", e);
    }
  }
}
