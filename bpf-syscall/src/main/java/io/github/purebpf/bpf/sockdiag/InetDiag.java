package io.github.purebpf.bpf.sockdiag;

import io.github.purebpf.bpf.internal.sys.InetDiagBcOp;
import io.github.purebpf.bpf.internal.sys.InetDiagHostCond;
import io.github.purebpf.bpf.internal.sys.InetDiagMsg;
import io.github.purebpf.bpf.internal.sys.InetDiagNumbers;
import io.github.purebpf.bpf.internal.sys.InetDiagReqV2;
import io.github.purebpf.bpf.internal.sys.NlAttr;
import io.github.purebpf.bpf.internal.sys.NlMsgHdr;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** The bytes of requests and answers about TCP sockets ({@code linux/inet_diag.h}). */
final class InetDiag {
  /** {@code SOCK_DIAG_BY_FAMILY} and {@code SOCK_DESTROY} of {@code linux/sock_diag.h}. */
  static final int BY_FAMILY = 20;

  static final int DESTROY = 21;

  private static final int AF_INET = 2;
  private static final int AF_INET6 = 10;
  private static final int IPPROTO_TCP = 6;

  /** In place of a port in a condition. */
  private static final int ANY_PORT = -1;

  private static final int IPV4_SIZE = 4;
  private static final int IPV6_SIZE = 16;
  private static final int REQUEST = NlMsgHdr.SIZE + InetDiagReqV2.SIZE;

  private InetDiag() {}

  /** Asks for the sockets of a family. */
  static MemorySegment list(
      SegmentAllocator memory,
      StandardProtocolFamily family,
      SocketFilter filter,
      OptionalInt storageFd) {
    boolean condition = filter.remoteAddress().isPresent() || filter.remotePort().isPresent();
    byte[] address = filter.remoteAddress().map(InetAddress::getAddress).orElse(new byte[0]);
    int code = InetDiagBcOp.SIZE + InetDiagHostCond.SIZE + address.length;
    int storages = NlAttr.SIZE + Integer.BYTES;
    int size =
        REQUEST
            + (condition ? NlAttr.SIZE + code : 0)
            + (storageFd.isPresent() ? NlAttr.SIZE + storages : 0);
    var message = Netlink.message(memory, BY_FAMILY, Netlink.DUMP, size);
    int states = filter.states().stream().mapToInt(TcpState::bit).reduce(0, (a, b) -> a | b);
    request(message, family).s32(InetDiagReqV2.IDIAG_STATES, states);
    int at = REQUEST;
    if (condition) {
      var to = Attribute.write(message, at, InetDiagNumbers.INET_DIAG_REQ_BYTECODE, code);
      condition(to, address, filter.remotePort().orElse(ANY_PORT));
      at += NlAttr.SIZE + code;
    }
    if (storageFd.isPresent()) {
      var to =
          Attribute.write(message, at, InetDiagNumbers.INET_DIAG_REQ_SK_BPF_STORAGES, storages);
      Attribute.write(to, 0, InetDiagNumbers.SK_DIAG_BPF_STORAGE_REQ_MAP_FD, Integer.BYTES)
          .s32(0, storageFd.getAsInt());
    }
    return message.segment();
  }

  /** One operation: goes on behind the end, or far behind the end, which leaves the socket out. */
  private static void condition(Bytes to, byte[] address, int port) {
    int length = (int) to.size();
    to.u8(InetDiagBcOp.CODE, InetDiagNumbers.INET_DIAG_BC_D_COND)
        .u8(InetDiagBcOp.YES, length)
        .u16(InetDiagBcOp.NO, length + IPV4_SIZE);
    to.from(InetDiagBcOp.SIZE, "a condition")
        .u8(InetDiagHostCond.FAMILY, familyOf(address))
        .u8(InetDiagHostCond.PREFIX_LEN, address.length * Byte.SIZE)
        .s32(InetDiagHostCond.PORT, port)
        .array(InetDiagHostCond.ADDR, address);
  }

  private static int familyOf(byte[] address) {
    return switch (address.length) {
      case 0 -> 0;
      case IPV4_SIZE -> AF_INET;
      default -> AF_INET6;
    };
  }

  /** Asks for the end of a socket. */
  static MemorySegment destroy(SegmentAllocator memory, TcpSocket socket) {
    var message = Netlink.message(memory, DESTROY, Netlink.ACK, REQUEST);
    request(message, socket.family())
        .be16(InetDiagReqV2.ID_IDIAG_SPORT, socket.local().getPort())
        .be16(InetDiagReqV2.ID_IDIAG_DPORT, socket.remote().getPort())
        .array(InetDiagReqV2.ID_IDIAG_SRC, bytes(socket.family(), socket.local()))
        .array(InetDiagReqV2.ID_IDIAG_DST, bytes(socket.family(), socket.remote()))
        .s32(InetDiagReqV2.ID_IDIAG_IF, socket.interfaceIndex())
        .s32(InetDiagReqV2.ID_IDIAG_COOKIE, (int) socket.cookie())
        .s32(InetDiagReqV2.ID_IDIAG_COOKIE + Integer.BYTES, (int) (socket.cookie() >>> 32));
    return message.segment();
  }

  private static Bytes request(Bytes message, StandardProtocolFamily family) {
    return message
        .part(NlMsgHdr.SIZE, InetDiagReqV2.SIZE, "a request")
        .u8(InetDiagReqV2.SDIAG_FAMILY, family == StandardProtocolFamily.INET ? AF_INET : AF_INET6)
        .u8(InetDiagReqV2.SDIAG_PROTOCOL, IPPROTO_TCP);
  }

  /** An address as the family has it. */
  static byte[] bytes(StandardProtocolFamily family, InetSocketAddress address) {
    byte[] bytes = address.getAddress().getAddress();
    if (family == StandardProtocolFamily.INET || bytes.length == IPV6_SIZE) {
      return bytes;
    }
    byte[] mapped = new byte[IPV6_SIZE];
    mapped[10] = mapped[11] = (byte) 0xff;
    System.arraycopy(bytes, 0, mapped, IPV6_SIZE - IPV4_SIZE, IPV4_SIZE);
    return mapped;
  }

  /**
   * Reads an answer.
   *
   * @param payload what follows the head of the message
   */
  static TcpSocket socket(Bytes payload) {
    payload.require(InetDiagMsg.SIZE, "a socket");
    int number = payload.u8(InetDiagMsg.IDIAG_FAMILY);
    var family =
        switch (number) {
          case AF_INET -> StandardProtocolFamily.INET;
          case AF_INET6 -> StandardProtocolFamily.INET6;
          default -> throw Bytes.malformed("a TCP socket of the family " + number);
        };
    int state = payload.u8(InetDiagMsg.IDIAG_STATE);
    long low = Integer.toUnsignedLong(payload.s32(InetDiagMsg.ID_IDIAG_COOKIE));
    long high = payload.s32(InetDiagMsg.ID_IDIAG_COOKIE + Integer.BYTES);
    return new TcpSocket(
        family,
        TcpState.of(state).orElseThrow(() -> Bytes.malformed("a socket in state " + state)),
        address(payload, family, InetDiagMsg.ID_IDIAG_SRC, InetDiagMsg.ID_IDIAG_SPORT),
        address(payload, family, InetDiagMsg.ID_IDIAG_DST, InetDiagMsg.ID_IDIAG_DPORT),
        payload.s32(InetDiagMsg.ID_IDIAG_IF),
        high << 32 | low,
        Integer.toUnsignedLong(payload.s32(InetDiagMsg.IDIAG_INODE)),
        payload.s32(InetDiagMsg.IDIAG_UID),
        cgroupId(payload));
  }

  private static InetSocketAddress address(
      Bytes payload, StandardProtocolFamily family, int address, int port) {
    int length = family == StandardProtocolFamily.INET ? IPV4_SIZE : IPV6_SIZE;
    try {
      // Mapped addresses become IPv4 ones here.
      var ip = InetAddress.getByAddress(payload.array(address, length));
      return new InetSocketAddress(ip, payload.be16(port));
    } catch (UnknownHostException e) {
      throw new AssertionError(length + " bytes are an address", e);
    }
  }

  private static Bytes attributes(Bytes payload) {
    return payload.from(InetDiagMsg.SIZE, "attributes");
  }

  private static OptionalLong cgroupId(Bytes payload) {
    var id = Attribute.first(attributes(payload), InetDiagNumbers.INET_DIAG_CGROUP_ID);
    return id.isPresent()
        ? OptionalLong.of(id.get().require(Long.BYTES, "a cgroup id").u64(0))
        : OptionalLong.empty();
  }

  /**
   * The value that the map asked for has with the socket of an answer.
   *
   * @param size the bytes of a value
   */
  static Optional<Bytes> stored(Bytes payload, int size) {
    return Attribute.first(attributes(payload), InetDiagNumbers.INET_DIAG_SK_BPF_STORAGES)
        .flatMap(all -> Attribute.first(all, InetDiagNumbers.SK_DIAG_BPF_STORAGE))
        .flatMap(one -> Attribute.first(one, InetDiagNumbers.SK_DIAG_BPF_STORAGE_MAP_VALUE))
        .map(value -> value.part(0, size, "a stored value"));
  }

  /** The families of TCP sockets. */
  static Iterable<StandardProtocolFamily> families() {
    return Arrays.asList(StandardProtocolFamily.INET, StandardProtocolFamily.INET6);
  }
}
