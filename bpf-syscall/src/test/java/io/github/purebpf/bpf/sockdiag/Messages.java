package io.github.purebpf.bpf.sockdiag;

import io.github.purebpf.bpf.internal.sys.InetDiagMsg;
import io.github.purebpf.bpf.internal.sys.InetDiagNumbers;
import io.github.purebpf.bpf.internal.sys.NlAttr;
import io.github.purebpf.bpf.internal.sys.NlMsgHdr;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Writes answers as the kernel does. */
final class Messages {
  static final int ERROR = 2;
  static final int DONE = 3;
  static final int SOCKET = 20;
  static final int MULTI = 2;
  static final int GAPS = 0x10;

  private Messages() {}

  static byte[] message(int type, int flags, int sequence, byte[] payload) {
    int length = NlMsgHdr.SIZE + payload.length;
    byte[] bytes = new byte[(int) Attribute.align(length)];
    new Bytes(MemorySegment.ofArray(bytes))
        .s32(NlMsgHdr.NLMSG_LEN, length)
        .u16(NlMsgHdr.NLMSG_TYPE, type)
        .u16(NlMsgHdr.NLMSG_FLAGS, flags)
        .s32(NlMsgHdr.NLMSG_SEQ, sequence)
        .array(NlMsgHdr.SIZE, payload);
    return bytes;
  }

  static byte[] number(int value) {
    return ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.nativeOrder()).putInt(value).array();
  }

  static byte[] number(long value) {
    return ByteBuffer.allocate(Long.BYTES).order(ByteOrder.nativeOrder()).putLong(value).array();
  }

  static byte[] done(int sequence, int result) {
    return message(DONE, MULTI, sequence, number(result));
  }

  static byte[] error(int sequence, int result) {
    return message(ERROR, 0, sequence, join(number(result), new byte[NlMsgHdr.SIZE]));
  }

  static byte[] attribute(int type, byte... value) {
    int length = NlAttr.SIZE + value.length;
    byte[] bytes = new byte[(int) Attribute.align(length)];
    new Bytes(MemorySegment.ofArray(bytes))
        .u16(NlAttr.NLA_LEN, length)
        .u16(NlAttr.NLA_TYPE, type)
        .array(NlAttr.SIZE, value);
    return bytes;
  }

  /** A value as a map with an id has it. */
  static byte[] stored(int map, byte... value) {
    return attribute(
        InetDiagNumbers.INET_DIAG_SK_BPF_STORAGES | 0x8000,
        attribute(
            InetDiagNumbers.SK_DIAG_BPF_STORAGE,
            join(
                attribute(InetDiagNumbers.SK_DIAG_BPF_STORAGE_MAP_ID, number(map)),
                attribute(InetDiagNumbers.SK_DIAG_BPF_STORAGE_PAD),
                attribute(InetDiagNumbers.SK_DIAG_BPF_STORAGE_MAP_VALUE, value))));
  }

  static byte[] payload(TcpSocket socket) {
    byte[] bytes = new byte[InetDiagMsg.SIZE];
    var family = socket.family();
    new Bytes(MemorySegment.ofArray(bytes))
        .u8(InetDiagMsg.IDIAG_FAMILY, family == StandardProtocolFamily.INET ? 2 : 10)
        .u8(InetDiagMsg.IDIAG_STATE, socket.state().number())
        .be16(InetDiagMsg.ID_IDIAG_SPORT, socket.local().getPort())
        .be16(InetDiagMsg.ID_IDIAG_DPORT, socket.remote().getPort())
        .array(InetDiagMsg.ID_IDIAG_SRC, InetDiag.bytes(family, socket.local()))
        .array(InetDiagMsg.ID_IDIAG_DST, InetDiag.bytes(family, socket.remote()))
        .s32(InetDiagMsg.ID_IDIAG_IF, socket.interfaceIndex())
        .s32(InetDiagMsg.ID_IDIAG_COOKIE, (int) socket.cookie())
        .s32(InetDiagMsg.ID_IDIAG_COOKIE + 4, (int) (socket.cookie() >>> 32))
        .s32(InetDiagMsg.IDIAG_UID, socket.uid())
        .s32(InetDiagMsg.IDIAG_INODE, (int) socket.inode());
    var cgroup = socket.cgroupId();
    return join(
        bytes,
        attribute(InetDiagNumbers.INET_DIAG_SHUTDOWN, (byte) 0),
        cgroup.isPresent()
            ? attribute(InetDiagNumbers.INET_DIAG_CGROUP_ID, number(cgroup.getAsLong()))
            : new byte[0]);
  }

  static byte[] socket(int sequence, byte... payload) {
    return message(SOCKET, MULTI, sequence, payload);
  }

  static byte[] join(byte[]... parts) {
    var all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  static Bytes bytes(byte... array) {
    // Exactly as long as the array: what lies behind is not to be reached.
    return new Bytes(
        MemorySegment.ofArray(MemorySegment.ofArray(array).toArray(ValueLayout.JAVA_BYTE)));
  }
}
