package io.github.purebpf.redirect.dataplane;

import static io.github.purebpf.insn.Reg.R0;
import static io.github.purebpf.insn.Reg.R1;
import static io.github.purebpf.insn.Reg.R2;
import static io.github.purebpf.insn.Reg.R3;
import static io.github.purebpf.insn.Reg.R7;
import static io.github.purebpf.insn.Reg.R8;
import static io.github.purebpf.insn.Reg.R9;

import io.github.purebpf.asm.BpfBuilder;
import io.github.purebpf.asm.Label;
import io.github.purebpf.asm.StackSlot;
import io.github.purebpf.insn.FieldRef;
import io.github.purebpf.insn.MemSize;
import io.github.purebpf.insn.StructRef;
import io.github.purebpf.uapi.Helper;

/**
 * The way from a virtual address to one of its servers, through {@code vips}, {@code services},
 * {@code members} and {@code backends}. It asks nothing of the type of program.
 *
 * <p>r7 becomes the {@link ServiceEntry}; r8 and r9 are used; r6 is left alone.
 */
final class Selection {
  /** How often the least loaded server is looked for again when others took it meanwhile. */
  private static final int ATTEMPTS = 2;

  /** Makes loads comparable across weights: (load + 1) of 2^20 parts, divided by the weight. */
  static final int LOAD_SHIFT = 20;

  /**
   * Odd numbers of high entropy: the bits of a product's high half depend on all of the factors.
   */
  static final long MIX_CLIENT = 0x9e3779b97f4a7c15L;

  static final long MIX_SERVER = 0xbf58476d1ce4e5b9L;

  /** What depends on the type of program; each may use all registers but r6 to r9. */
  interface Context {
    /** Has to leave the program: the address is not in the table. */
    void withoutService();

    /**
     * Comes between two reads, for one who wants to see what changes there. Nothing in a program
     * that redirects.
     */
    default void betweenReads() {}

    /** r0: what {@link Head#POLICY_STICKY_CONTAINER} sticks to. */
    void container();

    /** r0: what {@link Head#POLICY_STICKY_SOCKET} sticks to. */
    void socket();
  }

  private final BpfBuilder b;
  private final boolean mayGoto;
  private final Context context;

  // On the stack.
  private final StructRef<VipKey> key;
  private final FieldRef<StackSlot> best;
  private final FieldRef<StackSlot> seen;
  private final FieldRef<StackSlot> client;
  private final FieldRef<StackSlot> index;
  private final FieldRef<StackSlot> candidate;
  private final FieldRef<StackSlot> chosen;
  private final FieldRef<StackSlot> first;
  private final FieldRef<StackSlot> count;
  private final FieldRef<StackSlot> start;
  private final FieldRef<StackSlot> attempt;

  /**
   * One that is written to a builder.
   *
   * @param mayGoto whether the kernel knows {@code may_goto}, see {@link #eachMember}
   */
  Selection(BpfBuilder b, boolean mayGoto, Context context) {
    this.b = b;
    this.mayGoto = mayGoto;
    this.context = context;
    this.key = b.stackStruct(VipKey.STRUCT);
    this.best = b.stackSlot(MemSize.DW);
    this.seen = b.stackSlot(MemSize.DW);
    this.client = b.stackSlot(MemSize.DW);
    this.index = b.stackSlot(MemSize.W);
    this.candidate = b.stackSlot(MemSize.W);
    this.chosen = b.stackSlot(MemSize.W);
    this.first = b.stackSlot(MemSize.W);
    this.count = b.stackSlot(MemSize.W);
    this.start = b.stackSlot(MemSize.W);
    this.attempt = b.stackSlot(MemSize.DW); // of eight bytes the verifier knows the content
  }

  /** The virtual address, to be filled before {@link #find}. */
  StructRef<VipKey> key() {
    return key;
  }

  /** The index of the server, behind {@link #choose}. */
  FieldRef<StackSlot> chosen() {
    return chosen;
  }

  /** Four bytes for anything, behind {@link #choose}. */
  FieldRef<StackSlot> scratch() {
    return index;
  }

  /** Eight bytes for anything between {@link #find} and {@link #choose}. */
  FieldRef<StackSlot> wideScratch() {
    return client;
  }

  /**
   * r7: the service of the key.
   *
   * <p>The end without one stands here, and the label before it, so that what all other connects of
   * the host run through is one piece: code that is not in the cache costs them more than all else.
   */
  void find(Label missing) {
    var found = b.newLabel();
    b.mapLookup(Maps.VIPS, key).jne(R0, 0, found).labelBinding(missing);
    context.withoutService();
    b.labelBinding(found).mov(R7, R0);
    context.betweenReads();
    b.load(R1, Slot.STRUCT.at(R7).get(Slot.INDEX)).store(index, R1);
    b.mapLookup(Maps.SERVICES, index)
        .jeq(R0, 0, missing)
        .mov(R7, R0)
        .load(R1, service().get(ServiceEntry.VIP))
        .ldxdw(R2, key.mem())
        .jne(R1, R2, missing); // the entry of the table was another's by then: ours is gone
  }

  /**
   * r0: the server that is chosen, whose load is one more by now.
   *
   * @return where it goes if there is none, to be bound to what the caller does then
   */
  Label choose() {
    var none = b.newLabel();
    var byPoint = b.newLabel();
    var byScore = b.newLabel();
    var taken = b.newLabel();
    b.load(R8, service().get(ServiceEntry.HEAD))
        .stxw(first.mem(), R8)
        .mov(R9, R8)
        .rsh(R9, Head.COUNT_SHIFT)
        .and(R9, Head.COUNT_MASK)
        .jeq(R9, 0, none)
        .stxw(count.mem(), R9)
        .rsh(R8, Head.POLICY_SHIFT)
        .and(R8, Head.POLICY_MASK);
    context.betweenReads();
    b.jlt(R8, Head.POLICY_LEAST_CONNECTIONS, byPoint)
        .store(attempt, 0)
        .store(seen, 0) // without CAP_PERFMON the verifier wants it on paths that are none, too
        .jeq(R8, Head.POLICY_LEAST_CONNECTIONS, byScore);
    client();
    b.labelBinding(byScore);
    score(none, taken);
    b.labelBinding(byPoint);
    point();
    searchPoint(none);
    give(none);
    b.labelBinding(taken);
    return none;
  }

  /** best: the point in the sum of the weights that the policy says. */
  private void point() {
    var random = b.newLabel();
    var search = b.newLabel();
    b.stdw(best.mem(), 0)
        .jeq(R8, Head.POLICY_SINGLE, search)
        .load(R1, first)
        .add(R1, R9)
        .sub(R1, 1)
        .store(index, R1)
        .mapLookup(Maps.MEMBERS, index)
        .jeq(R0, 0, search)
        .load(R9, member().get(MemberEntry.CUMULATIVE)) // of the last: the sum
        .jne(R8, Head.POLICY_ROUND_ROBIN, random)
        .mov(R1, 1)
        .fetchAddDw(service().get(ServiceEntry.CURSOR), R1)
        .mod(R1, R9)
        .store(best, R1)
        .ja(search)
        .labelBinding(random)
        .call(Helper.GET_PRANDOM_U32)
        .mul(R0, R9)
        .rsh(R0, Integer.SIZE)
        .store(best, R0)
        .labelBinding(search);
  }

  /** chosen: the first member whose weights reach behind the point. */
  private void searchPoint(Label none) {
    var found = b.newLabel();
    eachMember(
        none,
        () ->
            b.load(R1, first)
                .add(R1, R9)
                .store(index, R1)
                .mapLookup(Maps.MEMBERS, index)
                .jeq(R0, 0, none)
                .load(R1, member().get(MemberEntry.BACKEND))
                .store(chosen, R1)
                .load(R1, member().get(MemberEntry.CUMULATIVE))
                .load(R2, best)
                .jgt(R1, R2, found));
    b.ja(none).labelBinding(found);
  }

  /**
   * r9: the number of each member in turn, r2: how many there are. Leaves for a label behind the
   * last one, or goes on there.
   *
   * <p>The verifier walks a loop that is counted to a constant round by round, which takes tens of
   * milliseconds. With {@code may_goto} it does without the number, and is through after a few.
   */
  private void eachMember(Label end, Runnable body) {
    Runnable round =
        () -> {
          b.load(R2, count).jge(R9, R2, end);
          body.run();
        };
    if (mayGoto) {
      b.mov(R9, 0)
          .whileMayGoto(
              _ -> {
                round.run();
                b.add(R9, 1);
              });
    } else {
      b.counted(R9, Head.MOST_MEMBERS, _ -> round.run());
    }
  }

  /** client: what the policy sticks to. */
  private void client() {
    var socket = b.newLabel();
    var known = b.newLabel();
    b.jeq(R8, Head.POLICY_STICKY_SOCKET, socket);
    context.container();
    b.ja(known).labelBinding(socket);
    context.socket();
    b.labelBinding(known).lddw(R1, MIX_CLIENT).mul(R0, R1).store(client, R0);
  }

  /**
   * r0: the member with the smallest score, looked for from a random one on, so that servers with
   * the same load take turns; a server that another connect took in between is looked for again.
   *
   * <p>It begins at a random one whatever the policy: if it were the first, the verifier would know
   * the number of each round, and walk them all.
   */
  private void score(Label none, Label taken) {
    var again = b.newLabel();
    var end = b.newLabel();
    b.labelBinding(again)
        .call(Helper.GET_PRANDOM_U32)
        .load(R1, count)
        .mul(R0, R1)
        .rsh(R0, Integer.SIZE)
        .store(start, R0)
        .stdw(best.mem(), -1)
        .store(chosen, -1);
    eachMember(
        end,
        () -> {
          var wrapped = b.newLabel();
          var next = b.newLabel();
          var hash = b.newLabel();
          var scored = b.newLabel();
          b.load(R1, start)
              .add(R1, R9)
              .jlt(R1, R2, wrapped)
              .sub(R1, R2)
              .labelBinding(wrapped)
              .load(R2, first)
              .add(R1, R2)
              .store(index, R1)
              .mapLookup(Maps.MEMBERS, index)
              .jeq(R0, 0, end)
              .load(R1, member().get(MemberEntry.BACKEND))
              .store(candidate, R1)
              .load(R1, member().get(MemberEntry.WEIGHT))
              .store(index, R1)
              .mapLookup(Maps.BACKENDS, candidate)
              .jeq(R0, 0, end)
              .jne(R8, Head.POLICY_LEAST_CONNECTIONS, hash)
              .load(R3, backend().get(BackendEntry.LOAD))
              .mov(R1, R3)
              .add(R1, 1)
              .lsh(R1, LOAD_SHIFT)
              .load(R2, index)
              .div(R1, R2)
              .ja(scored)
              .labelBinding(hash)
              .load(R1, backend().get(BackendEntry.WORD))
              .lddw(R2, MIX_SERVER)
              .mul(R1, R2)
              .load(R2, client)
              .xor(R1, R2)
              .mov(R2, R1)
              .rsh(R2, Integer.SIZE)
              .xor(R1, R2)
              .lddw(R2, MIX_CLIENT)
              .mul(R1, R2)
              .rsh(R1, 1)
              .mov(R3, 0)
              .labelBinding(scored)
              .load(R2, best)
              .jge(R1, R2, next)
              .store(best, R1)
              .store(seen, R3)
              .load(R1, candidate)
              .store(chosen, R1)
              .labelBinding(next);
        });
    b.labelBinding(end);
    context.betweenReads();
    b.mapLookup(Maps.BACKENDS, chosen)
        .jeq(R0, 0, none)
        .mov(R1, 1)
        .fetchAddDw(backend().get(BackendEntry.LOAD), R1)
        .jne(R8, Head.POLICY_LEAST_CONNECTIONS, taken)
        .load(R2, seen)
        .jeq(R1, R2, taken)
        .load(R2, attempt)
        .jge(R2, ATTEMPTS, taken)
        .add(R2, 1)
        .store(attempt, R2)
        .mov(R1, -1)
        .atomicAddDw(backend().get(BackendEntry.LOAD), R1)
        .ja(again);
  }

  /** r0 is the server, which has one connection more. */
  private void give(Label none) {
    context.betweenReads();
    b.mapLookup(Maps.BACKENDS, chosen)
        .jeq(R0, 0, none)
        .mov(R1, 1)
        .atomicAddDw(backend().get(BackendEntry.LOAD), R1);
  }

  private static StructRef<ServiceEntry> service() {
    return ServiceEntry.STRUCT.at(R7);
  }

  private static StructRef<MemberEntry> member() {
    return MemberEntry.STRUCT.at(R0);
  }

  private static StructRef<BackendEntry> backend() {
    return BackendEntry.STRUCT.at(R0);
  }
}
