package io.github.purebpf.bpf.internal.sys;

import io.github.purebpf.insn.KernelVersion;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Instant;

/**
 * What this library asks of an operating system, and the seam at which a test puts its own.
 *
 * <p>A call that fails returns its errno negated, as the kernel itself does.
 */
public interface Kernel {
  /** What {@link #memlock} says where there is no limit. */
  long NO_LIMIT = -1;

  /**
   * The kernel of this machine.
   *
   * @throws UnsupportedOperationException if it is not Linux, or of an architecture whose system
   *     call numbers are not known here
   */
  static Kernel running() {
    return RunningKernel.get();
  }

  /** {@code bpf(2)} with the attr's size. */
  int bpf(Cmd command, BpfAttr attr);

  /** {@code close(2)}. */
  int close(int fd);

  /** {@code fcntl(F_DUPFD_CLOEXEC, 3)}: the same file under a number of at least 3. */
  int duplicate(int fd);

  /** {@code open(2)} for reading, closed on exec. */
  int open(Path path);

  /** The same with {@code O_NONBLOCK}: a read of what is not there yet fails with EAGAIN. */
  int openNonBlocking(Path path);

  /**
   * {@code read(2)}.
   *
   * @param to room; not more than its size is read
   * @return the number of bytes, 0 at the end
   */
  int read(int fd, MemorySegment to);

  /** {@code write(2)}: the number of bytes. */
  int write(int fd, MemorySegment from);

  /**
   * {@code poll(2)}.
   *
   * @param fds an array of {@code struct pollfd}, eight bytes each
   * @param timeout in milliseconds; negative for no end
   * @return how many are ready
   */
  int poll(MemorySegment fds, int timeout);

  /** {@code if_nametoindex(3)}: the number of an interface in this thread's network namespace. */
  int interfaceIndex(String name);

  /** {@code if_indextoname(3)}: 0 if this thread's network namespace has such an interface. */
  int findInterface(int ifindex);

  /** {@code socket(2)} of AF_NETLINK, in the network namespace of this thread, closed on exec. */
  int netlink(int protocol);

  /** {@code send(2)}: the number of bytes. */
  int send(int socket, MemorySegment message);

  /**
   * {@code recv(2)} of a message that is there: EAGAIN if none is.
   *
   * @param to room; more is not written
   * @param peek whether the message stays there
   * @return the bytes of the whole message, also where there was no room for all of it
   */
  int receive(int socket, MemorySegment to, boolean peek);

  /** {@code flock(2)}, exclusive and without waiting: EAGAIN while somebody else holds a lock. */
  int lock(int fd);

  /** {@code eventfd(2)} of zero, closed on exec, not blocking. */
  int eventFd();

  /** {@code ioctl(2)} with a number or an address. */
  int ioctl(int fd, long request, long argument);

  /** {@code perf_event_open(2)} of a {@code struct perf_event_attr}, closed on exec. */
  int perfEventOpen(MemorySegment attr, int pid, int cpu, int group);

  /**
   * {@code mmap(2)} of a file, shared.
   *
   * @return the address, or a negated errno
   */
  long map(int fd, long offset, long length, boolean writable);

  /**
   * The same for reading and writing at an address that the file knows already.
   *
   * @param address a multiple of the page size at which nothing is mapped yet
   * @return the address, or a negated errno: EEXIST if something is mapped there
   */
  long mapAt(long address, int fd, long length);

  /** {@code munmap(2)}. */
  int unmap(long address, long length);

  /** {@code getpagesize(2)}: bytes of a page of memory, 4096 and on some machines up to 65536. */
  int pageSize();

  /** The memory at an address that {@link #map} has returned. */
  MemorySegment memory(long address, long length);

  /** The same, which cannot be touched any more once the arena is closed. */
  MemorySegment memory(long address, long length, Arena arena);

  /** {@code pidfd_open(2)}: a process, closed on exec; Linux 5.3. */
  int openProcess(long pid);

  /** {@code setns(2)} of this thread into the network namespace of a descriptor. */
  int enterNetworkNamespace(int fd);

  /** {@code unshare(CLONE_NEWNET)}: a new network namespace for this thread. */
  int newNetworkNamespace();

  /** The magic number of the file system a path lies on ({@code statfs(2)}), as 32 bits. */
  long fileSystem(Path path);

  /** {@code fsopen(2)}: a file system about to be configured; Linux 5.2. */
  int openFileSystem(String type);

  /** {@code fsconfig(2)} with {@code FSCONFIG_CMD_CREATE}; Linux 5.2. */
  int createFileSystem(int fd);

  /** {@code fsmount(2)}: a mount that belongs to no mount namespace; Linux 5.2. */
  int mountDetached(int fd);

  /**
   * {@code RLIMIT_MEMLOCK} of this process in bytes, the soft limit; {@link #NO_LIMIT} for none.
   */
  long memlock();

  /** {@code prlimit(2)}: no {@code RLIMIT_MEMLOCK} any more, neither soft nor hard. */
  int liftMemlock();

  /** What kind of kernel object a descriptor is: {@code anon_inode:bpf-map} and the like. */
  String kindOf(int fd);

  /** What the kernel tells of a descriptor in {@code /proc/self/fdinfo}. */
  String fdInfo(int fd);

  /** When this kernel started, by the clock of the system, to about ten milliseconds. */
  Instant bootTime();

  /** What the calling thread is allowed. */
  Privileges privileges();

  /** The CPUs that this machine can ever have, offline or not. */
  CpuList possibleCpus();

  /** The release that is running. */
  KernelVersion release();
}
