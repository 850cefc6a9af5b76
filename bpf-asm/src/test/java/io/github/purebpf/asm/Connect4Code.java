package io.github.purebpf.asm;

import static io.github.purebpf.insn.Reg.FP;
import static io.github.purebpf.insn.Reg.R0;
import static io.github.purebpf.insn.Reg.R1;
import static io.github.purebpf.insn.Reg.R2;
import static io.github.purebpf.insn.Reg.R6;
import static io.github.purebpf.uapi.BpfSockAddr.USER_IP4;
import static io.github.purebpf.uapi.Helper.MAP_LOOKUP_ELEM;

import io.github.purebpf.insn.Field;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.insn.MemSize;
import io.github.purebpf.layout.NetworkOrder;
import io.github.purebpf.layout.Struct;
import io.github.purebpf.uapi.BpfSockAddr;

/** The smallest redirection, virtual IP to server IP, at both levels of the DSL. */
public final class Connect4Code {
  static final MapRef SERVICES = new MapRef("services");
  static final int PROCEED = 1;

  /** What the map holds for a virtual IP. */
  record Backend(@NetworkOrder int address) {
    static final Struct<Backend> STRUCT = Struct.of(Backend.class);
    static final Field<Backend> ADDRESS = STRUCT.field("address");
  }

  private Connect4Code() {}

  /** One call, one instruction. */
  public static BpfCode raw() {
    return BpfCode.build(
        b -> {
          var pass = b.newLabel();
          b.mov(R6, R1)
              .ldxw(R2, R6.at(USER_IP4))
              .stxw(FP.at(-4), R2)
              .mov(R2, FP)
              .add(R2, -4)
              .lddw(R1, SERVICES)
              .call(MAP_LOOKUP_ELEM)
              .jeq(R0, 0, pass)
              .ldxw(R1, R0.at(Backend.ADDRESS))
              .stxw(R6.at(USER_IP4), R1)
              .labelBinding(pass)
              .mov(R0, PROCEED)
              .exit();
        });
  }

  /** The same, with the bookkeeping taken over. */
  public static BpfCode structured() {
    return BpfCode.build(
        b -> {
          var ctx = b.keepContext(R6, BpfSockAddr.class);
          var vip = b.stackSlot(MemSize.W);
          b.load(R2, ctx.get(USER_IP4))
              .store(vip, R2)
              .mapLookup(SERVICES, vip)
              .ifNonNull(
                  R0,
                  hit ->
                      hit.load(R1, Backend.STRUCT.at(R0).get(Backend.ADDRESS))
                          .store(ctx.get(USER_IP4), R1))
              .returning(PROCEED);
        });
  }
}
