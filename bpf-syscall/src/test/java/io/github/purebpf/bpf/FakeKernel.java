package io.github.purebpf.bpf;

import io.github.purebpf.bpf.internal.sys.BpfAttr;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.CpuList;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.bpf.internal.sys.Privileges;
import io.github.purebpf.insn.KernelVersion;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/**
 * A kernel that keeps what it was asked and answers what a test says. Descriptors are the lowest
 * free numbers, as the real one gives them out.
 */
class FakeKernel implements Kernel {
  static final long BPF_FS = 0xcafe4a11L;
  static final long CGROUP2 = 0x63677270L;
  static final Privileges ROOT = new Privileges(-1L, true, false, 2);

  /** What was asked: the attr as it was before the answer. */
  record Call(Cmd command, ByteBuffer attr) {
    int u32(int offset) {
      return attr.getInt(offset);
    }

    long u64(int offset) {
      return attr.getLong(offset);
    }
  }

  /** Answers a command of bpf(2). */
  interface Answer {
    int to(Cmd command, BpfAttr attr);
  }

  final List<Call> calls = new ArrayList<>();
  final List<String> others = new ArrayList<>();
  final TreeSet<Integer> open = new TreeSet<>();

  /** What is mapped lives as long as this kernel. */
  private final Arena mappings = Arena.ofAuto();

  int lowest = 3;

  /** Without it, BTF is refused as to a process without CAP_BPF, and such calls are not kept. */
  boolean takesBtf;

  Answer answer = (command, attr) -> makesFd(command) ? newFd() : 0;
  Privileges privileges = ROOT;
  KernelVersion release = new KernelVersion(6, 18);
  long fileSystem = CGROUP2;
  CpuList possibleCpus = CpuList.parse("0-1");
  String kind = "bpf-map";
  String fdInfo = "";
  int failDuplicate;
  int failMount;
  int failLock;
  int pageSize = 4096;
  long memlock = NO_LIMIT;
  int failMemlock;

  static boolean makesFd(Cmd command) {
    return switch (command) {
      case MAP_CREATE,
          PROG_LOAD,
          BTF_LOAD,
          LINK_CREATE,
          OBJ_GET,
          RAW_TRACEPOINT_OPEN,
          ITER_CREATE,
          TOKEN_CREATE ->
          true;
      default -> false;
    };
  }

  /** The memory that a pointer in an attr points to. */
  @SuppressWarnings("restricted") // as the kernel itself, it gets plain addresses
  static MemorySegment at(long address, long size) {
    return MemorySegment.ofAddress(address).reinterpret(size);
  }

  static byte[] bytesAt(long address, int size) {
    return at(address, size).toArray(ValueLayout.JAVA_BYTE);
  }

  static String textAt(long address) {
    return at(address, 4096).getString(0);
  }

  final int newFd() {
    int fd = lowest;
    while (open.contains(fd)) {
      fd++;
    }
    open.add(fd);
    return fd;
  }

  @Override
  public int bpf(Cmd command, BpfAttr attr) {
    if (command == Cmd.BTF_LOAD && !takesBtf) {
      return -Errno.EPERM;
    }
    var copy = ByteBuffer.wrap(attr.bytes().toArray(ValueLayout.JAVA_BYTE));
    calls.add(new Call(command, copy.order(ByteOrder.nativeOrder())));
    return answer.to(command, attr);
  }

  final List<Call> calls(Cmd command) {
    return calls.stream().filter(call -> call.command() == command).toList();
  }

  @Override
  public int close(int fd) {
    others.add("close " + fd);
    return open.remove(fd) ? 0 : -Errno.EBADF;
  }

  @Override
  public int duplicate(int fd) {
    others.add("duplicate " + fd);
    if (failDuplicate != 0) {
      return -failDuplicate;
    }
    int copy = 3;
    while (open.contains(copy)) {
      copy++;
    }
    open.add(copy);
    return copy;
  }

  @Override
  public int open(Path path) {
    others.add("open " + path);
    return newFd();
  }

  @Override
  public int openNonBlocking(Path path) {
    return open(path);
  }

  @Override
  public int read(int fd, MemorySegment to) {
    others.add("read " + fd);
    return 0;
  }

  @Override
  public int write(int fd, MemorySegment from) {
    others.add("write " + fd);
    return (int) from.byteSize();
  }

  @Override
  public int poll(MemorySegment fds, int timeout) {
    others.add("poll " + timeout);
    return 0;
  }

  @Override
  public int interfaceIndex(String name) {
    others.add("if_nametoindex " + name);
    return 7;
  }

  @Override
  public int findInterface(int ifindex) {
    others.add("if_indextoname " + ifindex);
    return ifindex == 7 ? 0 : -Errno.ENXIO;
  }

  @Override
  public int netlink(int protocol) {
    others.add("netlink " + protocol);
    return newFd();
  }

  @Override
  public int send(int socket, MemorySegment message) {
    others.add("send " + socket);
    return (int) message.byteSize();
  }

  @Override
  public int receive(int socket, MemorySegment to, boolean peek) {
    others.add("receive " + socket);
    return -Errno.EAGAIN;
  }

  @Override
  public int lock(int fd) {
    others.add("flock " + fd);
    return -failLock;
  }

  @Override
  public int eventFd() {
    others.add("eventfd");
    return newFd();
  }

  @Override
  public int ioctl(int fd, long request, long argument) {
    others.add("ioctl %d %x %d".formatted(fd, request, argument));
    return 0;
  }

  @Override
  public int perfEventOpen(MemorySegment attr, int pid, int cpu, int group) {
    others.add("perf_event_open %d %d %d".formatted(pid, cpu, group));
    return newFd();
  }

  @Override
  public long map(int fd, long offset, long length, boolean writable) {
    others.add("mmap %d %d %d %s".formatted(fd, offset, length, writable ? "rw" : "r"));
    return mappings.allocate(length, 4096).address();
  }

  @Override
  public long mapAt(long address, int fd, long length) {
    others.add("mmap %d %x %d".formatted(fd, address, length));
    return mappings.allocate(length, 4096).address();
  }

  @Override
  public int openProcess(long pid) {
    others.add("pidfd_open " + pid);
    return newFd();
  }

  @Override
  public int unmap(long address, long length) {
    others.add("munmap " + length);
    return 0;
  }

  @Override
  public int pageSize() {
    return pageSize;
  }

  @Override
  public MemorySegment memory(long address, long length) {
    return at(address, length);
  }

  @Override
  @SuppressWarnings("restricted") // as the kernel itself, it gets plain addresses
  public MemorySegment memory(long address, long length, Arena arena) {
    return MemorySegment.ofAddress(address).reinterpret(length, arena, null);
  }

  @Override
  public int enterNetworkNamespace(int fd) {
    others.add("setns " + fd);
    return 0;
  }

  @Override
  public int newNetworkNamespace() {
    others.add("unshare");
    return 0;
  }

  @Override
  public long fileSystem(Path path) {
    return fileSystem;
  }

  @Override
  public int openFileSystem(String type) {
    others.add("fsopen " + type);
    return newFd();
  }

  @Override
  public int createFileSystem(int fd) {
    others.add("fsconfig " + fd);
    return 0;
  }

  @Override
  public int mountDetached(int fd) {
    others.add("fsmount " + fd);
    return failMount == 0 ? newFd() : -failMount;
  }

  @Override
  public long memlock() {
    return memlock;
  }

  @Override
  public int liftMemlock() {
    others.add("prlimit");
    if (failMemlock != 0) {
      return -failMemlock;
    }
    memlock = NO_LIMIT;
    return 0;
  }

  @Override
  public String kindOf(int fd) {
    return "anon_inode:" + kind;
  }

  @Override
  public String fdInfo(int fd) {
    return fdInfo;
  }

  @Override
  public Instant bootTime() {
    return Instant.EPOCH;
  }

  @Override
  public Privileges privileges() {
    return privileges;
  }

  @Override
  public CpuList possibleCpus() {
    return possibleCpus;
  }

  @Override
  public KernelVersion release() {
    return release;
  }
}
