package io.github.purebpf.redirect.dataplane;

import static io.github.purebpf.insn.Reg.R0;
import static io.github.purebpf.insn.Reg.R1;
import static io.github.purebpf.insn.Reg.R2;
import static io.github.purebpf.insn.Reg.R6;
import static io.github.purebpf.insn.Reg.R7;
import static io.github.purebpf.insn.Reg.R8;
import static io.github.purebpf.insn.Reg.R9;

import io.github.purebpf.asm.BpfBuilder;
import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.asm.Label;
import io.github.purebpf.asm.SourceLines;
import io.github.purebpf.insn.Field;
import io.github.purebpf.insn.Reg;
import io.github.purebpf.insn.StructRef;
import io.github.purebpf.uapi.BpfSockAddr;
import io.github.purebpf.uapi.BpfSockOps;
import io.github.purebpf.uapi.Helper;
import java.util.Optional;

/** The programs that follow a connection that was redirected, from its handshake to its end. */
final class ConnectionPrograms {
  private static final int PROCEED = 1;

  // enum of BPF_SOCK_OPS_…, include/uapi/linux/bpf.h
  private static final int TCP_CONNECT_CB = 3;
  private static final int ACTIVE_ESTABLISHED_CB = 4;
  private static final int STATE_CB = 10;
  static final int STATE_CB_FLAG = 1 << 2;

  /** {@code BPF_TCP_CLOSE}. */
  private static final int CLOSE = 7;

  /** {@code BPF_NOEXIST}: another program may be first. */
  private static final int NOEXIST = 1;

  private ConnectionPrograms() {}

  /** For {@code BPF_CGROUP_SOCK_OPS}: counts a connection that is made, and that ends. */
  static BpfCode socketOperations() {
    return BpfCode.build(
        SourceLines.OMITTED,
        b -> {
          var ctx = b.keepContext(R6, BpfSockOps.class);
          var out = b.newLabel();
          var established = b.newLabel();
          var changed = b.newLabel();
          var reporting = new Reporting(b);
          var settlement = Settlement.of(b, R9, Optional.of(reporting));
          b.load(R8, ctx.get(BpfSockOps.OP))
              .jeq(R8, ACTIVE_ESTABLISHED_CB, established)
              .jeq(R8, STATE_CB, changed)
              .jne(R8, TCP_CONNECT_CB, out);
          socket(b, ctx, out);
          b.load(R2, ctx.get(BpfSockOps.BPF_SOCK_OPS_CB_FLAGS)) // others may have asked for more
              .or(R2, STATE_CB_FLAG)
              .mov(R1, R6)
              .call(Helper.SOCK_OPS_CB_FLAGS_SET)
              .ja(out);

          b.labelBinding(changed).load(R1, ctx.get(BpfSockOps.ARGS_1)).jne(R1, CLOSE, out);
          socket(b, ctx, out);
          end(b, settlement, out);
          b.ja(out);

          b.labelBinding(established);
          socket(b, ctx, out);
          established(b, settlement, reporting, out);
          b.labelBinding(out).returning(PROCEED);
        });
  }

  /** For {@code BPF_CGROUP_INET_SOCK_RELEASE}: counts a connection out whose socket is closed. */
  static BpfCode release() {
    return BpfCode.build(
        SourceLines.OMITTED,
        b -> {
          var out = b.newLabel();
          var settlement = Settlement.of(b, R9, Optional.of(new Reporting(b)));
          b.mov(R2, R1).lddw(R1, Maps.SOCKETS).mov(Reg.R3, 0).mov(Reg.R4, 0);
          b.call(Helper.SK_STORAGE_GET).jeq(R0, 0, out).mov(R9, R0);
          end(b, settlement, out);
          b.labelBinding(out).returning(PROCEED);
        });
  }

  /** For {@code BPF_CGROUP_INET4_GETPEERNAME}: the peer is the virtual address. */
  static BpfCode peerName4() {
    return peerName(BpfSockAddr.USER_IP4);
  }

  /** The same for {@code BPF_CGROUP_INET6_GETPEERNAME}: of a mapped address the last word. */
  static BpfCode peerName6() {
    return peerName(BpfSockAddr.USER_IP6_3);
  }

  private static BpfCode peerName(Field<BpfSockAddr> address) {
    return BpfCode.build(
        SourceLines.OMITTED,
        b -> {
          var ctx = b.keepContext(R6, BpfSockAddr.class);
          var out = b.newLabel();
          b.load(R2, ctx.get(BpfSockAddr.SK)).lddw(R1, Maps.SOCKETS).mov(Reg.R3, 0).mov(Reg.R4, 0);
          b.call(Helper.SK_STORAGE_GET).jeq(R0, 0, out);
          var socket = SocketEntry.STRUCT.at(R0);
          var vip = new StructRef<VipKey>(R0, socket.get(SocketEntry.VIP).mem().offset());
          b.load(R1, socket.get(SocketEntry.STATE))
              .jeq(R1, 0, out)
              .jeq(R1, SocketEntry.ADOPTED, out)
              .load(R1, vip.get(VipKey.ADDRESS))
              .store(ctx.get(address), R1)
              .load(R1, vip.get(VipKey.PORT))
              .store(ctx.get(BpfSockAddr.USER_PORT), R1)
              .labelBinding(out)
              .returning(PROCEED);
        });
  }

  /** r9: what is kept with the socket of the context; without it, out. */
  private static void socket(BpfBuilder b, StructRef<BpfSockOps> ctx, Label out) {
    b.load(R2, ctx.get(BpfSockOps.SK))
        .jeq(R2, 0, out)
        .lddw(R1, Maps.SOCKETS)
        .mov(Reg.R3, 0)
        .mov(Reg.R4, 0)
        .call(Helper.SK_STORAGE_GET)
        .jeq(R0, 0, out)
        .mov(R9, R0);
  }

  private static void end(BpfBuilder b, Settlement settlement, Label out) {
    b.mov(R1, 0).xchgDw(SocketEntry.STRUCT.at(R9).get(SocketEntry.STATE), R1).jeq(R1, 0, out);
    settlement.settle();
  }

  /**
   * The container is counted first: a close that comes in between finds either a connection that
   * was not made, or one whose container is counted.
   */
  private static void established(
      BpfBuilder b, Settlement settlement, Reporting reporting, Label out) {
    var entry = SocketEntry.STRUCT.at(R9);
    var state = entry.get(SocketEntry.STATE);
    var holder = HolderEntry.STRUCT.at(R7);
    var made = b.newLabel();
    b.load(R1, state)
        .jne(R1, SocketEntry.CONNECTING, out)
        .load(R1, entry.get(SocketEntry.BACKEND))
        .store(settlement.index(), R1)
        .mapLookup(Maps.BACKENDS, settlement.index())
        .jeq(R0, 0, out)
        .mov(R8, R0);
    hold(b, settlement, entry);
    b.mov(R0, SocketEntry.CONNECTING)
        .mov(R1, SocketEntry.ESTABLISHED)
        .cmpxchgDw(state, R1)
        .jeq(R0, SocketEntry.CONNECTING, made)
        .jeq(R7, 0, out)
        .mov(R1, -1)
        .atomicAddDw(holder.get(HolderEntry.OPEN), R1)
        .ja(out)
        .labelBinding(made)
        .mov(R1, 1)
        .atomicAddDw(backend().get(BackendEntry.ESTABLISHED), R1)
        .atomicAddDw(backend().get(BackendEntry.OPEN), R1);
    reporting.prepare(EventEntry.ESTABLISHED, backend());
    reporting.connection(entry);
  }

  /** r7: the entry of the container and the server, counted up; 0 if there is no room for it. */
  static void hold(BpfBuilder b, Settlement settlement, StructRef<SocketEntry> socket) {
    var holder = HolderEntry.STRUCT.at(R7);
    var add = b.newLabel();
    var end = b.newLabel();
    var found = b.newLabel();
    settlement.holderOf(socket);
    var fresh = b.stackStruct(HolderEntry.STRUCT);
    b.mapLookup(Maps.HOLDERS, settlement.holder())
        .jne(R0, 0, found)
        .store(fresh.get(HolderEntry.OPEN), 0)
        .store(fresh.get(HolderEntry.SINCE), 0)
        .mapUpdate(Maps.HOLDERS, settlement.holder(), fresh, NOEXIST)
        .mapLookup(Maps.HOLDERS, settlement.holder())
        .jne(R0, 0, found)
        .mov(R7, 0)
        .mov(R1, 1)
        .atomicAddDw(backend().get(BackendEntry.UNCOUNTED), R1)
        .ja(end)
        .labelBinding(found)
        .mov(R7, R0)
        .store(socket.get(SocketEntry.HELD), 1)
        .mov(R1, 1)
        .fetchAddDw(holder.get(HolderEntry.OPEN), R1)
        .jne(R1, 0, add)
        .call(Helper.KTIME_GET_NS)
        .store(holder.get(HolderEntry.SINCE), R0)
        .labelBinding(add)
        .labelBinding(end);
  }

  private static StructRef<BackendEntry> backend() {
    return BackendEntry.STRUCT.at(R8);
  }
}
