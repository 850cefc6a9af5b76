package io.github.purebpf.rejected;

import static io.github.purebpf.insn.Reg.FP;
import static io.github.purebpf.insn.Reg.R0;
import static io.github.purebpf.insn.Reg.R1;
import static io.github.purebpf.insn.Reg.R2;
import static io.github.purebpf.insn.Reg.R3;
import static io.github.purebpf.insn.Reg.R4;
import static io.github.purebpf.insn.Reg.R6;
import static io.github.purebpf.insn.Reg.R7;
import static io.github.purebpf.insn.Reg.R9;
import static io.github.purebpf.rejected.Case.ARRAY;
import static io.github.purebpf.rejected.Case.CONNECT4;
import static io.github.purebpf.rejected.Case.FILTER;
import static io.github.purebpf.rejected.Case.HASH;
import static io.github.purebpf.rejected.Case.ONE;
import static io.github.purebpf.rejected.Case.RING;
import static io.github.purebpf.rejected.Case.XDP;

import io.github.purebpf.asm.BpfBuilder;
import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.check.CheckOptions;
import io.github.purebpf.insn.AtomicOp;
import io.github.purebpf.insn.Cond;
import io.github.purebpf.insn.Imm;
import io.github.purebpf.insn.Imm64;
import io.github.purebpf.insn.MemSize;
import io.github.purebpf.insn.RawInsn;
import io.github.purebpf.insn.Slot;
import io.github.purebpf.insn.Width;
import io.github.purebpf.uapi.BpfSockAddr;
import io.github.purebpf.uapi.Helper;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Programs that the kernel accepts, some with mistakes that it never gets to see. */
public final class AcceptedCases {
  /**
   * A program that the kernel accepts.
   *
   * @param name what it does
   * @param code the program
   * @param options what the checker is told
   * @param clean whether there is nothing to say about it at all
   */
  public record Accepted(String name, BpfCode code, CheckOptions options, boolean clean) {
    @Override
    public String toString() {
      return name;
    }
  }

  private AcceptedCases() {}

  /** All of them. */
  public static Stream<Accepted> all() {
    return Stream.concat(clean(), withMistakes());
  }

  /** Programs as people write them. */
  public static Stream<Accepted> clean() {
    return Stream.of(
        clean("returns", FILTER, b -> b.returning(0)),
        clean("connect4 redirection", CONNECT4, AcceptedCases::connect4),
        clean("connect4 with level 2", CONNECT4, AcceptedCases::structured),
        clean("looks at a packet", XDP, AcceptedCases::packet),
        clean("a bounded loop", FILTER, AcceptedCases::loop),
        clean("functions", FILTER, AcceptedCases::functions),
        clean("spills and fills", FILTER, AcceptedCases::spills),
        clean("a ring buffer record", FILTER, AcceptedCases::record),
        clean("a counter", FILTER, AcceptedCases::counter),
        clean("a pointer difference", FILTER, b -> b.mov(R2, FP).sub(R2, R1).returning(0)),
        clean("a map's value by address", FILTER, AcceptedCases::direct));
  }

  private static Stream<Accepted> withMistakes() {
    return Stream.of(
        accepted("a read of r9 in dead code", b -> dead(b, () -> b.mov(R0, R9))),
        accepted("a division by zero in dead code", b -> dead(b, () -> raw(b, 0x37, 0))),
        accepted("a write of r10 in dead code", b -> dead(b, () -> raw(b, 0xb7, 10))),
        accepted("a stack overflow in dead code", b -> dead(b, () -> b.stdw(FP.at(-600), 0))),
        accepted("a number used as an address in dead code", b -> dead(b, () -> scalar(b))),
        accepted("a loop without end in dead code", AcceptedCases::deadLoop),
        accepted("what a range decides", AcceptedCases::range),
        accepted("what two tests of one number decide", AcceptedCases::twice),
        accepted("unwritten stack", b -> b.ldxdw(R0, FP.at(-8)).returning(0)),
        accepted("an address where another path wrote nothing", AcceptedCases::unwrittenElsewhere),
        accepted("an array at a constant key", AcceptedCases::constantKey),
        accepted("an offset in exit", b -> exitWithOffset(b.mov(R0, 0))),
        accepted("a store of more than a byte", b -> storeOfMore(b)),
        accepted("32-bit subtraction of an address", b -> b.mov(R2, FP).sub32(R2, 8).returning(0)),
        accepted("negation of an address", b -> b.neg(R1).returning(0)));
  }

  private static Accepted clean(
      String name, CheckOptions options, Consumer<? super BpfBuilder> body) {
    return new Accepted(name, BpfCode.build(body), options, true);
  }

  private static Accepted accepted(String name, Consumer<? super BpfBuilder> body) {
    return new Accepted(name, BpfCode.build(body), FILTER, false);
  }

  private static void connect4(BpfBuilder b) {
    var pass = b.newLabel();
    b.mov(R6, R1).ldxw(R2, R6.at(BpfSockAddr.USER_IP4)).stxw(FP.at(-4), R2);
    b.mov(R2, FP).add(R2, -4).lddw(R1, HASH).call(Helper.MAP_LOOKUP_ELEM);
    b.jeq(R0, 0, pass).ldxw(R1, R0.at(0)).stxw(R6.at(BpfSockAddr.USER_IP4), R1);
    b.ldxw(R1, R0.at(4)).stxw(R6.at(BpfSockAddr.USER_PORT), R1);
    b.labelBinding(pass).mov(R0, 1).exit();
  }

  private static void structured(BpfBuilder b) {
    var context = b.keepContext(R6, BpfSockAddr.class);
    var vip = b.stackSlot(MemSize.W);
    b.load(R2, context.get(BpfSockAddr.USER_IP4)).store(vip, R2).mapLookup(HASH, vip);
    b.ifNonNull(R0, hit -> hit.ldxw(R1, R0.at(0)).store(context.get(BpfSockAddr.USER_IP4), R1));
    b.returning(1);
  }

  private static void packet(BpfBuilder b) {
    var pass = b.newLabel();
    b.ldxw(R2, R1.at(0)).ldxw(R3, R1.at(4)).mov(R4, R2).add(R4, 34).jgt(R4, R3, pass);
    b.ldxh(R0, R2.at(12)).jne(R0, 8, pass).ldxb(R0, R2.at(23)).jne(R0, 6, pass);
    b.ldxw(R0, R2.at(30)).labelBinding(pass).returning(2);
  }

  private static void loop(BpfBuilder b) {
    var again = b.newLabel();
    b.mov(R6, 0).mov(R7, 0).labelBinding(again).add(R7, R6).add(R6, 1).jlt(R6, 100, again);
    b.mov(R0, R7).exit();
  }

  private static void functions(BpfBuilder b) {
    var sum = b.newFunction("sum");
    b.mov(R6, R1).mov(R1, FP).add(R1, -8).mov(R2, 3).call(sum);
    b.ldxdw(R1, FP.at(-8)).ldxw(R2, R6.at(0)).add(R0, R1).add(R0, R2).exit();
    b.function(sum, f -> f.stxdw(R1.at(0), R2).mov(R0, R2).exit());
  }

  private static void spills(BpfBuilder b) {
    b.stxdw(FP.at(-8), R1).mov(R2, 7).stxdw(FP.at(-16), R2).call(Helper.GET_PRANDOM_U32);
    b.ldxdw(R1, FP.at(-8)).ldxw(R1, R1.at(0)).ldxdw(R2, FP.at(-16)).add(R0, R1).exit();
  }

  private static void record(BpfBuilder b) {
    b.lddw(R1, RING).mov(R2, 16).mov(R3, 0).call(Helper.RINGBUF_RESERVE);
    b.ifNonNull(
        R0,
        found ->
            found
                .stdw(R0.at(8), 1)
                .mov(R6, R0)
                .call(Helper.KTIME_GET_NS)
                .stxdw(R6.at(0), R0)
                .mov(R1, R6)
                .mov(R2, 0)
                .call(Helper.RINGBUF_SUBMIT));
    b.returning(0);
  }

  private static void counter(BpfBuilder b) {
    b.stw(FP.at(-4), 1).mapLookup(HASH, FP.at(-4));
    b.ifThenElse(
        Width.W64,
        R0,
        Cond.NE,
        new Imm(0),
        found -> found.mov(R1, 1).atomic(AtomicOp.ADD, MemSize.DW, R0.at(0), R1),
        missing -> {
          missing.stdw(FP.at(-16), 1).mov(R2, FP).add(R2, -4).mov(R3, FP).add(R3, -16);
          missing.lddw(R1, HASH).mov(R4, 0).call(Helper.MAP_UPDATE_ELEM);
        });
    b.returning(0);
  }

  private static void direct(BpfBuilder b) {
    b.lddw(R1, new Imm64.NamedMapValue(ONE, 4)).ldxw(R0, R1.at(0)).stw(R1.at(-4), 1).exit();
  }

  /** A branch around something that the verifier does not follow. */
  private static void dead(BpfBuilder b, Runnable mistake) {
    var out = b.newLabel();
    b.mov(R0, 0).mov32(R2, 5).jeq32(R2, 5, out);
    mistake.run();
    b.labelBinding(out).returning(0);
  }

  private static void raw(BpfBuilder b, int opcode, int dst) {
    b.with(new RawInsn(new Slot(opcode, dst, 0, 0, 0)));
  }

  private static void scalar(BpfBuilder b) {
    b.mov(R3, 1).ldxw(R0, R3.at(0));
  }

  private static void deadLoop(BpfBuilder b) {
    var out = b.newLabel();
    var spin = b.newLabel();
    b.mov(R2, 1).jeq(R2, 1, out).labelBinding(spin).ja(spin).labelBinding(out).returning(0);
  }

  private static void range(BpfBuilder b) {
    var out = b.newLabel();
    b.ldxw(R2, R1.at(0)).and(R2, 7).jle(R2, 7, out).mov(R0, R9).labelBinding(out).returning(0);
  }

  private static void twice(BpfBuilder b) {
    var out = b.newLabel();
    b.mov(R0, 0).ldxw(R2, R1.at(0)).mov(R3, R2).jne(R2, 9, out).jeq(R3, 9, out).mov(R0, R9);
    b.labelBinding(out).exit();
  }

  /**
   * The verifier takes the second path for the same as the first, where r3 is a number. It only
   * looks for such paths after eight instructions.
   */
  private static void unwrittenElsewhere(BpfBuilder b) {
    var store = b.newLabel();
    var join = b.newLabel();
    b.ldxw(R2, R1.at(0)).mov(R0, 0).add(R0, 1).add(R0, 2).add(R0, 3).add(R0, 4).add(R0, 5);
    b.add(R0, 6).jeq(R2, 1, store).ja(join).labelBinding(store).stxdw(FP.at(-8), R1);
    b.labelBinding(join).ldxdw(R3, FP.at(-8)).mul(R3, 2).returning(0);
  }

  private static void constantKey(BpfBuilder b) {
    b.mov(R2, 1).stxw(FP.at(-8), R2).mapLookup(ARRAY, FP.at(-8)).ldxdw(R0, R0.at(0)).exit();
  }

  private static void exitWithOffset(BpfBuilder b) {
    b.with(new RawInsn(new Slot(0x95, 0, 0, 1, 0)));
  }

  private static void storeOfMore(BpfBuilder b) {
    b.with(new RawInsn(new Slot(0x72, 10, 0, -1, 300))).returning(0);
  }
}
