package io.github.purebpf.redirect.dataplane;

import static io.github.purebpf.insn.Reg.R0;
import static io.github.purebpf.insn.Reg.R1;
import static io.github.purebpf.insn.Reg.R2;
import static io.github.purebpf.insn.Reg.R3;
import static io.github.purebpf.insn.Reg.R4;
import static io.github.purebpf.insn.Reg.R5;
import static io.github.purebpf.insn.Reg.R6;
import static io.github.purebpf.insn.Reg.R7;
import static io.github.purebpf.insn.Reg.R8;
import static io.github.purebpf.insn.Reg.R9;

import io.github.purebpf.asm.BpfBuilder;
import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.asm.Label;
import io.github.purebpf.asm.SourceLines;
import io.github.purebpf.asm.StackSlot;
import io.github.purebpf.btf.Btf;
import io.github.purebpf.insn.FieldRef;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.insn.Mem;
import io.github.purebpf.insn.MemSize;
import io.github.purebpf.insn.Reg;
import io.github.purebpf.insn.StructRef;
import io.github.purebpf.uapi.Helper;
import java.util.Optional;

/**
 * The programs of a {@link Census}, which run once for each TCP socket of a network namespace, with
 * the socket locked ({@code iter/tcp}; locked since Linux 5.16). They read the kernel's own
 * structs, where its type information says that the fields are.
 *
 * <p>r6 is the socket, r9 its {@link SocketEntry}, r8 the {@link BackendEntry}.
 */
final class CensusPrograms {
  /** {@link CensusTarget.Key} to {@link CensusTarget}. */
  static final MapRef TARGETS = new MapRef("rd_targets");

  /** The ids of the cgroups whose sockets are meant. */
  static final MapRef MEANT = new MapRef("rd_meant");

  private static final int AF_INET = 2;
  private static final int AF_INET6 = 10;
  private static final int MAPPED = 0xffff;

  // include/net/tcp_states.h
  private static final int TCP_ESTABLISHED = 1;
  private static final int TCP_SYN_SENT = 2;
  private static final int TCP_CLOSE_WAIT = 8;

  private static final int IPPROTO_TCP = 6;
  private static final int TCP_BPF_SOCK_OPS_CB_FLAGS = 1008;

  private final BpfBuilder b;
  private final Btf kernel;
  private final Label out;
  private final FieldRef<StackSlot> cgroup;
  private final FieldRef<StackSlot> index;

  private CensusPrograms(BpfBuilder b, Btf kernel) {
    this.b = b;
    this.kernel = kernel;
    this.out = b.newLabel();
    this.cgroup = b.stackSlot(MemSize.DW);
    this.index = b.stackSlot(MemSize.W);
  }

  /** Counts in what is connected to a server and is not counted. */
  static BpfCode join(Btf kernel) {
    return BpfCode.build(
        SourceLines.OMITTED,
        b -> {
          var programs = new CensusPrograms(b, kernel);
          programs.socket();
          programs.join();
          b.labelBinding(programs.out).returning(0);
        });
  }

  /** Counts out what is counted. */
  static BpfCode leave(Btf kernel) {
    return BpfCode.build(
        SourceLines.OMITTED,
        b -> {
          var programs = new CensusPrograms(b, kernel);
          var settlement = Settlement.of(b, R9, Optional.empty());
          programs.socket();
          programs.storage(0);
          b.jeq(R0, 0, programs.out)
              .mov(R9, R0)
              .mov(R1, 0)
              .xchgDw(entry().get(SocketEntry.STATE), R1)
              .jeq(R1, 0, programs.out);
          settlement.settle();
          b.labelBinding(programs.out).returning(0);
        });
  }

  private Mem in(Reg struct, String tag, String path) {
    return new Mem(struct, kernel.offsetOf(tag, path));
  }

  /** r6: a TCP socket of one of the cgroups that are meant; r7 the same as a sock_common. */
  private void socket() {
    b.ldxdw(R7, in(R1, "bpf_iter__tcp", "sk_common"))
        .jeq(R7, 0, out)
        .mov(R1, R7)
        .call(Helper.SKC_TO_TCP_SOCK) // null for what waits to be forgotten, or for a handshake
        .jeq(R0, 0, out)
        .mov(R6, R0)
        .ldxdw(R1, in(R6, "sock", "sk_cgrp_data.cgroup"))
        .jeq(R1, 0, out)
        .ldxdw(R1, in(R1, "cgroup", "kn"))
        .jeq(R1, 0, out)
        .ldxdw(R1, in(R1, "kernfs_node", "id"))
        .store(cgroup, R1)
        .mapLookup(MEANT, cgroup)
        .jeq(R0, 0, out);
  }

  /** r0: what is kept with the socket. */
  private void storage(int flags) {
    b.lddw(R1, Maps.SOCKETS).mov(R2, R6).mov(R3, 0).mov(R4, flags).call(Helper.SK_STORAGE_GET);
  }

  private void join() {
    var key = b.stackStruct(CensusTarget.Key.STRUCT);
    var open = b.newLabel();
    var known = b.newLabel();
    var tracked = b.newLabel();
    var settlement = Settlement.of(b, R9, Optional.empty());
    b.ldxb(R1, in(R7, "sock_common", "skc_state"))
        .jeq(R1, TCP_ESTABLISHED, open)
        .jeq(R1, TCP_SYN_SENT, open)
        .jne(R1, TCP_CLOSE_WAIT, out)
        .labelBinding(open);
    server(key);
    storage(0);
    b.mov(R9, R0)
        .store(key.get(CensusTarget.Key.VIP), 0)
        .jeq(R9, 0, known)
        .load(R1, entry().get(SocketEntry.STATE))
        .jne(R1, 0, out)
        .load(R1, entry().get(SocketEntry.VIP))
        .store(key.get(CensusTarget.Key.VIP), R1)
        .labelBinding(known)
        .mapLookup(TARGETS, key)
        .jeq(R0, 0, out);
    var target = CensusTarget.STRUCT.at(R0);
    var found = b.spill(R0);
    b.load(R1, target.get(CensusTarget.BACKEND)).store(index, R1);
    var vip = b.load(R1, target.get(CensusTarget.VIP)).spill(R1);
    b.jne(R9, 0, tracked);
    storage(1); // BPF_SK_STORAGE_GET_F_CREATE
    b.jeq(R0, 0, out)
        .mov(R9, R0)
        .store(entry().get(SocketEntry.PROCESS), 0)
        .call(Helper.KTIME_GET_NS)
        .store(entry().get(SocketEntry.SINCE), R0)
        .labelBinding(tracked)
        .mapLookup(Maps.BACKENDS, index)
        .jeq(R0, 0, out)
        .mov(R8, R0)
        .reload(R1, found)
        .mov(R2, 1)
        .atomicAddDw(CensusTarget.STRUCT.at(R1).get(CensusTarget.FOUND), R2)
        .reload(R1, vip)
        .store(entry().get(SocketEntry.VIP), R1)
        .load(R1, index)
        .store(entry().get(SocketEntry.BACKEND), R1)
        .load(R1, cgroup)
        .store(entry().get(SocketEntry.CGROUP), R1)
        .store(entry().get(SocketEntry.HELD), 0)
        .mov(R1, 1)
        .atomicAddDw(backend().get(BackendEntry.LOAD), R1);
    count(key, settlement);
    askForItsEnd();
  }

  /** The server of a socket in r7 goes to the key; without an IPv4 one, out. */
  private void server(StructRef<CensusTarget.Key> key) {
    var inet = b.newLabel();
    b.ldxh(R1, in(R7, "sock_common", "skc_family"))
        .jeq(R1, AF_INET, inet)
        .jne(R1, AF_INET6, out)
        .ldxdw(R1, in(R7, "sock_common", "skc_v6_daddr"))
        .jne(R1, 0, out)
        .ldxw(R1, new Mem(R7, kernel.offsetOf("sock_common", "skc_v6_daddr") + Long.BYTES))
        .be32(R1)
        .jne(R1, MAPPED, out)
        .labelBinding(inet)
        .ldxw(R2, in(R7, "sock_common", "skc_daddr"))
        .ldxh(R1, in(R7, "sock_common", "skc_dport"))
        .lsh(R1, ServerWord.PORT_SHIFT)
        .or(R1, R2)
        .store(key.get(CensusTarget.Key.SERVER), R1);
  }

  /** One that is being made is found out about by the other programs. */
  private void count(StructRef<CensusTarget.Key> key, Settlement settlement) {
    var open = b.newLabel();
    var ours = b.newLabel();
    var counted = b.newLabel();
    b.ldxb(R1, in(R6, "sock", "__sk_common.skc_state"))
        .jne(R1, TCP_SYN_SENT, open)
        .mov(R1, 1)
        .atomicAddDw(backend().get(BackendEntry.ATTEMPTED), R1)
        .store(entry().get(SocketEntry.STATE), SocketEntry.CONNECTING)
        .ja(counted)
        .labelBinding(open);
    ConnectionPrograms.hold(b, settlement, entry());
    b.mov(R1, 1)
        .atomicAddDw(backend().get(BackendEntry.OPEN), R1)
        .load(R1, key.get(CensusTarget.Key.VIP))
        .jne(R1, 0, ours)
        .store(entry().get(SocketEntry.STATE), SocketEntry.ADOPTED)
        .ja(counted)
        .labelBinding(ours)
        .store(entry().get(SocketEntry.STATE), SocketEntry.ESTABLISHED)
        .labelBinding(counted);
  }

  /**
   * Has {@code rd_operations} called when TCP ends the connection, where the kernel lets iterators
   * do that; elsewhere the last close is what counts it out.
   */
  private void askForItsEnd() {
    b.store(index, 0);
    flags(Helper.GETSOCKOPT);
    b.load(R1, index).or(R1, ConnectionPrograms.STATE_CB_FLAG).store(index, R1);
    flags(Helper.SETSOCKOPT);
  }

  private void flags(Helper helper) {
    b.mov(R1, R6)
        .mov(R2, IPPROTO_TCP)
        .mov(R3, TCP_BPF_SOCK_OPS_CB_FLAGS)
        .addressOf(R4, index)
        .mov(R5, Integer.BYTES)
        .call(helper);
  }

  private static StructRef<SocketEntry> entry() {
    return SocketEntry.STRUCT.at(R9);
  }

  private static StructRef<BackendEntry> backend() {
    return BackendEntry.STRUCT.at(R8);
  }
}
