package io.github.purebpf.redirect.dataplane;

import static io.github.purebpf.insn.Reg.R0;
import static io.github.purebpf.insn.Reg.R1;
import static io.github.purebpf.insn.Reg.R2;
import static io.github.purebpf.insn.Reg.R3;
import static io.github.purebpf.insn.Reg.R6;
import static io.github.purebpf.insn.Reg.R7;
import static io.github.purebpf.insn.Reg.R8;
import static io.github.purebpf.insn.Reg.R9;

import io.github.purebpf.asm.Arg;
import io.github.purebpf.asm.BpfBuilder;
import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.asm.Label;
import io.github.purebpf.asm.StackSlot;
import io.github.purebpf.insn.Field;
import io.github.purebpf.insn.FieldRef;
import io.github.purebpf.insn.MemSize;
import io.github.purebpf.insn.Reg;
import io.github.purebpf.insn.StructRef;
import io.github.purebpf.uapi.BpfSockAddr;
import io.github.purebpf.uapi.Helper;

/**
 * The program that every connect of an IPv4 address runs through: finds the virtual address, picks
 * a server, counts the connect, and rewrites where it goes.
 *
 * <p>r6 is the context, r7 the {@link ServiceEntry}, from the choice on r8 is the {@link
 * BackendEntry} and r9 the {@link SocketEntry}.
 */
final class ConnectProgram {
  private static final int REFUSE = 0;
  private static final int PROCEED = 1;

  /** The third word of an IPv6 address that holds an IPv4 one, {@code ::ffff:a.b.c.d}. */
  private static final int MAPPED = 0xffff;

  /** How often the least loaded server is looked for again when others took it meanwhile. */
  private static final int ATTEMPTS = 2;

  /** How deep below the root of the hierarchy a listed cgroup may be. */
  private static final int LEVELS = 12;

  /** Makes loads comparable across weights: (load + 1) of 2^20 parts, divided by the weight. */
  static final int LOAD_SHIFT = 20;

  /**
   * Odd numbers of high entropy: the bits of a product's high half depend on all of the factors.
   */
  static final long MIX_CLIENT = 0x9e3779b97f4a7c15L;

  static final long MIX_SERVER = 0xbf58476d1ce4e5b9L;

  // include/uapi/asm-generic/socket.h and include/uapi/linux/tcp.h
  private static final int SOL_SOCKET = 1;
  private static final int SO_KEEPALIVE = 9;
  private static final int IPPROTO_TCP = 6;
  private static final int TCP_KEEPIDLE = 4;
  private static final int TCP_KEEPINTVL = 5;
  private static final int TCP_KEEPCNT = 6;
  private static final int TCP_USER_TIMEOUT = 18;

  private final BpfBuilder b;
  private final Field<BpfSockAddr> address;
  private final ProgramOptions options;
  private final StructRef<BpfSockAddr> ctx;
  private final Label proceed;

  // On the stack.
  private final StructRef<VipKey> key;
  private final StructRef<HolderKey> holder;
  private final FieldRef<StackSlot> best;
  private final FieldRef<StackSlot> seen;
  private final FieldRef<StackSlot> client;
  private final FieldRef<StackSlot> index;
  private final FieldRef<StackSlot> candidate;
  private final FieldRef<StackSlot> chosen;
  private final FieldRef<StackSlot> first;
  private final FieldRef<StackSlot> count;
  private final FieldRef<StackSlot> start;
  private final FieldRef<StackSlot> attempt;

  private ConnectProgram(BpfBuilder b, Field<BpfSockAddr> address, ProgramOptions options) {
    this.b = b;
    this.address = address;
    this.options = options;
    this.ctx = b.keepContext(R6, BpfSockAddr.class);
    this.proceed = b.newLabel();
    this.key = b.stackStruct(VipKey.STRUCT);
    this.holder = b.stackStruct(HolderKey.STRUCT);
    this.best = b.stackSlot(MemSize.DW);
    this.seen = b.stackSlot(MemSize.DW);
    this.client = b.stackSlot(MemSize.DW);
    this.index = b.stackSlot(MemSize.W);
    this.candidate = b.stackSlot(MemSize.W);
    this.chosen = b.stackSlot(MemSize.W);
    this.first = b.stackSlot(MemSize.W);
    this.count = b.stackSlot(MemSize.W);
    this.start = b.stackSlot(MemSize.W);
    this.attempt = b.stackSlot(MemSize.DW); // of eight bytes the verifier knows the content
  }

  /** For {@code BPF_CGROUP_INET4_CONNECT}: connects of {@code AF_INET} sockets. */
  static BpfCode connect4(ProgramOptions options) {
    return BpfCode.build(
        b -> {
          var program = new ConnectProgram(b, BpfSockAddr.USER_IP4, options);
          program.tcpOnly();
          program.redirect();
        });
  }

  /**
   * For {@code BPF_CGROUP_INET6_CONNECT}: an {@code AF_INET6} socket that connects to {@code
   * ::ffff:a.b.c.d}, as those of the JVM do, runs this program and not the other. Other IPv6
   * destinations are left alone.
   */
  static BpfCode connect6(ProgramOptions options) {
    return BpfCode.build(
        b -> {
          var program = new ConnectProgram(b, BpfSockAddr.USER_IP6_3, options);
          program.tcpOnly();
          program.mappedOnly();
          program.redirect();
        });
  }

  private void tcpOnly() {
    b.load(R1, ctx.get(BpfSockAddr.PROTOCOL)).jne(R1, VipKey.TCP, proceed);
  }

  private void mappedOnly() {
    b.ldxdw(R1, ctx.get(BpfSockAddr.USER_IP6_0)) // and USER_IP6_1
        .jne(R1, 0, proceed)
        .load(R1, ctx.get(BpfSockAddr.USER_IP6_2))
        .be32(R1)
        .jne(R1, MAPPED, proceed);
  }

  private void redirect() {
    findService();
    stayInScope();
    choose();
    count();
    probe();
    rewrite();
    b.labelBinding(proceed).returning(PROCEED);
  }

  /** r7: the service of the address that is connected to. */
  private void findService() {
    b.load(R2, ctx.get(address))
        .store(key.get(VipKey.ADDRESS), R2)
        .load(R2, ctx.get(BpfSockAddr.USER_PORT))
        .store(key.get(VipKey.PORT), R2)
        .store(key.get(VipKey.PROTOCOL), VipKey.TCP)
        .mapLookup(Maps.VIPS, key)
        .jeq(R0, 0, proceed)
        .load(R1, Slot.STRUCT.at(R0).get(Slot.INDEX))
        .store(index, R1)
        .mapLookup(Maps.SERVICES, index)
        .jeq(R0, 0, proceed)
        .mov(R7, R0)
        .load(R1, service().get(ServiceEntry.VIP))
        .ldxdw(R2, key.mem())
        .jne(R1, R2, proceed); // the entry of the table was another's by then: ours is gone
  }

  /** Leaves alone what the list of cgroups excludes. */
  private void stayInScope() {
    if (options.filter() == CgroupFilter.ALL) {
      return;
    }
    var listed = b.newLabel();
    var notListed = b.newLabel();
    b.call(Helper.GET_CURRENT_CGROUP_ID)
        .store(client, R0)
        .mapLookup(Maps.CGROUPS, client)
        .jne(R0, 0, listed)
        .unrolled(
            LEVELS,
            (_, level) ->
                b.call(Helper.GET_CURRENT_ANCESTOR_CGROUP_ID, Arg.imm(level))
                    .jeq(R0, 0, notListed)
                    .store(client, R0)
                    .mapLookup(Maps.CGROUPS, client)
                    .jne(R0, 0, listed));
    if (options.filter() == CgroupFilter.LISTED) {
      b.labelBinding(notListed).ja(proceed).labelBinding(listed);
    } else {
      b.ja(notListed).labelBinding(listed).ja(proceed).labelBinding(notListed);
    }
  }

  /** r8: the server that is chosen, which has been given the connection. */
  private void choose() {
    var none = b.newLabel();
    var byPoint = b.newLabel();
    var byScore = b.newLabel();
    var taken = b.newLabel();
    var sticky = b.newLabel();
    b.load(R8, service().get(ServiceEntry.HEAD))
        .stxw(first.mem(), R8)
        .mov(R9, R8)
        .rsh(R9, Head.COUNT_SHIFT)
        .and(R9, Head.COUNT_MASK)
        .jeq(R9, 0, none)
        .stxw(count.mem(), R9)
        .rsh(R8, Head.POLICY_SHIFT)
        .and(R8, Head.POLICY_MASK);
    b.store(attempt, 0)
        .store(start, 0)
        .jeq(R8, Head.POLICY_LEAST_CONNECTIONS, byScore)
        .jge(R8, Head.POLICY_STICKY_CONTAINER, sticky);
    point(byPoint);
    b.labelBinding(sticky);
    client();
    b.labelBinding(byScore);
    score(none, taken);
    b.labelBinding(none);
    refuse();
    b.labelBinding(byPoint);
    searchPoint(none);
    give();
    b.labelBinding(taken);
  }

  /** best: the point in the sum of the weights that the policy says. */
  private void point(Label search) {
    var single = b.newLabel();
    var random = b.newLabel();
    b.load(R1, first)
        .add(R1, R9)
        .sub(R1, 1)
        .store(index, R1)
        .stdw(best.mem(), 0)
        .jeq(R8, Head.POLICY_SINGLE, search)
        .mapLookup(Maps.MEMBERS, index)
        .jeq(R0, 0, single)
        .load(R9, member().get(MemberEntry.CUMULATIVE)) // of the last: the sum
        .jne(R8, Head.POLICY_ROUND_ROBIN, random)
        .mov(R1, 1)
        .fetchAddDw(service().get(ServiceEntry.CURSOR), R1)
        .mod(R1, R9)
        .store(best, R1)
        .ja(search)
        .labelBinding(random)
        .call(Helper.GET_PRANDOM_U32)
        .mul(R0, R9)
        .rsh(R0, Integer.SIZE)
        .store(best, R0)
        .labelBinding(single)
        .ja(search);
  }

  /** chosen: the first member whose weights reach behind the point. */
  private void searchPoint(Label none) {
    var found = b.newLabel();
    b.counted(
            R9,
            Head.MOST_MEMBERS,
            _ ->
                b.load(R1, count)
                    .jge(R9, R1, none)
                    .load(R1, first)
                    .add(R1, R9)
                    .store(index, R1)
                    .mapLookup(Maps.MEMBERS, index)
                    .jeq(R0, 0, none)
                    .load(R1, member().get(MemberEntry.BACKEND))
                    .store(chosen, R1)
                    .load(R1, member().get(MemberEntry.CUMULATIVE))
                    .load(R2, best)
                    .jgt(R1, R2, found))
        .ja(none)
        .labelBinding(found);
  }

  /** client: what the policy sticks to. */
  private void client() {
    var socket = b.newLabel();
    var known = b.newLabel();
    b.jeq(R8, Head.POLICY_STICKY_SOCKET, socket)
        .call(Helper.GET_CURRENT_CGROUP_ID)
        .ja(known)
        .labelBinding(socket)
        .call(Helper.GET_SOCKET_COOKIE, Arg.reg(R6))
        .labelBinding(known)
        .lddw(R1, MIX_CLIENT)
        .mul(R0, R1)
        .store(client, R0);
  }

  /**
   * r8: the member with the smallest score. Servers with the same load are taken from a random one
   * on; a server that another connect took in between is looked for again.
   */
  private void score(Label none, Label taken) {
    var again = b.newLabel();
    var better = b.newLabel();
    var end = b.newLabel();
    b.labelBinding(again);
    b.jne(R8, Head.POLICY_LEAST_CONNECTIONS, better)
        .call(Helper.GET_PRANDOM_U32)
        .load(R1, count)
        .mul(R0, R1)
        .rsh(R0, Integer.SIZE)
        .store(start, R0)
        .labelBinding(better)
        .stdw(best.mem(), -1)
        .store(chosen, -1);
    b.counted(
        R9,
        Head.MOST_MEMBERS,
        _ -> {
          var wrapped = b.newLabel();
          var next = b.newLabel();
          var hash = b.newLabel();
          var scored = b.newLabel();
          b.load(R2, count)
              .jge(R9, R2, end)
              .load(R1, start)
              .add(R1, R9)
              .jlt(R1, R2, wrapped)
              .sub(R1, R2)
              .labelBinding(wrapped)
              .load(R2, first)
              .add(R1, R2)
              .store(index, R1)
              .mapLookup(Maps.MEMBERS, index)
              .jeq(R0, 0, end)
              .load(R1, member().get(MemberEntry.BACKEND))
              .store(candidate, R1)
              .load(R1, member().get(MemberEntry.WEIGHT))
              .store(index, R1)
              .mapLookup(Maps.BACKENDS, candidate)
              .jeq(R0, 0, end)
              .jne(R8, Head.POLICY_LEAST_CONNECTIONS, hash)
              .load(R3, backend(R0).get(BackendEntry.LOAD))
              .mov(R1, R3)
              .add(R1, 1)
              .lsh(R1, LOAD_SHIFT)
              .load(R2, index)
              .div(R1, R2)
              .ja(scored)
              .labelBinding(hash)
              .load(R1, backend(R0).get(BackendEntry.WORD))
              .lddw(R2, MIX_SERVER)
              .mul(R1, R2)
              .load(R2, client)
              .xor(R1, R2)
              .mov(R2, R1)
              .rsh(R2, Integer.SIZE)
              .xor(R1, R2)
              .lddw(R2, MIX_CLIENT)
              .mul(R1, R2)
              .rsh(R1, 1)
              .mov(R3, 0)
              .labelBinding(scored)
              .load(R2, best)
              .jge(R1, R2, next)
              .store(best, R1)
              .store(seen, R3)
              .load(R1, candidate)
              .store(chosen, R1)
              .labelBinding(next);
        });
    b.labelBinding(end)
        .mapLookup(Maps.BACKENDS, chosen)
        .jeq(R0, 0, none)
        .mov(R1, 1)
        .fetchAddDw(backend(R0).get(BackendEntry.LOAD), R1)
        .jne(R8, Head.POLICY_LEAST_CONNECTIONS, taken)
        .load(R2, seen)
        .jeq(R1, R2, taken)
        .load(R2, attempt)
        .jge(R2, ATTEMPTS, taken)
        .add(R2, 1)
        .store(attempt, R2)
        .mov(R1, -1)
        .atomicAddDw(backend(R0).get(BackendEntry.LOAD), R1)
        .ja(again);
  }

  /** r0 is the server, which has one connection more. */
  private void give() {
    b.mapLookup(Maps.BACKENDS, chosen)
        .jeq(R0, 0, proceed)
        .mov(R1, 1)
        .atomicAddDw(backend(R0).get(BackendEntry.LOAD), R1);
  }

  private void refuse() {
    b.mov(R1, 1)
        .atomicAddDw(service().get(ServiceEntry.REFUSED), R1)
        .load(R1, service().get(ServiceEntry.HEAD))
        .rsh(R1, Head.ERRNO_SHIFT)
        .jeq(R1, 0, proceed);
    if (options.setRetval()) {
      b.neg(R1).call(Helper.SET_RETVAL);
    }
    b.returning(REFUSE);
  }

  /**
   * r9: what is kept with the socket. A socket that cannot be tracked is redirected all the same.
   */
  private void count() {
    var fresh = b.newLabel();
    var tracked = b.newLabel();
    var done = b.newLabel();
    b.mov(R8, R0)
        .mov(R1, 1)
        .atomicAddDw(backend(R8).get(BackendEntry.ATTEMPTED), R1)
        .load(R2, ctx.get(BpfSockAddr.SK))
        .lddw(R1, Maps.SOCKETS)
        .mov(R3, 0)
        .mov(Reg.R4, 1) // BPF_SK_STORAGE_GET_F_CREATE
        .call(Helper.SK_STORAGE_GET)
        .jne(R0, 0, tracked)
        .mov(R1, -1)
        .atomicAddDw(backend(R8).get(BackendEntry.LOAD), R1)
        .mov(R1, 1)
        .atomicAddDw(service().get(ServiceEntry.UNTRACKED), R1)
        .ja(done)
        .labelBinding(tracked)
        .mov(R9, R0)
        .mov(R1, 0)
        .xchgDw(socket().get(SocketEntry.STATE), R1)
        .jeq(R1, 0, fresh); // else it was refused, or could not get a route, and tries again
    new Settlement(b, R9, holder, index).settle();
    b.labelBinding(fresh)
        .load(R1, chosen)
        .store(socket().get(SocketEntry.BACKEND), R1)
        .ldxdw(R1, key.mem())
        .store(socket().get(SocketEntry.VIP), R1)
        .call(Helper.GET_CURRENT_CGROUP_ID)
        .store(socket().get(SocketEntry.CGROUP), R0)
        .call(Helper.GET_CURRENT_PID_TGID)
        .store(socket().get(SocketEntry.PROCESS), R0)
        .call(Helper.KTIME_GET_NS)
        .store(socket().get(SocketEntry.SINCE), R0)
        .store(socket().get(SocketEntry.STATE), SocketEntry.CONNECTING)
        .labelBinding(done);
  }

  /** Has the kernel probe the connection, as the service says. */
  private void probe() {
    var end = b.newLabel();
    b.load(R1, service().get(ServiceEntry.PROBES)).jeq(R1, 0, end).store(index, 1);
    option(SOL_SOCKET, SO_KEEPALIVE);
    probe(0, Probes.IDLE_MASK, TCP_KEEPIDLE);
    probe(Probes.INTERVAL_SHIFT, Probes.IDLE_MASK, TCP_KEEPINTVL);
    probe(Probes.COUNT_SHIFT, Probes.COUNT_MASK, TCP_KEEPCNT);
    b.load(R1, service().get(ServiceEntry.PROBES))
        .rsh(R1, Probes.TIMEOUT_SHIFT)
        .jeq(R1, 0, end)
        .store(index, R1);
    option(IPPROTO_TCP, TCP_USER_TIMEOUT);
    b.labelBinding(end);
  }

  private void probe(int shift, int mask, int name) {
    b.load(R1, service().get(ServiceEntry.PROBES)).rsh(R1, shift).and(R1, mask).store(index, R1);
    option(IPPROTO_TCP, name);
  }

  /** Sets an option of the socket to what is in index. */
  private void option(int level, int name) {
    b.call(
        Helper.SETSOCKOPT,
        Arg.reg(R6),
        Arg.imm(level),
        Arg.imm(name),
        Arg.addressOf(index),
        Arg.imm(Integer.BYTES));
  }

  private void rewrite() {
    b.load(R1, backend(R8).get(BackendEntry.WORD))
        .store(ctx.get(address), R1)
        .rsh(R1, ServerWord.PORT_SHIFT)
        .store(ctx.get(BpfSockAddr.USER_PORT), R1);
  }

  private static StructRef<ServiceEntry> service() {
    return ServiceEntry.STRUCT.at(R7);
  }

  private static StructRef<MemberEntry> member() {
    return MemberEntry.STRUCT.at(R0);
  }

  private static StructRef<BackendEntry> backend(Reg reg) {
    return BackendEntry.STRUCT.at(reg);
  }

  private static StructRef<SocketEntry> socket() {
    return SocketEntry.STRUCT.at(R9);
  }
}
