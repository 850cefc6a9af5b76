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
import io.github.purebpf.asm.SourceLines;
import io.github.purebpf.insn.Field;
import io.github.purebpf.insn.Reg;
import io.github.purebpf.insn.StructRef;
import io.github.purebpf.uapi.BpfSockAddr;
import io.github.purebpf.uapi.Helper;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * The program that every connect of an IPv4 address runs through: finds the virtual address, picks
 * a server, counts the connect, and rewrites where it goes.
 *
 * <p>r6 is the context, r7 the {@link ServiceEntry}, from the choice on r8 is the {@link
 * BackendEntry} and r9 the {@link SocketEntry}.
 */
final class ConnectProgram implements Selection.Context {
  private static final int REFUSE = 0;
  private static final int PROCEED = 1;

  /** The third word of an IPv6 address that holds an IPv4 one, {@code ::ffff:a.b.c.d}. */
  private static final int MAPPED = 0xffff;

  /** How deep below the root of the hierarchy a listed cgroup may be. */
  private static final int LEVELS = 12;

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

  private final StructRef<HolderKey> holder;
  private final Selection selection;
  private final Reporting reporting;

  private ConnectProgram(BpfBuilder b, Field<BpfSockAddr> address, ProgramOptions options) {
    this.b = b;
    this.address = address;
    this.options = options;
    this.ctx = b.keepContext(R6, BpfSockAddr.class);
    this.proceed = b.newLabel();
    this.holder = b.stackStruct(HolderKey.STRUCT);
    this.selection = new Selection(b, options.mayGoto(), this);
    this.reporting = new Reporting(b);
  }

  /** For {@code BPF_CGROUP_INET4_CONNECT}: connects of {@code AF_INET} sockets. */
  static BpfCode connect4(ProgramOptions options) {
    return BpfCode.build(
        SourceLines.OMITTED,
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
        SourceLines.OMITTED,
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

  /**
   * What is rare stands behind the end, in the same order: what a connect runs through has to come
   * into the cache, and is one piece.
   */
  private void redirect() {
    var again = b.newLabel();
    var fresh = b.newLabel();
    var untracked = b.newLabel();
    var counted = b.newLabel();
    var probed = b.newLabel();
    var unprobed = b.newLabel();
    fillKey();
    selection.find(proceed);
    stayInScope();
    var none = selection.choose();
    count(untracked, again);
    b.labelBinding(fresh);
    begin();
    b.labelBinding(counted).load(R1, service().get(ServiceEntry.PROBES)).jne(R1, 0, probed);
    b.labelBinding(unprobed);
    rewrite();
    b.returning(PROCEED);

    b.labelBinding(none);
    refuse();
    b.labelBinding(untracked);
    giveBack();
    b.ja(counted).labelBinding(again);
    new Settlement(b, R9, holder, selection.scratch(), Optional.of(reporting)).settle();
    b.ja(fresh).labelBinding(probed);
    probe(unprobed);
    b.ja(unprobed);
  }

  /** In one piece: the map hashes and compares words, which a processor can not take from parts. */
  private void fillKey() {
    b.load(R2, ctx.get(address)).load(R1, ctx.get(BpfSockAddr.USER_PORT));
    if (ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN) {
      b.or(R1, VipKey.TCP << Short.SIZE).lsh(R1, Integer.SIZE);
    } else {
      b.lsh(R1, Short.SIZE).or(R1, VipKey.TCP).lsh(R2, Integer.SIZE);
    }
    b.or(R1, R2).stxdw(selection.key().mem(), R1);
  }

  /** Leaves alone what the list of cgroups excludes. */
  private void stayInScope() {
    if (options.filter() == CgroupFilter.ALL) {
      return;
    }
    var id = selection.wideScratch();
    var listed = b.newLabel();
    var notListed = b.newLabel();
    b.call(Helper.GET_CURRENT_CGROUP_ID)
        .store(id, R0)
        .mapLookup(Maps.CGROUPS, id)
        .jne(R0, 0, listed)
        .unrolled(
            LEVELS,
            (_, level) ->
                b.call(Helper.GET_CURRENT_ANCESTOR_CGROUP_ID, Arg.imm(level))
                    .jeq(R0, 0, notListed)
                    .store(id, R0)
                    .mapLookup(Maps.CGROUPS, id)
                    .jne(R0, 0, listed));
    if (options.filter() == CgroupFilter.LISTED) {
      b.labelBinding(notListed).ja(proceed).labelBinding(listed);
    } else {
      b.ja(notListed).labelBinding(listed).ja(proceed).labelBinding(notListed);
    }
  }

  @Override
  public void container() {
    b.call(Helper.GET_CURRENT_CGROUP_ID);
  }

  @Override
  public void socket() {
    b.call(Helper.GET_SOCKET_COOKIE, Arg.reg(R6));
  }

  @Override
  public void withoutService() {
    b.returning(PROCEED);
  }

  private void refuse() {
    b.mov(R1, 1).atomicAddDw(service().get(ServiceEntry.REFUSED), R1);
    reporting.refused(selection.key(), options);
    b.load(R1, service().get(ServiceEntry.HEAD)).rsh(R1, Head.ERRNO_SHIFT).jeq(R1, 0, proceed);
    if (options.setRetval()) {
      b.neg(R1).call(Helper.SET_RETVAL);
    }
    b.returning(REFUSE);
  }

  /**
   * r8: the server, r9: what is kept with the socket.
   *
   * @param again where a socket goes, with its state in r1, that was refused or could not get a
   *     route, and tries again
   */
  private void count(Label untracked, Label again) {
    b.mov(R8, R0)
        .mov(R1, 1)
        .atomicAddDw(backend().get(BackendEntry.ATTEMPTED), R1)
        .load(R2, ctx.get(BpfSockAddr.SK))
        .lddw(R1, Maps.SOCKETS)
        .mov(R3, 0)
        .mov(Reg.R4, 1) // BPF_SK_STORAGE_GET_F_CREATE
        .call(Helper.SK_STORAGE_GET)
        .jeq(R0, 0, untracked)
        .mov(R9, R0)
        .mov(R1, 0)
        .xchgDw(entry().get(SocketEntry.STATE), R1)
        .jne(R1, 0, again);
  }

  /** A socket that cannot be tracked is redirected all the same. */
  private void giveBack() {
    b.mov(R1, -1)
        .atomicAddDw(backend().get(BackendEntry.LOAD), R1)
        .mov(R1, 1)
        .atomicAddDw(service().get(ServiceEntry.UNTRACKED), R1);
  }

  private void begin() {
    b.load(R1, selection.chosen())
        .store(entry().get(SocketEntry.BACKEND), R1)
        .ldxdw(R1, selection.key().mem())
        .store(entry().get(SocketEntry.VIP), R1)
        .call(Helper.GET_CURRENT_CGROUP_ID)
        .store(entry().get(SocketEntry.CGROUP), R0);
    options.process(b);
    b.store(entry().get(SocketEntry.PROCESS), R0)
        .call(Helper.KTIME_GET_NS)
        .store(entry().get(SocketEntry.SINCE), R0)
        .store(entry().get(SocketEntry.STATE), SocketEntry.CONNECTING);
  }

  /** Has the kernel probe the connection, as the service says. */
  private void probe(Label end) {
    b.store(selection.scratch(), 1);
    option(SOL_SOCKET, SO_KEEPALIVE);
    probe(0, Probes.IDLE_MASK, TCP_KEEPIDLE);
    probe(Probes.INTERVAL_SHIFT, Probes.IDLE_MASK, TCP_KEEPINTVL);
    probe(Probes.COUNT_SHIFT, Probes.COUNT_MASK, TCP_KEEPCNT);
    b.load(R1, service().get(ServiceEntry.PROBES))
        .rsh(R1, Probes.TIMEOUT_SHIFT)
        .jeq(R1, 0, end)
        .store(selection.scratch(), R1);
    option(IPPROTO_TCP, TCP_USER_TIMEOUT);
  }

  private void probe(int shift, int mask, int name) {
    b.load(R1, service().get(ServiceEntry.PROBES))
        .rsh(R1, shift)
        .and(R1, mask)
        .store(selection.scratch(), R1);
    option(IPPROTO_TCP, name);
  }

  /** Sets an option of the socket to what is in index. */
  private void option(int level, int name) {
    b.call(
        Helper.SETSOCKOPT,
        Arg.reg(R6),
        Arg.imm(level),
        Arg.imm(name),
        Arg.addressOf(selection.scratch()),
        Arg.imm(Integer.BYTES));
  }

  private void rewrite() {
    b.load(R1, backend().get(BackendEntry.WORD))
        .store(ctx.get(address), R1)
        .rsh(R1, ServerWord.PORT_SHIFT)
        .store(ctx.get(BpfSockAddr.USER_PORT), R1);
  }

  private static StructRef<ServiceEntry> service() {
    return ServiceEntry.STRUCT.at(R7);
  }

  private static StructRef<BackendEntry> backend() {
    return BackendEntry.STRUCT.at(R8);
  }

  private static StructRef<SocketEntry> entry() {
    return SocketEntry.STRUCT.at(R9);
  }
}
