package io.github.purebpf.examples;

import static io.github.purebpf.insn.Reg.FP;
import static io.github.purebpf.insn.Reg.R0;
import static io.github.purebpf.insn.Reg.R1;
import static io.github.purebpf.insn.Reg.R2;
import static io.github.purebpf.insn.Reg.R6;
import static io.github.purebpf.uapi.BpfSockAddr.USER_IP4;
import static io.github.purebpf.uapi.Helper.MAP_LOOKUP_ELEM;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.insn.Field;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.insn.MemSize;
import io.github.purebpf.layout.NetworkOrder;
import io.github.purebpf.layout.Struct;
import io.github.purebpf.text.KernelText;
import io.github.purebpf.uapi.BpfSockAddr;
import java.nio.ByteOrder;
import java.util.HexFormat;

/**
 * A program that sends connects to a virtual IP to the IP of a server, written at both levels of
 * the DSL, as text and as bytes. Needs no privilege, and no Linux.
 */
public final class AssembleAndPrint {
  static final MapRef SERVICES = new MapRef("services");
  private static final int PROCEED = 1;

  record Backend(@NetworkOrder int address) {
    static final Struct<Backend> STRUCT = Struct.of(Backend.class);
    static final Field<Backend> ADDRESS = STRUCT.field("address");
  }

  private AssembleAndPrint() {}

  /** One line, one instruction. */
  static BpfCode raw() {
    return BpfCode.build(
        b -> {
          var pass = b.newLabel();
          b.mov(R6, R1) // the context survives the call in r6
              .ldxw(R2, R6.at(USER_IP4)) // network order, never swapped
              .stxw(FP.at(-4), R2)
              .mov(R2, FP)
              .add(R2, -4) // r2 = &key
              .lddw(R1, SERVICES) // two slots; the map is bound at load
              .call(MAP_LOOKUP_ELEM)
              .jeq(R0, 0, pass) // none of our virtual IPs
              .ldxw(R1, R0.at(Backend.ADDRESS))
              .stxw(R6.at(USER_IP4), R1)
              .labelBinding(pass)
              .mov(R0, PROCEED)
              .exit();
        });
  }

  /** The same without the bookkeeping. */
  static BpfCode structured() {
    return BpfCode.build(
        b -> {
          var ctx = b.keepContext(R6, BpfSockAddr.class);
          var vip = b.stackSlot(MemSize.W);
          b.load(R2, ctx.get(USER_IP4))
              .store(vip, R2)
              .mapLookup(SERVICES, vip) // r0 = &value or null; r1 to r5 are gone
              .ifNonNull(
                  R0,
                  hit ->
                      hit.load(R1, Backend.STRUCT.at(R0).get(Backend.ADDRESS))
                          .store(ctx.get(USER_IP4), R1))
              .returning(PROCEED);
        });
  }

  /** Takes no arguments. */
  public static void main(String[] args) {
    var code = structured();
    System.out.print(KernelText.listing(code));
    System.out.println(code.slots() + " slots, the same at both levels: " + code.equals(raw()));
    // What the kernel gets once the map has a file descriptor, 5 for instance.
    var bytes = code.bind(map -> 5).encode(ByteOrder.LITTLE_ENDIAN);
    System.out.println(HexFormat.ofDelimiter(" ").formatHex(bytes));
  }
}
