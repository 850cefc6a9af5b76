package io.github.purebpf.bpf;

import static io.github.purebpf.insn.Reg.R0;
import static io.github.purebpf.insn.Reg.R1;
import static io.github.purebpf.insn.Reg.R2;
import static io.github.purebpf.insn.Reg.R6;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.insn.Mem;
import io.github.purebpf.insn.MemSize;
import io.github.purebpf.uapi.BpfSockAddr;

/** Programs and maps that several tests use. */
final class Fixtures {
  static final MapRef SERVICES = new MapRef("services");
  static final MapSpec<Integer, Integer> SERVICES_SPEC =
      MapSpec.hash(SERVICES, Codec.u32(), Codec.u32(), 16);

  /** Lets every connect pass unchanged. */
  static final BpfCode PASS = BpfCode.build(b -> b.mov(R0, 1).exit());

  /** Rewrites the address of a connect to that found in the map SERVICES: 13 slots. */
  static final BpfCode REDIRECT = redirect(SERVICES);

  private Fixtures() {}

  /** The same with another map. */
  static BpfCode redirect(MapRef map) {
    return BpfCode.build(
        b -> {
          var ctx = b.keepContext(R6, BpfSockAddr.class);
          var vip = b.stackSlot(MemSize.W);
          b.load(R2, ctx.get(BpfSockAddr.USER_IP4))
              .store(vip, R2)
              .mapLookup(map, vip)
              .ifNonNull(
                  R0, hit -> hit.ldxw(R1, new Mem(R0, 0)).store(ctx.get(BpfSockAddr.USER_IP4), R1))
              .returning(1);
        });
  }
}
