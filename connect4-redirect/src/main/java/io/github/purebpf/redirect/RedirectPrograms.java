package io.github.purebpf.redirect;

import static io.github.purebpf.insn.Reg.R0;
import static io.github.purebpf.insn.Reg.R1;
import static io.github.purebpf.insn.Reg.R2;
import static io.github.purebpf.insn.Reg.R6;
import static io.github.purebpf.uapi.BpfSockAddr.PROTOCOL;
import static io.github.purebpf.uapi.BpfSockAddr.USER_IP4;
import static io.github.purebpf.uapi.BpfSockAddr.USER_IP6_0;
import static io.github.purebpf.uapi.BpfSockAddr.USER_IP6_2;
import static io.github.purebpf.uapi.BpfSockAddr.USER_IP6_3;
import static io.github.purebpf.uapi.BpfSockAddr.USER_PORT;

import io.github.purebpf.asm.BpfBuilder;
import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.insn.Cond;
import io.github.purebpf.insn.Field;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.insn.StructRef;
import io.github.purebpf.uapi.BpfSockAddr;

/**
 * The two programs of the redirector, as values: nothing here needs a kernel or a privilege.
 *
 * <p>Both look the destination of a TCP connect up in a map and rewrite address and port on a hit.
 * Everything else goes its way untouched. They contain no number that depends on the byte order of
 * the machine.
 */
public final class RedirectPrograms {
  /** What a program of these hooks returns to let the connect go on. */
  private static final int PROCEED = 1;

  /** The third word of an IPv6 address that holds an IPv4 one, {@code ::ffff:a.b.c.d}. */
  private static final int MAPPED = 0xffff;

  private RedirectPrograms() {}

  /**
   * For {@code BPF_CGROUP_INET4_CONNECT}: connects of {@code AF_INET} sockets. 20 slots; attached
   * with a link, Linux 5.7.
   *
   * @param table the map, laid out as that of {@link RedirectTable}
   */
  public static BpfCode connect4(MapRef table) {
    return BpfCode.build(
        b -> {
          var ctx = b.keepContext(R6, BpfSockAddr.class);
          b.load(R1, ctx.get(PROTOCOL))
              .ifThen(R1, Cond.EQ, TableKey.TCP, tcp -> redirect(tcp, ctx, USER_IP4, table))
              .returning(PROCEED);
        });
  }

  /**
   * For {@code BPF_CGROUP_INET6_CONNECT}: an {@code AF_INET6} socket that connects to {@code
   * ::ffff:a.b.c.d}, as those of the JVM do, runs this program and not the other. Other IPv6
   * destinations are left alone. 25 slots; attached with a link, Linux 5.7.
   *
   * @param table the map, laid out as that of {@link RedirectTable}
   */
  public static BpfCode connect6(MapRef table) {
    return BpfCode.build(
        b -> {
          var ctx = b.keepContext(R6, BpfSockAddr.class);
          b.load(R1, ctx.get(PROTOCOL))
              .ifThen(R1, Cond.EQ, TableKey.TCP, tcp -> redirectMapped(tcp, ctx, table))
              .returning(PROCEED);
        });
  }

  private static void redirectMapped(BpfBuilder b, StructRef<BpfSockAddr> ctx, MapRef table) {
    b.ldxdw(R2, ctx.get(USER_IP6_0)) // and USER_IP6_1
        .ifThen(
            R2,
            Cond.EQ,
            0,
            zeros ->
                zeros
                    .load(R2, ctx.get(USER_IP6_2))
                    .be32(R2)
                    .ifThen(
                        R2, Cond.EQ, MAPPED, mapped -> redirect(mapped, ctx, USER_IP6_3, table)));
  }

  /** The lookup and what follows a hit; r1 holds the protocol. */
  private static void redirect(
      BpfBuilder b, StructRef<BpfSockAddr> ctx, Field<BpfSockAddr> address, MapRef table) {
    var key = b.stackStruct(TableKey.STRUCT);
    b.store(key.get(TableKey.PROTOCOL), R1)
        .load(R2, ctx.get(address))
        .store(key.get(TableKey.ADDRESS), R2)
        .load(R2, ctx.get(USER_PORT))
        .store(key.get(TableKey.PORT), R2)
        .mapLookup(table, key)
        .ifNonNull(
            R0,
            hit ->
                hit.load(R1, TableValue.STRUCT.at(R0).get(TableValue.WORD))
                    .store(ctx.get(address), R1)
                    .rsh(R1, TableValue.PORT_SHIFT)
                    .store(ctx.get(USER_PORT), R1));
  }
}
