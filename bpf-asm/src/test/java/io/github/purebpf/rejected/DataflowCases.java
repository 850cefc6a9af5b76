package io.github.purebpf.rejected;

import static io.github.purebpf.check.Rule.ATOMIC_TARGET;
import static io.github.purebpf.check.Rule.HELPER_ARGUMENT;
import static io.github.purebpf.check.Rule.MAP_VALUE_BOUNDS;
import static io.github.purebpf.check.Rule.MEMORY_BOUNDS;
import static io.github.purebpf.check.Rule.NULL_CHECK;
import static io.github.purebpf.check.Rule.PACKET_BOUNDS;
import static io.github.purebpf.check.Rule.PACKET_LOAD;
import static io.github.purebpf.check.Rule.PARTIAL_POINTER;
import static io.github.purebpf.check.Rule.POINTER_ACCESS;
import static io.github.purebpf.check.Rule.POINTER_ARITHMETIC;
import static io.github.purebpf.check.Rule.SCALAR_DEREFERENCE;
import static io.github.purebpf.check.Rule.STACK_ALIGNMENT;
import static io.github.purebpf.check.Rule.STACK_BOUNDS;
import static io.github.purebpf.check.Rule.STACK_POINTER_ESCAPES;
import static io.github.purebpf.check.Rule.UNINITIALISED_REGISTER;
import static io.github.purebpf.check.Rule.UNINITIALISED_STACK;
import static io.github.purebpf.insn.Reg.FP;
import static io.github.purebpf.insn.Reg.R0;
import static io.github.purebpf.insn.Reg.R1;
import static io.github.purebpf.insn.Reg.R2;
import static io.github.purebpf.insn.Reg.R3;
import static io.github.purebpf.insn.Reg.R4;
import static io.github.purebpf.insn.Reg.R5;
import static io.github.purebpf.insn.Reg.R6;
import static io.github.purebpf.insn.Reg.R9;
import static io.github.purebpf.rejected.Case.ARRAY;
import static io.github.purebpf.rejected.Case.HASH;
import static io.github.purebpf.rejected.Case.RING;
import static io.github.purebpf.rejected.Case.TC;
import static io.github.purebpf.rejected.Case.XDP;
import static io.github.purebpf.rejected.Case.error;
import static io.github.purebpf.rejected.Case.warning;

import io.github.purebpf.asm.BpfBuilder;
import io.github.purebpf.insn.Reg;
import io.github.purebpf.uapi.Helper;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Programs with a path on which a register or a piece of memory is used as what it is not. */
public final class DataflowCases {
  private DataflowCases() {}

  /** All of them. */
  public static Stream<Case> all() {
    return Stream.of(registers(), stack(), pointers(), maps(), packets(), doubtful())
        .flatMap(List::stream);
  }

  private static List<Case> registers() {
    return List.of(
        error(UNINITIALISED_REGISTER, 0, "r0 at exit", b -> b.exit()),
        error(UNINITIALISED_REGISTER, 0, "a move", b -> b.mov(R0, R9).exit()),
        error(UNINITIALISED_REGISTER, 0, "an addition", b -> b.add(R9, 1).returning(0)),
        error(UNINITIALISED_REGISTER, 0, "a branch", b -> ifThen(b, R9, b::exit)),
        error(UNINITIALISED_REGISTER, 0, "a store", b -> b.stxdw(FP.at(-8), R9).returning(0)),
        error(UNINITIALISED_REGISTER, 0, "a base", b -> b.ldxw(R0, R9.at(0)).exit()),
        error(UNINITIALISED_REGISTER, 1, "r1 behind a call", b -> b.call(5).mov(R0, R1).exit()),
        error(
            UNINITIALISED_REGISTER,
            2,
            "r5 behind a call",
            b -> b.mov(R6, R1).call(5).add(R0, R5).exit()),
        error(
            UNINITIALISED_REGISTER,
            4,
            "r6 in a function",
            b -> call(b.mov(R6, 1), f -> f.mov(R0, R6).exit())),
        error(UNINITIALISED_REGISTER, 1, "r1 behind a function", b -> readBehindCall(b)),
        error(UNINITIALISED_REGISTER, 2, "r0 of a function without one", b -> noResult(b)),
        error(
            UNINITIALISED_REGISTER,
            0,
            "an argument",
            b -> b.call(Helper.MAP_LOOKUP_ELEM).returning(0)),
        error(UNINITIALISED_REGISTER, 3, "on one of two paths", b -> onePath(b)),
        error(
            UNINITIALISED_REGISTER,
            1,
            "r0 of cmpxchg",
            b -> b.mov(R1, 1).cmpxchgDw(FP.at(-8), R1).returning(0)),
        error(UNINITIALISED_REGISTER, 0, "r6 of a packet load", b -> b.ldabsw(0).exit()));
  }

  private static List<Case> stack() {
    return List.of(
        error(STACK_BOUNDS, 0, "below", b -> b.stdw(FP.at(-520), 0).returning(0)),
        error(STACK_BOUNDS, 0, "above", b -> b.stw(FP.at(0), 0).returning(0)),
        error(STACK_BOUNDS, 0, "a read above", b -> b.ldxb(R0, FP.at(8)).exit()),
        error(
            STACK_BOUNDS,
            2,
            "by a copy",
            b -> b.mov(R2, FP).add(R2, -516).stw(R2.at(0), 0).returning(0)),
        error(STACK_BOUNDS, 5, "a key past the end", b -> lookup(b, -2).returning(0)),
        error(STACK_BOUNDS, 3, "a buffer past the end", b -> comm(b, -8, 16)),
        error(STACK_BOUNDS, 3, "a buffer before the start", b -> comm(b, -520, 16)),
        error(STACK_ALIGNMENT, 0, "8 bytes at -12", b -> b.stdw(FP.at(-12), 0).returning(0)),
        error(STACK_ALIGNMENT, 0, "a read of 2 bytes at -3", b -> b.ldxh(R0, FP.at(-3)).exit()),
        error(
            STACK_ALIGNMENT,
            1,
            "an atomic at -12",
            b -> b.mov(R1, 1).atomicAddDw(FP.at(-12), R1).returning(0)),
        error(
            PARTIAL_POINTER,
            1,
            "half an address read",
            b -> b.stxdw(FP.at(-8), R1).ldxw(R0, FP.at(-8)).exit()),
        error(
            PARTIAL_POINTER, 0, "half an address stored", b -> b.stxw(FP.at(-8), R1).returning(0)),
        error(STACK_POINTER_ESCAPES, 4, "returned", b -> call(b, f -> f.mov(R0, FP).exit())),
        error(
            STACK_POINTER_ESCAPES,
            5,
            "stored",
            b -> call(b.mov(R1, FP).add(R1, -8), f -> f.stxdw(R1.at(0), FP).returning(0))));
  }

  private static List<Case> pointers() {
    return List.of(
        error(SCALAR_DEREFERENCE, 1, "a constant", b -> b.mov(R2, 8).ldxw(R0, R2.at(0)).exit()),
        error(
            SCALAR_DEREFERENCE,
            1,
            "a number from the context",
            b -> b.ldxw(R2, R1.at(0)).ldxw(R0, R2.at(0)).exit()),
        error(SCALAR_DEREFERENCE, 1, "a result", b -> b.call(5).stw(R0.at(0), 1).returning(0)),
        error(
            SCALAR_DEREFERENCE,
            1,
            "a 32-bit copy of an address",
            b -> b.mov32(R2, R1).ldxw(R0, R2.at(0)).exit()),
        error(POINTER_ARITHMETIC, 0, "32 bits", b -> b.add32(R1, 8).returning(0)),
        error(POINTER_ARITHMETIC, 1, "multiplication", b -> b.mov(R2, FP).mul(R2, 2).returning(0)),
        error(POINTER_ARITHMETIC, 1, "and", b -> b.mov(R2, FP).and(R2, -8).returning(0)),
        error(POINTER_ARITHMETIC, 0, "a sum of addresses", b -> b.add(R1, FP).returning(0)),
        error(
            POINTER_ARITHMETIC,
            1,
            "a number minus an address",
            b -> b.mov(R0, 8).sub(R0, R1).exit()),
        error(
            POINTER_ARITHMETIC,
            1,
            "a subtraction from a stack address",
            b -> b.mov(R2, FP).sub(R2, 8).returning(0)),
        error(POINTER_ARITHMETIC, 2, "on a map", b -> b.lddw(R2, HASH).add(R2, 8).returning(0)),
        error(
            XDP,
            POINTER_ARITHMETIC,
            1,
            "on the packet's end",
            b -> b.ldxw(R2, R1.at(4)).add(R2, 8).returning(0)),
        error(
            POINTER_ACCESS,
            2,
            "a write to a map",
            b -> b.lddw(R2, HASH).stw(R2.at(0), 1).returning(0)),
        error(
            XDP,
            POINTER_ACCESS,
            1,
            "the packet's end",
            b -> b.ldxw(R2, R1.at(4)).ldxb(R0, R2.at(0)).exit()),
        error(
            ATOMIC_TARGET,
            1,
            "the context",
            b -> b.mov(R2, 1).atomicAddDw(R1.at(48), R2).returning(0)),
        error(PACKET_LOAD, 1, "a number in r6", b -> b.mov(R6, 1).ldabsw(0).exit()),
        error(
            HELPER_ARGUMENT,
            5,
            "the context as a key",
            b -> b.stw(FP.at(-4), 0).mov(R2, R1).lddw(R1, HASH).mov(R3, 0).call(1).returning(0)));
  }

  private static List<Case> maps() {
    return List.of(
        error(NULL_CHECK, 6, "a value read", b -> lookup(b, -4).ldxdw(R0, R0.at(0)).exit()),
        error(NULL_CHECK, 6, "a value written", b -> lookup(b, -4).stdw(R0.at(0), 1).returning(0)),
        error(NULL_CHECK, 6, "arithmetic", b -> lookup(b, -4).add(R0, 4).returning(0)),
        error(SCALAR_DEREFERENCE, 7, "checked the wrong way", b -> checkedWrong(b)),
        error(NULL_CHECK, 7, "an array at a key of the packet", b -> arrayAt(b)),
        error(
            NULL_CHECK,
            8,
            "as an argument",
            b -> lookup(b, -4).mov(R1, R0).mov(R2, 8).call(16).returning(0)),
        error(MAP_VALUE_BOUNDS, 7, "behind the value", b -> found(b, v -> v.ldxdw(R1, R0.at(8)))),
        error(MAP_VALUE_BOUNDS, 7, "before the value", b -> found(b, v -> v.stw(R0.at(-4), 1))),
        error(
            MAP_VALUE_BOUNDS,
            8,
            "by addition",
            b -> found(b, v -> v.add(R0, 5).ldxw(R1, R0.at(0)))),
        error(
            MAP_VALUE_BOUNDS,
            9,
            "as an argument",
            b -> found(b, v -> v.mov(R1, R0).mov(R2, 16).call(16))),
        error(MEMORY_BOUNDS, 6, "behind a record", b -> record(b, r -> r.stdw(R0.at(8), 1))),
        error(NULL_CHECK, 5, "a record", b -> reserve(b).stdw(R0.at(0), 1).returning(0)));
  }

  private static List<Case> packets() {
    return List.of(
        error(
            XDP,
            PACKET_BOUNDS,
            1,
            "not compared",
            b -> b.ldxw(R2, R1.at(0)).ldxb(R0, R2.at(0)).exit()),
        error(
            TC,
            PACKET_BOUNDS,
            5,
            "past what was compared",
            b -> packet(b, p -> p.ldxdw(R0, R2.at(12)))),
        error(
            TC,
            PACKET_BOUNDS,
            6,
            "by addition",
            b -> packet(b, p -> p.add(R2, 14).ldxb(R0, R2.at(0)))),
        error(
            TC, PACKET_BOUNDS, 5, "before the packet", b -> packet(b, p -> p.ldxb(R0, R2.at(-1)))),
        error(TC, PACKET_BOUNDS, 4, "compared the wrong way", b -> wrongWay(b)));
  }

  /** What a kernel may accept: in dead code, or from some release on. */
  private static List<Case> doubtful() {
    return List.of(
        warning(UNINITIALISED_REGISTER, 4, "where a range decides", b -> rangeDecides(b)),
        warning(
            NULL_CHECK,
            6,
            "an array at a constant key",
            b -> arrayLookup(b.stw(FP.at(-4), 1)).ldxdw(R0, R0.at(0)).exit()),
        warning(UNINITIALISED_STACK, 0, "a read", b -> b.ldxdw(R0, FP.at(-8)).returning(0)),
        warning(
            UNINITIALISED_STACK,
            4,
            "a key",
            b -> b.mov(R2, FP).add(R2, -4).lddw(R1, HASH).call(1).returning(0)));
  }

  private static BpfBuilder lookup(BpfBuilder b, int key) {
    return b.stw(FP.at(-4), 1).mapLookup(HASH, FP.at(key));
  }

  private static BpfBuilder arrayLookup(BpfBuilder b) {
    return b.mapLookup(ARRAY, FP.at(-4));
  }

  private static void arrayAt(BpfBuilder b) {
    arrayLookup(b.ldxw(R2, R1.at(0)).stxw(FP.at(-4), R2)).ldxdw(R0, R0.at(0)).exit();
  }

  private static void found(BpfBuilder b, Consumer<? super BpfBuilder> block) {
    lookup(b, -4).ifNonNull(R0, block).returning(0);
  }

  private static void checkedWrong(BpfBuilder b) {
    var out = b.newLabel();
    lookup(b, -4).jne(R0, 0, out).ldxdw(R1, R0.at(0)).labelBinding(out).returning(0);
  }

  private static BpfBuilder reserve(BpfBuilder b) {
    return b.lddw(R1, RING).mov(R2, 8).mov(R3, 0).call(Helper.RINGBUF_RESERVE);
  }

  private static void record(BpfBuilder b, Consumer<? super BpfBuilder> block) {
    reserve(b)
        .ifNonNull(
            R0,
            found -> {
              block.accept(found);
              found.mov(R1, R0).mov(R2, 0).call(Helper.RINGBUF_SUBMIT);
            })
        .returning(0);
  }

  private static void comm(BpfBuilder b, int offset, int size) {
    b.mov(R1, FP).add(R1, offset).mov(R2, size).call(Helper.GET_CURRENT_COMM).returning(0);
  }

  /** 14 bytes of a packet in r2, known to be there. */
  private static void packet(BpfBuilder b, Consumer<? super BpfBuilder> block) {
    var out = b.newLabel();
    b.ldxw(R2, R1.at(76)).ldxw(R3, R1.at(80)).mov(R4, R2).add(R4, 14);
    b.jgt(R4, R3, out);
    block.accept(b);
    b.labelBinding(out).returning(0);
  }

  private static void wrongWay(BpfBuilder b) {
    var out = b.newLabel();
    b.ldxw(R2, R1.at(76)).ldxw(R3, R1.at(80)).mov(R4, R2);
    b.jle(R4, R3, out).ldxb(R0, R2.at(0)).labelBinding(out).returning(0);
  }

  private static void ifThen(BpfBuilder b, Reg reg, Runnable block) {
    var out = b.newLabel();
    b.jeq(reg, 0, out).mov(R0, 0);
    block.run();
    b.labelBinding(out).returning(0);
  }

  private static void call(BpfBuilder b, Consumer<? super BpfBuilder> body) {
    var function = b.newFunction("function");
    b.call(function).returning(0).function(function, body);
  }

  private static void readBehindCall(BpfBuilder b) {
    var function = b.newFunction("function");
    b.call(function).mov(R0, R1).exit().function(function, f -> f.returning(0));
  }

  private static void noResult(BpfBuilder b) {
    var function = b.newFunction("function");
    b.mov(R0, 0).call(function).mov(R6, R0).returning(0).function(function, f -> f.exit());
  }

  private static void onePath(BpfBuilder b) {
    var skip = b.newLabel();
    b.ldxw(R2, R1.at(0)).jeq(R2, 7, skip).mov(R6, 1).labelBinding(skip).mov(R0, R6).exit();
  }

  /** The verifier sees that 0 to 7 is not above 7; the checker does not look that far. */
  private static void rangeDecides(BpfBuilder b) {
    var skip = b.newLabel();
    b.ldxw(R2, R1.at(0)).lsh(R2, 61).rsh(R2, 61).jle(R2, 6, skip).mov(R0, R9);
    b.labelBinding(skip).returning(0);
  }
}
