package io.github.purebpf.check.rules;

import io.github.purebpf.check.flow.Comparison;
import io.github.purebpf.check.flow.Explorer;
import io.github.purebpf.check.flow.Pointer;
import io.github.purebpf.check.flow.Pointer.Kind;
import io.github.purebpf.check.flow.Pointer.Nullness;
import io.github.purebpf.check.flow.Scalar;
import io.github.purebpf.check.flow.State;
import io.github.purebpf.check.flow.Value;
import io.github.purebpf.insn.Branch;
import io.github.purebpf.insn.Cond;
import io.github.purebpf.insn.Imm;
import io.github.purebpf.insn.Reg;
import io.github.purebpf.insn.Width;

/** Branches: which sides the verifier follows, and what it knows there. */
final class Branches {
  private final Branch insn;
  private final Site site;
  private final Explorer paths;
  private final int target;

  private Branches(Branch insn, Site site, Explorer paths) {
    this.insn = insn;
    this.site = site;
    this.paths = paths;
    var program = site.walk().program();
    target = program.indexAt(program.jumpSlot(site.index()).orElseThrow()).orElseThrow();
  }

  static void execute(Branch insn, Site site, Explorer paths) {
    var left = site.read(insn.dst());
    var right = site.read(insn.src());
    new Branches(insn, site, paths).follow(left, right);
  }

  private void follow(Value left, Value right) {
    if (left instanceof Scalar a && right instanceof Scalar b) {
      numbers(a, b);
    } else if (left instanceof Pointer pointer && isZero(right) && isEquality()) {
      nullCheck(pointer);
    } else if (left instanceof Pointer a && right instanceof Pointer b && isPacketCheck(a, b)) {
      packetCheck(a, b);
    } else {
      go(site.state().copy().doubtful(), true);
      go(site.state().doubtful(), false);
    }
  }

  private void go(State state, boolean taken) {
    paths.go(taken ? target : site.index() + 1, state);
  }

  private boolean isEquality() {
    return insn.cond() == Cond.EQ || insn.cond() == Cond.NE;
  }

  private static boolean isZero(Value value) {
    return value instanceof Scalar number && number.isConstant() && number.min() == 0;
  }

  private void numbers(Scalar left, Scalar right) {
    if (right.isConstant()) {
      sides(insn.dst(), left, Comparison.of(insn.width(), insn.cond(), left, right.min()));
    } else if (left.isConstant() && insn.src() instanceof Reg reg) {
      sides(reg, right, Comparison.of(insn.width(), mirrored(), right, left.min()));
    } else {
      var state = site.state().doubtful();
      // The verifier may know more of both from now on.
      if (insn.src() instanceof Reg reg) {
        refine(state, reg, right, right.inexact());
      }
      refine(state, insn.dst(), left, left.inexact());
      go(state.copy(), true);
      go(state, false);
    }
  }

  private Cond mirrored() {
    return switch (insn.cond()) {
      case EQ, NE, SET -> insn.cond();
      case UGT -> Cond.ULT;
      case UGE -> Cond.ULE;
      case ULT -> Cond.UGT;
      case ULE -> Cond.UGE;
      case SGT -> Cond.SLT;
      case SGE -> Cond.SLE;
      case SLT -> Cond.SGT;
      case SLE -> Cond.SGE;
    };
  }

  private void sides(Reg reg, Scalar before, Comparison result) {
    boolean both = result.taken() != null && result.otherwise() != null;
    boolean certain = !both || result.certain();
    if (result.otherwise() != null) {
      side(reg, before, result.otherwise(), certain, false);
    }
    if (result.taken() != null) {
      side(reg, before, result.taken(), certain, true);
    }
  }

  private void side(Reg reg, Scalar before, Scalar now, boolean certain, boolean taken) {
    var state = site.state().copy();
    refine(state, reg, before, now);
    go(certain ? state : state.doubtful(), taken);
  }

  private static void refine(State state, Reg reg, Scalar before, Scalar now) {
    if (before.identity() != 0) {
      state.replaceAll(value -> value.id() == before.identity() ? now : value);
    }
    state.top().set(reg, now);
  }

  private void nullCheck(Pointer pointer) {
    boolean equalTaken = insn.cond() == Cond.EQ;
    boolean recognised = insn.width() == Width.W64 && insn.src() instanceof Imm;
    var isNull = site.state().copy();
    var isAddress = site.state();
    if (!pointer.nullable()) {
      // Kernels that know that it is not null do not follow the other side.
      go(isNull.doubtful(), equalTaken);
      go(isAddress, !equalTaken);
      return;
    }
    if (!recognised) {
      go(isNull.doubtful(), equalTaken);
      go(isAddress.doubtful(), !equalTaken);
      return;
    }
    int identity = pointer.identity();
    isNull.release(identity);
    isNull.replaceAll(value -> isCopy(value, identity) ? Scalar.constant(0) : value);
    if (pointer.nullness() == Nullness.MAYBE_BY_KERNEL) {
      isNull.doubtful();
    }
    isAddress.replaceAll(
        value ->
            isCopy(value, identity) ? ((Pointer) value).with(Nullness.NEVER, identity) : value);
    go(isNull, equalTaken);
    go(isAddress, !equalTaken);
  }

  private static boolean isCopy(Value value, int identity) {
    return value instanceof Pointer pointer && pointer.nullable() && pointer.identity() == identity;
  }

  private boolean isPacketCheck(Pointer left, Pointer right) {
    boolean packet = left.kind() == Kind.PACKET && right.kind() == Kind.PACKET_END;
    boolean end = left.kind() == Kind.PACKET_END && right.kind() == Kind.PACKET;
    return insn.width() == Width.W64
        && (packet || end)
        && (packet ? left : right).fixed()
        && switch (insn.cond()) {
          case UGT, UGE, ULT, ULE -> true;
          default -> false;
        };
  }

  /** On one side the packet reaches to the address that was compared, or one byte beyond. */
  private void packetCheck(Pointer left, Pointer right) {
    boolean packetFirst = left.kind() == Kind.PACKET;
    var packet = packetFirst ? left : right;
    var cond = packetFirst ? insn.cond() : mirrored();
    boolean insideTaken = cond == Cond.ULT || cond == Cond.ULE;
    // packet < end says that the byte at packet is there, too.
    int reach = packet.offset() + (cond == Cond.ULT || cond == Cond.UGE ? 1 : 0);
    var inside = site.state().copy();
    var outside = site.state();
    if (packet.extent() < 0) {
      inside.doubtful();
      outside.doubtful();
    }
    inside.replaceAll(value -> isPacket(value) ? extended((Pointer) value, reach) : value);
    // Kernels remember that the packet ends before it, and then know other comparisons.
    outside.replaceAll(
        value ->
            isPacket(value) && ((Pointer) value).extent() <= 0
                ? ((Pointer) value).withExtent(-1)
                : value);
    go(inside, insideTaken);
    go(outside, !insideTaken);
  }

  private static boolean isPacket(Value value) {
    return value instanceof Pointer pointer && pointer.kind() == Kind.PACKET && pointer.fixed();
  }

  private static Pointer extended(Pointer packet, int reach) {
    return packet.withExtent(Math.max(Math.max(packet.extent(), 0), reach));
  }
}
