package io.github.purebpf.rejected;

import static io.github.purebpf.check.Rule.ATOMIC_OPERATION;
import static io.github.purebpf.check.Rule.CALL_DEPTH;
import static io.github.purebpf.check.Rule.CALL_TARGET;
import static io.github.purebpf.check.Rule.COMBINED_STACK;
import static io.github.purebpf.check.Rule.DIVISION_BY_ZERO;
import static io.github.purebpf.check.Rule.EMPTY_PROGRAM;
import static io.github.purebpf.check.Rule.ENDLESS_LOOP;
import static io.github.purebpf.check.Rule.FALL_THROUGH;
import static io.github.purebpf.check.Rule.FRAME_POINTER_WRITE;
import static io.github.purebpf.check.Rule.INVALID_REGISTER;
import static io.github.purebpf.check.Rule.JUMP_ACROSS_FUNCTIONS;
import static io.github.purebpf.check.Rule.JUMP_INTO_LDDW;
import static io.github.purebpf.check.Rule.JUMP_OUT_OF_RANGE;
import static io.github.purebpf.check.Rule.LDDW_INCOMPLETE;
import static io.github.purebpf.check.Rule.OPERAND_WIDTH;
import static io.github.purebpf.check.Rule.RECURSION;
import static io.github.purebpf.check.Rule.RESERVED_FIELD;
import static io.github.purebpf.check.Rule.SHIFT_WIDTH;
import static io.github.purebpf.check.Rule.TOO_MANY_FUNCTIONS;
import static io.github.purebpf.check.Rule.UNKNOWN_OPCODE;
import static io.github.purebpf.check.Rule.UNREACHABLE_CODE;
import static io.github.purebpf.insn.Reg.FP;
import static io.github.purebpf.insn.Reg.R0;
import static io.github.purebpf.insn.Reg.R1;
import static io.github.purebpf.rejected.Case.error;
import static io.github.purebpf.rejected.Case.raw;
import static io.github.purebpf.rejected.Case.slot;

import io.github.purebpf.asm.BpfBuilder;
import io.github.purebpf.asm.FunctionRef;
import io.github.purebpf.check.Rule;
import io.github.purebpf.insn.Imm64;
import io.github.purebpf.insn.Jump;
import io.github.purebpf.insn.LoadImm64;
import io.github.purebpf.insn.LocalCall;
import io.github.purebpf.insn.LongJump;
import io.github.purebpf.insn.MayGoto;
import io.github.purebpf.insn.Slot;
import io.github.purebpf.uapi.Helper;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/** Programs whose shape is wrong: no path needs to be followed to see it. */
public final class StructureCases {
  private static final Slot ZERO = slot(0xb7, 0, 0, 0, 0);
  private static final Slot EXIT = slot(0x95, 0, 0, 0, 0);
  private static final Slot LDDW = slot(0x18, 0, 0, 0, 1);
  private static final Slot NULL = slot(0, 0, 0, 0, 0);

  private StructureCases() {}

  /** All of them. */
  public static Stream<Case> all() {
    return Stream.of(flow(), functions(), slots(), fields(), operands()).flatMap(List::stream);
  }

  private static List<Case> flow() {
    return List.of(
        error(EMPTY_PROGRAM, 0, "no instruction", b -> {}),
        error(FALL_THROUGH, 0, "no exit", b -> b.mov(R0, 0)),
        error(FALL_THROUGH, 0, "ends with a call", b -> b.call(Helper.KTIME_GET_NS)),
        raw(FALL_THROUGH, 1, "ends with a branch", ZERO, slot(0x15, 0, 0, -2, 0)),
        error(FALL_THROUGH, 1, "runs into a function", b -> twoFunctions(b, f -> f.exit(), false)),
        error(
            FALL_THROUGH, 3, "a function runs out", b -> twoFunctions(b, f -> f.mov(R0, 0), true)),
        error(JUMP_OUT_OF_RANGE, 0, "forward", b -> b.with(new Jump(5)).mov(R0, 0).exit()),
        error(JUMP_OUT_OF_RANGE, 1, "backward", b -> b.mov(R0, 0).with(new Jump(-3))),
        error(JUMP_OUT_OF_RANGE, 0, "by gotol", b -> b.with(new LongJump(70_000))),
        error(JUMP_OUT_OF_RANGE, 0, "by may_goto", b -> mayGoto(b, 9)),
        raw(JUMP_OUT_OF_RANGE, 1, "by a branch", ZERO, slot(0x15, 0, 0, 1, 0), EXIT),
        error(
            JUMP_ACROSS_FUNCTIONS,
            0,
            "into a function",
            b -> b.with(new Jump(2)).with(new LocalCall(1)).exit().mov(R0, 0).exit()),
        error(
            JUMP_ACROSS_FUNCTIONS,
            3,
            "out of a function",
            b -> b.with(new LocalCall(1)).exit().mov(R0, 0).with(new Jump(-3))),
        error(JUMP_INTO_LDDW, 0, "goto", b -> b.with(new Jump(1)).lddw(R0, 1L).exit()),
        raw(JUMP_INTO_LDDW, 1, "branch", ZERO, slot(0x15, 0, 0, 1, 0), LDDW, NULL, EXIT),
        raw(UNREACHABLE_CODE, 2, "behind exit", ZERO, EXIT, ZERO, EXIT),
        error(
            UNREACHABLE_CODE,
            1,
            "behind goto",
            b -> b.with(new Jump(1)).mov(R1, 1).mov(R0, 0).exit()),
        error(UNREACHABLE_CODE, 1, "behind goto self", b -> b.with(new Jump(-1)).mov(R0, 0).exit()),
        error(UNREACHABLE_CODE, 2, "a function that nothing calls", b -> lonelyFunction(b)),
        error(ENDLESS_LOOP, 0, "goto self", b -> b.with(new Jump(-1))),
        error(ENDLESS_LOOP, 0, "gotol self", b -> b.with(new LongJump(-1))),
        error(ENDLESS_LOOP, 0, "two instructions", b -> b.mov(R0, 0).with(new Jump(-2))),
        error(ENDLESS_LOOP, 1, "with a branch inside", b -> branchInside(b)),
        error(ENDLESS_LOOP, 2, "in a function", b -> loopInFunction(b)));
  }

  private static List<Case> functions() {
    return List.of(
        error(CALL_TARGET, 0, "behind the program", b -> b.with(new LocalCall(7)).exit()),
        error(CALL_TARGET, 0, "before the program", b -> b.with(new LocalCall(-3)).exit()),
        error(
            CALL_TARGET,
            0,
            "in a constant",
            b -> b.with(new LocalCall(2)).exit().lddw(R0, 1L).exit()),
        error(
            CALL_TARGET,
            0,
            "a callback outside",
            b -> b.with(new LoadImm64(R1, new Imm64.Function(9))).mov(R0, 0).exit()),
        error(TOO_MANY_FUNCTIONS, 768, "257 functions", StructureCases::manyFunctions),
        error(RECURSION, 2, "a function calls itself", b -> recursive(b)),
        error(RECURSION, 6, "two functions call each other", b -> mutual(b)),
        error(
            RECURSION,
            0,
            "the entry calls itself",
            b -> b.with(new LocalCall(-1)).mov(R0, 0).exit()),
        error(CALL_DEPTH, 14, "nine functions", b -> nested(b, 9, 0)),
        error(COMBINED_STACK, 0, "two functions", b -> nested(b, 2, 264)),
        error(COMBINED_STACK, 0, "three functions", b -> nested(b, 3, 176)));
  }

  private static List<Case> slots() {
    return List.of(
        raw(LDDW_INCOMPLETE, 1, "the last slot", ZERO, LDDW),
        raw(LDDW_INCOMPLETE, 0, "a used second slot", LDDW, slot(0, 1, 0, 0, 0), ZERO, EXIT),
        raw(LDDW_INCOMPLETE, 0, "an instruction behind it", LDDW, ZERO, EXIT),
        raw(UNKNOWN_OPCODE, 1, "a second slot alone", ZERO, NULL, EXIT),
        raw(RESERVED_FIELD, 0, "a source that means nothing", slot(0x18, 0, 9, 0, 1), NULL, EXIT),
        raw(UNKNOWN_OPCODE, 1, "ff", ZERO, slot(0xff, 0, 0, 0, 0), EXIT),
        raw(UNKNOWN_OPCODE, 1, "a signed load of 8 bytes", ZERO, slot(0x99, 0, 10, -8, 0), EXIT),
        raw(UNKNOWN_OPCODE, 1, "callx", ZERO, slot(0x8d, 1, 0, 0, 0), EXIT),
        raw(UNKNOWN_OPCODE, 1, "neg of a register", ZERO, slot(0x8f, 0, 1, 0, 0), EXIT),
        bad(INVALID_REGISTER, "destination r11", slot(0xb7, 11, 0, 0, 0)),
        bad(INVALID_REGISTER, "source r12", slot(0xbf, 0, 12, 0, 0)),
        bad(INVALID_REGISTER, "base r15", slot(0x61, 0, 15, 0, 0)),
        bad(INVALID_REGISTER, "in a branch", slot(0x15, 11, 0, 0, 0)));
  }

  private static List<Case> fields() {
    return List.of(
        bad(RESERVED_FIELD, "source of a constant add", slot(0x07, 0, 1, 0, 1)),
        bad(RESERVED_FIELD, "offset of a constant add", slot(0x07, 0, 0, 1, 1)),
        bad(RESERVED_FIELD, "immediate of a register add", slot(0x0f, 0, 0, 0, 1)),
        bad(RESERVED_FIELD, "offset of a register add", slot(0x0f, 0, 0, 1, 0)),
        bad(RESERVED_FIELD, "offset of a constant move", slot(0xb7, 0, 0, 8, 1)),
        bad(RESERVED_FIELD, "immediate of a move", slot(0xbf, 0, 0, 0, 1)),
        bad(RESERVED_FIELD, "source of a negation", slot(0x87, 0, 1, 0, 0)),
        bad(RESERVED_FIELD, "immediate of a negation", slot(0x87, 0, 0, 0, 1)),
        bad(RESERVED_FIELD, "source of a byte swap", slot(0xdc, 0, 1, 0, 16)),
        bad(RESERVED_FIELD, "offset of a byte swap", slot(0xdc, 0, 0, 1, 16)),
        bad(RESERVED_FIELD, "immediate of a load", slot(0x61, 0, 1, 0, 1)),
        bad(RESERVED_FIELD, "source of a constant store", slot(0x62, 10, 1, -4, 1)),
        bad(RESERVED_FIELD, "immediate of a store", slot(0x63, 10, 0, -4, 1)),
        bad(RESERVED_FIELD, "destination of goto", slot(0x05, 1, 0, 0, 0)),
        bad(RESERVED_FIELD, "immediate of goto", slot(0x05, 0, 0, 0, 1)),
        bad(RESERVED_FIELD, "offset of gotol", slot(0x06, 0, 0, 1, 0)),
        bad(RESERVED_FIELD, "source of a constant branch", slot(0x15, 0, 1, 0, 0)),
        bad(RESERVED_FIELD, "immediate of a register branch", slot(0x1d, 0, 0, 0, 1)),
        bad(RESERVED_FIELD, "destination of a call", slot(0x85, 1, 0, 0, 5)),
        bad(RESERVED_FIELD, "offset of a helper call", slot(0x85, 0, 0, 1, 5)),
        bad(RESERVED_FIELD, "source of a call", slot(0x85, 0, 3, 0, 5)),
        raw(RESERVED_FIELD, 1, "destination of exit", ZERO, slot(0x95, 1, 0, 0, 0)),
        raw(RESERVED_FIELD, 1, "immediate of exit", ZERO, slot(0x95, 0, 0, 0, 1)),
        raw(RESERVED_FIELD, 0, "offset of a 64-bit constant", slot(0x18, 0, 0, 1, 0), NULL, EXIT),
        bad(RESERVED_FIELD, "destination of a packet load", slot(0x20, 1, 0, 0, 0)),
        bad(RESERVED_FIELD, "immediate of may_goto", slot(0xe5, 0, 0, 0, 1)),
        bad(RESERVED_FIELD, "source of may_goto", slot(0xe5, 0, 1, 0, 0)));
  }

  private static List<Case> operands() {
    return List.of(
        bad(DIVISION_BY_ZERO, "div", slot(0x37, 0, 0, 0, 0)),
        bad(DIVISION_BY_ZERO, "mod of 32 bits", slot(0x94, 0, 0, 0, 0)),
        bad(DIVISION_BY_ZERO, "sdiv", slot(0x37, 0, 0, 1, 0)),
        bad(SHIFT_WIDTH, "by 64", slot(0x67, 0, 0, 0, 64)),
        bad(SHIFT_WIDTH, "32 bits by 32", slot(0x74, 0, 0, 0, 32)),
        bad(SHIFT_WIDTH, "by -1", slot(0xc7, 0, 0, 0, -1)),
        bad(OPERAND_WIDTH, "a byte swap of 8 bits", slot(0xdc, 0, 0, 0, 8)),
        bad(OPERAND_WIDTH, "a sign extension of 7 bits", slot(0xbf, 0, 0, 7, 0)),
        bad(OPERAND_WIDTH, "a sign extension of 32 to 32 bits", slot(0xbc, 0, 0, 32, 0)),
        bad(ATOMIC_OPERATION, "22", slot(0xdb, 10, 0, -8, 0x22)),
        bad(ATOMIC_OPERATION, "add of one byte", slot(0xd3, 10, 0, -8, 0)),
        bad(FRAME_POINTER_WRITE, "move", slot(0xbf, 10, 0, 0, 0)),
        bad(FRAME_POINTER_WRITE, "add", slot(0x07, 10, 0, 0, 8)),
        bad(FRAME_POINTER_WRITE, "load", slot(0x61, 10, 1, 0, 0)),
        bad(FRAME_POINTER_WRITE, "fetch", slot(0xdb, 10, 10, -8, 1)),
        raw(FRAME_POINTER_WRITE, 0, "64-bit constant", slot(0x18, 10, 0, 0, 1), NULL, ZERO, EXIT));
  }

  /** One bad slot between a value for r0 and exit. */
  private static Case bad(Rule rule, String name, Slot bad) {
    return raw(rule, 1, name, ZERO, bad, EXIT);
  }

  private static void mayGoto(BpfBuilder b, int offset) {
    b.with(new MayGoto(MayGoto.Kind.MAY_GOTO, offset)).mov(R0, 0).exit();
  }

  private static void twoFunctions(BpfBuilder b, Consumer<? super BpfBuilder> body, boolean exits) {
    var function = b.newFunction("function");
    b.mov(R0, 0).call(function);
    if (exits) {
      b.exit();
    }
    b.function(function, body);
  }

  private static void lonelyFunction(BpfBuilder b) {
    b.mov(R0, 0).exit();
    b.function(b.newFunction("lonely"), f -> f.mov(R0, 0).exit());
  }

  private static void branchInside(BpfBuilder b) {
    var again = b.newLabel();
    var skip = b.newLabel();
    b.ldxw(R0, R1.at(0)).labelBinding(again).jeq(R0, 1, skip).mov(R1, 5);
    b.labelBinding(skip).ja(again);
  }

  private static void loopInFunction(BpfBuilder b) {
    var function = b.newFunction("spin");
    b.call(function).exit().function(function, f -> f.with(new Jump(-1)));
  }

  private static void manyFunctions(BpfBuilder b) {
    for (int i = 0; i < 256; i++) {
      var function = b.newFunction("f" + i);
      b.call(function).function(function, f -> f.returning(0));
    }
    b.returning(0);
  }

  private static void recursive(BpfBuilder b) {
    var function = b.newFunction("again");
    b.call(function).exit().function(function, f -> f.call(function).exit());
  }

  private static void mutual(BpfBuilder b) {
    var ping = b.newFunction("ping");
    var pong = b.newFunction("pong");
    b.call(ping).exit();
    b.function(ping, f -> f.mov(R0, 0).call(pong).exit());
    b.function(pong, f -> f.mov(R0, 0).call(ping).exit());
  }

  /** The entry and functions below it, each with so many bytes of stack. */
  private static void nested(BpfBuilder b, int count, int bytes) {
    var next = b.newFunction("f1");
    body(b, bytes).call(next).exit();
    for (int i = 1; i < count; i++) {
      var function = next;
      boolean last = i == count - 1;
      next = last ? null : b.newFunction("f" + (i + 1));
      var callee = next;
      b.function(function, f -> end(body(f, bytes), callee));
    }
  }

  private static BpfBuilder body(BpfBuilder b, int bytes) {
    return bytes == 0 ? b : b.stdw(FP.at(-bytes), 0);
  }

  private static void end(BpfBuilder f, FunctionRef callee) {
    if (callee == null) {
      f.mov(R0, 0).exit();
    } else {
      f.call(callee).exit();
    }
  }
}
