package io.github.purebpf.check.rules;

import static io.github.purebpf.check.flow.Value.Anything.ANYTHING;

import io.github.purebpf.check.CheckOptions;
import io.github.purebpf.check.Rule;
import io.github.purebpf.check.flow.Explorer;
import io.github.purebpf.check.flow.Pointer;
import io.github.purebpf.check.flow.Pointer.Kind;
import io.github.purebpf.check.flow.Program;
import io.github.purebpf.check.flow.Scalar;
import io.github.purebpf.check.flow.State;
import io.github.purebpf.check.flow.Value;
import io.github.purebpf.check.tables.ProgramTable;
import io.github.purebpf.insn.AddrSpaceCast;
import io.github.purebpf.insn.Alu;
import io.github.purebpf.insn.Atomic;
import io.github.purebpf.insn.AtomicOp;
import io.github.purebpf.insn.Branch;
import io.github.purebpf.insn.ByteSwap;
import io.github.purebpf.insn.Exit;
import io.github.purebpf.insn.HelperCall;
import io.github.purebpf.insn.Imm64;
import io.github.purebpf.insn.IndirectCall;
import io.github.purebpf.insn.IndirectJump;
import io.github.purebpf.insn.Insn;
import io.github.purebpf.insn.Jump;
import io.github.purebpf.insn.KfuncCall;
import io.github.purebpf.insn.Load;
import io.github.purebpf.insn.LoadAcquire;
import io.github.purebpf.insn.LoadImm64;
import io.github.purebpf.insn.LocalCall;
import io.github.purebpf.insn.LongJump;
import io.github.purebpf.insn.MayGoto;
import io.github.purebpf.insn.Mem;
import io.github.purebpf.insn.MovSx;
import io.github.purebpf.insn.Neg;
import io.github.purebpf.insn.PacketLoad;
import io.github.purebpf.insn.RawInsn;
import io.github.purebpf.insn.Reg;
import io.github.purebpf.insn.Store;
import io.github.purebpf.insn.StoreRelease;

/** Follows the paths through a program whose shape holds, one instruction at a time. */
public final class PathRules implements Explorer.Machine {
  private final Walk walk;
  private final Program program;

  private PathRules(Walk walk) {
    this.walk = walk;
    program = walk.program();
  }

  /** Follows all paths. */
  public static void check(Program program, CheckOptions options, Findings findings) {
    var walk = new Walk(program, options, findings);
    var entry = Explorer.entry();
    entry.top().set(Reg.R1, Pointer.to(Kind.CONTEXT, 0));
    Explorer.explore(program, entry, new PathRules(walk));
    VisitRules.check(walk);
  }

  @Override
  public void execute(int index, State state, Explorer paths) {
    walk.visit(index, state.isCertain());
    var site = new Site(walk, index, program.slot(index), state);
    switch (program.insn(index)) {
      case Branch branch -> Branches.execute(branch, site, paths);
      case Jump _, LongJump _ -> jump(site, paths);
      case MayGoto _ -> {
        paths.go(index + 1, state.copy());
        jump(site, paths);
      }
      case LocalCall _ -> call(site, paths);
      case Exit _ -> exit(site, paths);
      case IndirectJump _ -> {}
      case Insn insn -> {
        step(insn, site, paths);
        if (index + 1 < program.size()) {
          paths.go(index + 1, state);
        }
      }
    }
  }

  private void jump(Site site, Explorer paths) {
    long target = program.jumpSlot(site.index()).orElseThrow();
    paths.go(program.indexAt(target).orElseThrow(), site.state());
  }

  private void call(Site site, Explorer paths) {
    if (site.state().depth() == CallRules.MAX_FRAMES) {
      return;
    }
    int start = (int) program.calleeSlot(site.index()).orElseThrow();
    site.state().enter(program.functionAt(start), site.index() + 1, site.slot());
    paths.go(program.indexAt(start).orElseThrow(), site.state());
  }

  private void exit(Site site, Explorer paths) {
    int returnTo = site.frame().returnTo();
    if (returnTo >= 0) {
      if (site.frame().get(Reg.R0) instanceof Pointer pointer && pointer.kind() == Kind.STACK) {
        site.flaw(
            pointer.doubted(),
            Rule.STACK_POINTER_ESCAPES,
            "the function returns an address of the stack",
            "return a number, or take memory of the caller as an argument");
      }
      site.state().leave();
      paths.go(returnTo, site.state());
    } else if (site.frame().function() == 0) {
      end(site);
    }
  }

  private void end(Site site) {
    var type = walk.options().type();
    boolean mayReturnNothing =
        type.isPresent()
            && switch (type.orElseThrow()) {
              case LSM, STRUCT_OPS, EXT -> true;
              default -> false;
            };
    if (mayReturnNothing) {
      return;
    }
    if (!site.state().references().isEmpty()) {
      leak(site);
    }
    var result = site.read(Reg.R0);
    type.flatMap(known -> ProgramTable.INSTANCE.range(known, walk.options().attachType()))
        .filter(range -> isOutside(result, range))
        .ifPresent(
            range ->
                site.flaw(
                    Rule.RETURN_RANGE,
                    result instanceof Scalar number && number.isConstant()
                        ? "the program returns " + number.min()
                        : "the program may return anything",
                    range.min() == range.max()
                        ? "return " + range.min()
                        : "return %d to %d".formatted(range.min(), range.max())));
  }

  private static boolean isOutside(Value result, ProgramTable.Range range) {
    return switch (result) {
      case Pointer _ -> true;
      case Scalar number ->
          number.within(range.min(), range.max()) == null
              || (number.exact() && isOutside(number, range));
      case Value.Unset _, Value.Anything _ -> false;
    };
  }

  private static boolean isOutside(Scalar number, ProgramTable.Range range) {
    return Long.compareUnsigned(number.max(), range.max()) > 0
        || Long.compareUnsigned(number.min(), range.min()) < 0;
  }

  static void leak(Site site) {
    for (int identity : site.state().references()) {
      site.flaw(
          Rule.REFERENCE_LEAK,
          "what the call at slot %d acquired is not given back".formatted(identity - 1),
          "submit or discard the record, or release the socket, on every path");
    }
  }

  private void step(Insn insn, Site site, Explorer paths) {
    var frame = site.frame();
    switch (insn) {
      case Alu alu -> Arithmetic.execute(alu, site);
      case Neg(var _, var dst) -> changed(dst, site);
      case ByteSwap swap -> changed(swap.dst(), site);
      case MovSx move -> {
        var source = site.read(move.src());
        frame.set(move.dst(), source == ANYTHING ? source : Scalar.unknown());
      }
      case AddrSpaceCast cast -> {
        site.read(cast.src());
        frame.set(cast.dst(), ANYTHING);
      }
      case Load load -> load(load, site);
      case LoadAcquire load -> {
        atomicTarget(load.mem(), site);
        frame.set(load.dst(), Access.read(load.mem(), load.size(), site));
      }
      case Store store -> Access.write(store.mem(), store.size(), site.read(store.src()), site);
      case StoreRelease store -> {
        var value = site.read(store.src());
        atomicTarget(store.mem(), site);
        Access.write(store.mem(), store.size(), value, site);
      }
      case Atomic atomic -> atomic(atomic, site);
      case PacketLoad load -> PacketLoads.execute(load, site);
      case LoadImm64 load -> frame.set(load.dst(), constant(load.value(), site, paths));
      case HelperCall(int id) -> HelperCalls.execute(id, site);
      case KfuncCall _ -> opaqueCall(site);
      case RawInsn _, IndirectCall _ -> {
        for (int i = 0; i <= 9; i++) {
          frame.set(Reg.of(i), ANYTHING);
        }
      }
      case Branch _, Jump _, LongJump _, MayGoto _, LocalCall _, Exit _, IndirectJump _ ->
          throw new AssertionError("handled by execute");
    }
  }

  private static void changed(Reg dst, Site site) {
    var value = site.read(dst);
    site.frame().set(dst, value == ANYTHING ? value : Scalar.unknown());
  }

  private static void load(Load load, Site site) {
    var value = Access.read(load.mem(), load.size(), site);
    boolean number = value instanceof Scalar;
    site.frame().set(load.dst(), load.signed() && number ? Scalar.unknown() : value);
  }

  private static void atomicTarget(Mem mem, Site site) {
    if (site.frame().get(mem.base()) instanceof Pointer pointer
        && switch (pointer.kind()) {
          case CONTEXT, PACKET, SOCKET -> true;
          default -> false;
        }) {
      site.flaw(
          Rule.ATOMIC_TARGET,
          "an atomic operation on " + pointer.kind(),
          "use atomic operations on map values or the stack");
      site.frame().set(mem.base(), ANYTHING);
    }
  }

  private static void atomic(Atomic atomic, Site site) {
    site.read(atomic.src());
    if (atomic.op() == AtomicOp.CMPXCHG) {
      site.read(Reg.R0);
    }
    atomicTarget(atomic.mem(), site);
    Access.read(atomic.mem(), atomic.size(), site);
    Access.write(atomic.mem(), atomic.size(), null, site);
    if (atomic.op() == AtomicOp.CMPXCHG) {
      site.frame().set(Reg.R0, ANYTHING);
    } else if (atomic.op().fetchesIntoSource()) {
      site.frame().set(atomic.src(), ANYTHING);
    }
  }

  private Value constant(Imm64 constant, Site site, Explorer paths) {
    return switch (constant) {
      case Imm64.Const(long value) -> Scalar.constant(value);
      case Imm64.NamedMap _ -> Pointer.map(walk.map(constant));
      case Imm64.NamedMapValue(var _, int offset) -> VisitRules.mapValue(constant, offset, walk);
      case Imm64.MapFd _, Imm64.MapIndex _ -> Pointer.map(walk.map(constant));
      case Imm64.MapValueFd _, Imm64.MapValueIndex _, Imm64.BtfId _ -> ANYTHING;
      case Imm64.Function _ -> {
        int start = (int) program.calleeSlot(site.index()).orElseThrow();
        paths.callback(program.functionAt(start));
        yield ANYTHING;
      }
    };
  }

  /** Of a kernel function nothing is known: not even whether it returns. */
  private static void opaqueCall(Site site) {
    site.state().doubtful();
    site.state().forgetReferences();
    site.state().forgetStacks();
    site.state()
        .replaceAll(
            value ->
                value instanceof Pointer pointer && pointer.kind() == Kind.PACKET
                    ? ANYTHING
                    : value);
    site.loseArguments();
    site.frame().set(Reg.R0, ANYTHING);
  }
}
