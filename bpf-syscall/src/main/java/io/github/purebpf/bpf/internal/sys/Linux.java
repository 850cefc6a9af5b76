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
import java.lang.ref.Reference;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;

/**
 * The one class that calls native code: Linux, through the C library that the JVM itself runs on.
 *
 * <p>errno is captured by the very call that sets it, because the JVM may change it before another
 * call could read it. What capture writes is on Linux the {@code int} alone.
 *
 * <p>To link a function takes the JVM as long as to load a program, once for each shape of
 * function. So what every redirector needs is called by its number, through the one shape of {@code
 * syscall(2)}; the others are linked on first use.
 */
final class Linux implements Kernel {
  private static final int O_RDONLY_CLOEXEC = 0x80000;
  private static final int O_NONBLOCK = 0x800;
  private static final int EFD_CLOEXEC_NONBLOCK = 0x80800;
  private static final int PROT_READ = 1;
  private static final int PROT_WRITE = 2;
  private static final int MAP_SHARED = 1;
  private static final int MAP_FIXED_NOREPLACE = 0x100000;
  private static final int CLONE_NEWNET = 0x40000000;
  private static final long PERF_FLAG_FD_CLOEXEC = 8;
  private static final int POLLFD_SIZE = 8;
  private static final int IF_NAMESIZE = 16;
  private static final int F_DUPFD_CLOEXEC = 1030;
  private static final int AF_NETLINK = 16;
  private static final int AT_FDCWD = -100;
  private static final int SOCK_RAW_CLOEXEC = 0x80003;
  private static final int MSG_PEEK = 2;
  private static final int MSG_TRUNC_DONTWAIT = 0x60;
  private static final int LOCK_EX_NB = 6;

  /** Above stdin, stdout and stderr; zero moreover means "none" in many fields of the attr. */
  private static final int LOWEST_FD = 3;

  // One number on all architectures, as for every system call since Linux 5.1.
  private static final long FSOPEN = 430;
  private static final long PIDFD_OPEN = 434;
  private static final long FSCONFIG = 431;
  private static final long FSMOUNT = 432;
  private static final long FSOPEN_CLOEXEC = 1;
  private static final long FSCONFIG_CMD_CREATE = 6;
  private static final long FSMOUNT_CLOEXEC = 1;

  private static final int THIS_PROCESS = 0;
  private static final int RLIMIT_MEMLOCK = 8;

  /** {@code struct rlimit}: the soft limit and the hard one; all bits set for none. */
  private static final long RLIMIT_SIZE = 2 * Long.BYTES;

  /** The size of {@code struct statfs} is at most 120 bytes; its first field is the magic. */
  private static final long STATFS_SIZE = 256;

  private static final MethodHandle SYSCALL =
      function(
          1,
          "syscall",
          FunctionDescriptor.of(
              JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG,
              JAVA_LONG));

  /** Linked on first use: what is where in memory. */
  private static final class Memory {
    static final MethodHandle GETPAGESIZE =
        function(0, "getpagesize", FunctionDescriptor.of(JAVA_INT));

    private Memory() {}
  }

  /** Linked on first use: what readers of events need. */
  private static final class Events {
    static final MethodHandle WRITE =
        function(3, "write", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));
    static final MethodHandle POLL =
        function(3, "poll", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
    static final MethodHandle EVENTFD =
        function(2, "eventfd", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
    static final MethodHandle IOCTL =
        function(2, "ioctl", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG));

    private Events() {}
  }

  /** Linked on first use: limits of resources. */
  private static final class Limits {
    static final MethodHandle PRLIMIT =
        function(
            4, "prlimit", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));

    private Limits() {}
  }

  /** Linked on first use: network namespaces and what is in them. */
  private static final class Namespaces {
    static final MethodHandle UNSHARE =
        function(1, "unshare", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
    static final MethodHandle IF_NAMETOINDEX =
        function(1, "if_nametoindex", FunctionDescriptor.of(JAVA_INT, ADDRESS));
    static final MethodHandle IF_INDEXTONAME =
        function(2, "if_indextoname", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS));

    private Namespaces() {}
  }

  /** Linked on first use: messages to the kernel. */
  private static final class Sockets {
    static final MethodHandle SOCKET =
        function(3, "socket", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
    static final MethodHandle SEND =
        function(
            4, "send", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
    static final MethodHandle RECV =
        function(
            4, "recv", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));

    private Sockets() {}
  }

  /** Linked on first use: locks of files. */
  private static final class Locks {
    static final MethodHandle FLOCK =
        function(2, "flock", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));

    private Locks() {}
  }

  private final SystemCalls numbers;

  private Linux(SystemCalls numbers) {
    this.numbers = numbers;
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

  /** Linux where the system calls have these numbers. */
  static Kernel on(SystemCalls numbers) {
    return new Linux(numbers);
  }

  @Override
  public int bpf(Cmd command, BpfAttr attr) {
    try {
      var bytes = attr.bytes();
      return outcome(
          syscall(
              attr.errno(),
              numbers.bpf(),
              command.value(),
              bytes.address(),
              bytes.byteSize(),
              0,
              0,
              0),
          attr.errno());
    } finally {
      // What the kernel reads and writes by address the garbage collector must not free meanwhile.
      Reference.reachabilityFence(attr);
    }
  }

  @Override
  public int close(int fd) {
    try (var arena = Arena.ofConfined()) {
      return call(arena, numbers.close(), fd, 0, 0, 0, 0);
    }
  }

  @Override
  public int duplicate(int fd) {
    try (var arena = Arena.ofConfined()) {
      return call(arena, numbers.fcntl(), fd, F_DUPFD_CLOEXEC, LOWEST_FD, 0, 0);
    }
  }

  @Override
  public int open(Path path) {
    return open(path, O_RDONLY_CLOEXEC);
  }

  @Override
  public int openNonBlocking(Path path) {
    return open(path, O_RDONLY_CLOEXEC | O_NONBLOCK);
  }

  private int open(Path path, int flags) {
    try (var arena = Arena.ofConfined()) {
      long name = NativePath.of(path, arena).address();
      return call(arena, numbers.openat(), AT_FDCWD, name, flags, 0, 0);
    }
  }

  @Override
  public int read(int fd, MemorySegment to) {
    try (var arena = Arena.ofConfined()) {
      return call(arena, numbers.read(), fd, to.address(), to.byteSize(), 0, 0);
    } finally {
      Reference.reachabilityFence(to);
    }
  }

  @Override
  public int write(int fd, MemorySegment from) {
    try (var arena = Arena.ofConfined()) {
      var errno = arena.allocate(JAVA_INT);
      return outcome((long) Events.WRITE.invokeExact(errno, fd, from, from.byteSize()), errno);
    } catch (Throwable e) {
      throw impossible(e);
    }
  }

  @Override
  public int poll(MemorySegment fds, int timeout) {
    try (var arena = Arena.ofConfined()) {
      var errno = arena.allocate(JAVA_INT);
      long count = fds.byteSize() / POLLFD_SIZE;
      return outcome((int) Events.POLL.invokeExact(errno, fds, count, timeout), errno);
    } catch (Throwable e) {
      throw impossible(e);
    }
  }

  @Override
  public int interfaceIndex(String name) {
    try (var arena = Arena.ofConfined()) {
      var errno = arena.allocate(JAVA_INT);
      int index = (int) Namespaces.IF_NAMETOINDEX.invokeExact(errno, arena.allocateFrom(name));
      return index == 0 ? outcome(-1, errno) : index;
    } catch (Throwable e) {
      throw impossible(e);
    }
  }

  @Override
  public int netlink(int protocol) {
    try (var arena = Arena.ofConfined()) {
      var errno = arena.allocate(JAVA_INT);
      return outcome(
          (int) Sockets.SOCKET.invokeExact(errno, AF_NETLINK, SOCK_RAW_CLOEXEC, protocol), errno);
    } catch (Throwable e) {
      throw impossible(e);
    }
  }

  @Override
  public int findInterface(int ifindex) {
    try (var arena = Arena.ofConfined()) {
      var errno = arena.allocate(JAVA_INT);
      var name = arena.allocate(IF_NAMESIZE);
      long found = (long) Namespaces.IF_INDEXTONAME.invokeExact(errno, ifindex, name);
      return outcome(found == 0 ? -1 : 0, errno);
    } catch (Throwable e) {
      throw impossible(e);
    }
  }

  @Override
  public int send(int socket, MemorySegment message) {
    try (var arena = Arena.ofConfined()) {
      var errno = arena.allocate(JAVA_INT);
      return outcome(
          (long) Sockets.SEND.invokeExact(errno, socket, message, message.byteSize(), 0), errno);
    } catch (Throwable e) {
      throw impossible(e);
    }
  }

  @Override
  public int receive(int socket, MemorySegment to, boolean peek) {
    int flags = peek ? MSG_TRUNC_DONTWAIT | MSG_PEEK : MSG_TRUNC_DONTWAIT;
    try (var arena = Arena.ofConfined()) {
      var errno = arena.allocate(JAVA_INT);
      return outcome(
          (long) Sockets.RECV.invokeExact(errno, socket, to, to.byteSize(), flags), errno);
    } catch (Throwable e) {
      throw impossible(e);
    }
  }

  @Override
  public int lock(int fd) {
    try (var arena = Arena.ofConfined()) {
      var errno = arena.allocate(JAVA_INT);
      return outcome((int) Locks.FLOCK.invokeExact(errno, fd, LOCK_EX_NB), errno);
    } catch (Throwable e) {
      throw impossible(e);
    }
  }

  @Override
  public int eventFd() {
    try (var arena = Arena.ofConfined()) {
      var errno = arena.allocate(JAVA_INT);
      return outcome((int) Events.EVENTFD.invokeExact(errno, 0, EFD_CLOEXEC_NONBLOCK), errno);
    } catch (Throwable e) {
      throw impossible(e);
    }
  }

  @Override
  public int ioctl(int fd, long request, long argument) {
    try (var arena = Arena.ofConfined()) {
      var errno = arena.allocate(JAVA_INT);
      return outcome((int) Events.IOCTL.invokeExact(errno, fd, request, argument), errno);
    } catch (Throwable e) {
      throw impossible(e);
    }
  }

  @Override
  public int perfEventOpen(MemorySegment attr, int pid, int cpu, int group) {
    try (var arena = Arena.ofConfined()) {
      return call(
          arena, numbers.perfEventOpen(), attr.address(), pid, cpu, group, PERF_FLAG_FD_CLOEXEC);
    }
  }

  @Override
  public long map(int fd, long offset, long length, boolean writable) {
    int protection = writable ? PROT_READ | PROT_WRITE : PROT_READ;
    return map(0, length, protection, MAP_SHARED, fd, offset);
  }

  @Override
  public long mapAt(long address, int fd, long length) {
    int flags = MAP_SHARED | MAP_FIXED_NOREPLACE;
    long mapped = map(address, length, PROT_READ | PROT_WRITE, flags, fd, 0);
    if (mapped >= 0 && mapped != address) {
      // Before Linux 4.17 the address is a wish.
      unmap(mapped, length);
      return -Errno.EEXIST;
    }
    return mapped;
  }

  private long map(long at, long length, int protection, int flags, int fd, long offset) {
    try (var arena = Arena.ofConfined()) {
      var errno = arena.allocate(JAVA_INT);
      long address;
      if (numbers.mmapByPointer()) {
        var arguments = arena.allocateFrom(JAVA_LONG, at, length, protection, flags, fd, offset);
        address = syscall(errno, numbers.mmap(), arguments.address(), 0, 0, 0, 0, 0);
      } else {
        address = syscall(errno, numbers.mmap(), at, length, protection, flags, fd, offset);
      }
      return address == -1 ? -errno.get(JAVA_INT, 0) : address;
    }
  }

  @Override
  public int unmap(long address, long length) {
    try (var arena = Arena.ofConfined()) {
      return call(arena, numbers.munmap(), address, length, 0, 0, 0);
    }
  }

  @Override
  public int pageSize() {
    try (var arena = Arena.ofConfined()) {
      return (int) Memory.GETPAGESIZE.invokeExact(arena.allocate(JAVA_INT));
    } catch (Throwable e) {
      throw impossible(e);
    }
  }

  @Override
  @SuppressWarnings("restricted") // the memory is that of a mapping
  public MemorySegment memory(long address, long length) {
    return MemorySegment.ofAddress(address).reinterpret(length);
  }

  @Override
  @SuppressWarnings("restricted") // the memory is that of a mapping
  public MemorySegment memory(long address, long length, Arena arena) {
    return MemorySegment.ofAddress(address).reinterpret(length, arena, null);
  }

  @Override
  public int openProcess(long pid) {
    try (var arena = Arena.ofConfined()) {
      return call(arena, PIDFD_OPEN, pid, 0, 0, 0, 0);
    }
  }

  @Override
  public int enterNetworkNamespace(int fd) {
    try (var arena = Arena.ofConfined()) {
      return call(arena, numbers.setns(), fd, CLONE_NEWNET, 0, 0, 0);
    }
  }

  @Override
  public int newNetworkNamespace() {
    try (var arena = Arena.ofConfined()) {
      var errno = arena.allocate(JAVA_INT);
      return outcome((int) Namespaces.UNSHARE.invokeExact(errno, CLONE_NEWNET), errno);
    } catch (Throwable e) {
      throw impossible(e);
    }
  }

  @Override
  public long fileSystem(Path path) {
    try (var arena = Arena.ofConfined()) {
      var answer = arena.allocate(STATFS_SIZE, 8);
      long name = NativePath.of(path, arena).address();
      int result = call(arena, numbers.statfs(), name, answer.address(), 0, 0, 0);
      // The magic is 32 bits everywhere: a long of its own byte order, on s390x an int.
      return result < 0 ? result : Integer.toUnsignedLong(answer.get(JAVA_INT, 0));
    }
  }

  @Override
  public int openFileSystem(String type) {
    try (var arena = Arena.ofConfined()) {
      return call(arena, FSOPEN, arena.allocateFrom(type).address(), FSOPEN_CLOEXEC, 0, 0, 0);
    }
  }

  @Override
  public int createFileSystem(int fd) {
    try (var arena = Arena.ofConfined()) {
      return call(arena, FSCONFIG, fd, FSCONFIG_CMD_CREATE, 0, 0, 0);
    }
  }

  @Override
  public int mountDetached(int fd) {
    try (var arena = Arena.ofConfined()) {
      return call(arena, FSMOUNT, fd, FSMOUNT_CLOEXEC, 0, 0, 0);
    }
  }

  @Override
  public long memlock() {
    try (var arena = Arena.ofConfined()) {
      var limits = arena.allocate(RLIMIT_SIZE, 8);
      // Reading one's own limits cannot fail.
      var _ = prlimit(arena, MemorySegment.NULL, limits);
      return limits.get(JAVA_LONG, 0);
    }
  }

  @Override
  public int liftMemlock() {
    try (var arena = Arena.ofConfined()) {
      var limits = arena.allocate(RLIMIT_SIZE, 8).fill((byte) -1);
      return prlimit(arena, limits, MemorySegment.NULL);
    }
  }

  private static int prlimit(Arena arena, MemorySegment to, MemorySegment from) {
    var errno = arena.allocate(JAVA_INT);
    try {
      return outcome(
          (int) Limits.PRLIMIT.invokeExact(errno, THIS_PROCESS, RLIMIT_MEMLOCK, to, from), errno);
    } catch (Throwable e) {
      throw impossible(e);
    }
  }

  private static int call(Arena arena, long number, long a, long b, long c, long d, long e) {
    var errno = arena.allocate(JAVA_INT);
    return outcome(syscall(errno, number, a, b, c, d, e, 0), errno);
  }

  /** What is at an address must be kept there by the caller until this returns. */
  private static long syscall(
      MemorySegment errno, long number, long a, long b, long c, long d, long e, long f) {
    try {
      return (long) SYSCALL.invokeExact(errno, number, a, b, c, d, e, f);
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
  public String fdInfo(int fd) {
    try {
      return Files.readString(Path.of("/proc/self/fdinfo/" + fd));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read /proc/self/fdinfo; is /proc mounted?", e);
    }
  }

  @Override
  public Instant bootTime() {
    try {
      var uptime = Files.readString(Path.of("/proc/uptime"));
      var seconds = new BigDecimal(uptime.substring(0, uptime.indexOf(' ')));
      return Instant.now().minusNanos(seconds.movePointRight(9).longValueExact());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the uptime; is /proc mounted?", e);
    }
  }

  @Override
  public Privileges privileges() {
    return Privileges.ofThisThread();
  }

  @Override
  public CpuList possibleCpus() {
    try {
      return CpuList.parse(Files.readString(Path.of("/sys/devices/system/cpu/possible")));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the possible CPUs; is /sys mounted?", e);
    }
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
