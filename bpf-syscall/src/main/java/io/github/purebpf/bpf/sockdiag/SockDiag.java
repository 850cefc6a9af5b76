package io.github.purebpf.bpf.sockdiag;

import io.github.purebpf.bpf.SocketStorage;
import io.github.purebpf.bpf.error.Capability;
import io.github.purebpf.bpf.internal.failure.Failure;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.insn.KernelVersion;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Function;

/**
 * Lists the TCP sockets of a network namespace and ends single ones ({@code NETLINK_SOCK_DIAG},
 * Linux 3.3).
 *
 * <p>It is bound to the namespace of the thread that opens it; {@link
 * io.github.purebpf.bpf.NetworkNamespace#call} opens one in another. Afterwards all threads may use
 * it, and wait for each other.
 */
public final class SockDiag implements AutoCloseable {
  private static final String TITLE = "the sockets of a network namespace";
  private static final String LIST = "SOCK_DIAG_BY_FAMILY";
  private static final String DESTROY = "SOCK_DESTROY";
  private static final KernelVersion STORAGE_SINCE = new KernelVersion(5, 7);

  /** How often a list is asked for that gets gaps while the kernel writes it. */
  private static final int ATTEMPTS = 10;

  private final Kernel kernel;
  private final Netlink netlink;

  private SockDiag(Kernel kernel, Netlink netlink) {
    this.kernel = kernel;
    this.netlink = netlink;
  }

  /**
   * Opens one in the network namespace that this thread is in. It needs no privilege, and a virtual
   * thread is in the namespace of its carrier.
   *
   * @throws io.github.purebpf.bpf.error.KernelErrorException if this process has too many files
   *     open (EMFILE)
   */
  public static SockDiag open() {
    return open(Kernel.running());
  }

  static SockDiag open(Kernel kernel) {
    return new SockDiag(kernel, Netlink.open(kernel, TITLE));
  }

  /**
   * The TCP sockets of both families that a filter lets through, each once.
   *
   * <p>The list is no picture of one moment. A socket that is made, or changes its state, meanwhile
   * may be in it or not; where many sockets come and go, one that another has just made room for in
   * the kernel's table may be missed, and is in the next list.
   *
   * @throws io.github.purebpf.bpf.error.KernelErrorException if the kernel does not list TCP
   *     sockets (ENOENT), has no memory (ENOBUFS), or says of each of ten lists that it has gaps
   *     (EINTR)
   */
  public List<TcpSocket> tcp(SocketFilter filter) {
    return list(filter, OptionalInt.empty(), _ -> Optional.of(true)).sequencedValues().stream()
        .map(Found::socket)
        .toList();
  }

  /**
   * The sockets that have a value in a map, each with the value ({@code
   * INET_DIAG_REQ_SK_BPF_STORAGES}, Linux 5.7).
   *
   * @throws io.github.purebpf.bpf.error.MissingPrivilegeException without CAP_BPF
   * @throws io.github.purebpf.bpf.error.UnsupportedKernelException before Linux 5.7
   * @throws io.github.purebpf.bpf.error.KernelErrorException as {@link #tcp(SocketFilter)} does
   */
  public <V> SequencedMap<TcpSocket, V> tcp(SocketFilter filter, SocketStorage<V> storage) {
    if (kernel.release().compareTo(STORAGE_SINCE) < 0) {
      // Such a kernel would say nothing, and list no values.
      throw Failure.of(kernel, LIST, TITLE)
          .feature("INET_DIAG_REQ_SK_BPF_STORAGES", STORAGE_SINCE)
          .exception(-Errno.EINVAL);
    }
    var codec = storage.valueCodec();
    var values = new LinkedHashMap<TcpSocket, V>();
    try (var arena = Arena.ofConfined()) {
      // In the message it may lie at any multiple of four.
      var aligned = arena.allocate(codec.size(), 8);
      Function<Bytes, Optional<V>> reading =
          payload ->
              InetDiag.stored(payload, codec.size())
                  .map(value -> codec.read(aligned.copyFrom(value.segment())));
      storage
          .withFd(map -> list(filter, OptionalInt.of(map), reading))
          .sequencedValues()
          .forEach(found -> values.put(found.socket(), found.value()));
    }
    return values;
  }

  /** An answer. */
  private record Found<V>(TcpSocket socket, V value) {}

  /** What is found, by the cookie. */
  private <V> SequencedMap<Long, Found<V>> list(
      SocketFilter filter, OptionalInt storage, Function<Bytes, Optional<V>> value) {
    Objects.requireNonNull(filter, "filter");
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      var found = new LinkedHashMap<Long, Found<V>>();
      boolean gaps = false;
      for (var family : InetDiag.families()) {
        try (var arena = Arena.ofConfined()) {
          var request = InetDiag.list(arena, family, filter, storage);
          var answer =
              netlink.ask(
                  request,
                  payload -> {
                    // What comes twice has changed its state meanwhile, and the later one counts.
                    var socket = InetDiag.socket(payload);
                    value
                        .apply(payload)
                        .ifPresent(v -> found.put(socket.cookie(), new Found<>(socket, v)));
                  });
          if (answer.result() < 0) {
            throw listFailure(storage).exception(answer.result());
          }
          gaps |= answer.interrupted();
        }
      }
      if (!gaps) {
        return found;
      }
    }
    throw listFailure(storage).exception(-Errno.EINTR);
  }

  private Failure listFailure(OptionalInt storage) {
    var failure =
        Failure.of(kernel, LIST, TITLE)
            .hint(
                Errno.ENOENT, "this kernel is built without CONFIG_INET_DIAG, or lacks the module")
            .hint(Errno.EBUSY, "an earlier list was not received to its end; open another SockDiag")
            .hint(Errno.EAGAIN, "the kernel's answer was lost for lack of memory; try again")
            .hint(Errno.ENOBUFS, "the kernel has no memory for it; try again")
            .hint(
                Errno.EINTR,
                "each of %d lists got gaps while the sockets changed; ask for fewer with a filter"
                    .formatted(ATTEMPTS));
    return storage.isPresent() ? failure.needs(Set.of(Capability.CAP_BPF)) : failure;
  }

  /**
   * Ends exactly this socket, whoever has it ({@code SOCK_DESTROY}, Linux 4.5): the other side is
   * sent a reset, and calls on the socket fail with ECONNABORTED, those that wait in it at once.
   * The process still has to close it.
   *
   * <p>The socket is named by its addresses and its cookie: one that has the addresses by now and
   * is another stays. A socket that listens to a port together with others ({@code SO_REUSEPORT})
   * may not be found.
   *
   * @param socket one of this network namespace
   * @return whether it was there
   * @throws io.github.purebpf.bpf.error.MissingPrivilegeException without CAP_NET_ADMIN
   * @throws io.github.purebpf.bpf.error.KernelErrorException if the kernel cannot do it
   *     (EOPNOTSUPP)
   */
  public boolean destroy(TcpSocket socket) {
    Objects.requireNonNull(socket, "socket");
    try (var arena = Arena.ofConfined()) {
      MemorySegment request = InetDiag.destroy(arena, socket);
      int result = netlink.ask(request, _ -> {}).result();
      return switch (-result) {
        case 0 -> true;
        case Errno.ENOENT, Errno.ESTALE -> false;
        default ->
            throw Failure.of(kernel, DESTROY, socket.title())
                .needs(Set.of(Capability.CAP_NET_ADMIN))
                .hint(
                    Errno.EOPNOTSUPP,
                    socket.state() == TcpState.TIME_WAIT
                        ? "this kernel does not end sockets in TIME_WAIT"
                        : "this kernel is built without CONFIG_INET_DIAG_DESTROY")
                .hint(Errno.EAGAIN, "the kernel's answer was lost for lack of memory; try again")
                .exception(result);
      };
    }
  }

  /** Closes it; from the second time on it does nothing. */
  @Override
  public void close() {
    netlink.close();
  }

  @Override
  public String toString() {
    return netlink.toString();
  }
}
