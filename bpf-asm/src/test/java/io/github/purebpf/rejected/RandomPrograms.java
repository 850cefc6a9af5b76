package io.github.purebpf.rejected;

import static io.github.purebpf.insn.Reg.FP;
import static io.github.purebpf.insn.Reg.R0;
import static io.github.purebpf.insn.Reg.R1;
import static io.github.purebpf.insn.Reg.R2;
import static io.github.purebpf.insn.Reg.R3;
import static io.github.purebpf.insn.Reg.R4;
import static io.github.purebpf.insn.Reg.R6;
import static io.github.purebpf.rejected.RandomInsns.move;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.check.CheckOptions;
import io.github.purebpf.insn.Alu;
import io.github.purebpf.insn.AluOp;
import io.github.purebpf.insn.Atomic;
import io.github.purebpf.insn.AtomicOp;
import io.github.purebpf.insn.Branch;
import io.github.purebpf.insn.Cond;
import io.github.purebpf.insn.Exit;
import io.github.purebpf.insn.HelperCall;
import io.github.purebpf.insn.Imm;
import io.github.purebpf.insn.Imm64;
import io.github.purebpf.insn.Insn;
import io.github.purebpf.insn.Jump;
import io.github.purebpf.insn.Load;
import io.github.purebpf.insn.LoadImm64;
import io.github.purebpf.insn.LocalCall;
import io.github.purebpf.insn.MayGoto;
import io.github.purebpf.insn.MemSize;
import io.github.purebpf.insn.Reg;
import io.github.purebpf.insn.Src;
import io.github.purebpf.insn.Store;
import io.github.purebpf.insn.Width;
import io.github.purebpf.uapi.ProgramType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Random programs with the structure of real ones: nested branches, decidable and not, loops, map
 * lookups, packet checks, functions, and now and then a mistake, often where only a path leads that
 * the verifier can prove dead.
 */
public final class RandomPrograms {
  private static final Set<ProgramType> WITH_PACKETS =
      Set.of(ProgramType.XDP, ProgramType.SCHED_CLS, ProgramType.CGROUP_SKB);

  private static final List<Cond> CONDITIONS = List.of(Cond.values());

  private final RandomGenerator random;
  private final CheckOptions options;
  private final RandomInsns insns;

  private RandomPrograms(RandomGenerator random, CheckOptions options) {
    this.random = random;
    this.options = options;
    insns = new RandomInsns(random, options, List.of(0.0, 0.02, 0.06).get(random.nextInt(3)));
  }

  /** A program, the same for the same random numbers; it uses only maps that the options know. */
  public static BpfCode next(RandomGenerator random, CheckOptions options) {
    return BpfCode.of(new RandomPrograms(random, options).program());
  }

  private List<Insn> program() {
    var main = new ArrayList<Insn>();
    main.add(move(R6, R1));
    for (int i = 7; i <= 9; i++) {
      if (!insns.mistake()) {
        main.add(random.nextBoolean() ? insns.constant(Reg.of(i)) : insns.fresh(Reg.of(i)));
      }
    }
    boolean functions = random.nextInt(4) == 0;
    if (functions) {
      main.addAll(List.of(move(R1, R6), new LocalCall(0)));
    }
    main.addAll(block(1 + random.nextInt(3)));
    if (!insns.mistake()) {
      main.add(move(R0, insns.mistake() ? insns.number() : 1));
    }
    main.add(new Exit());
    if (!functions) {
      main.replaceAll(insn -> insn instanceof LocalCall ? move(R0, 0) : insn);
      return main;
    }
    int start = slots(main);
    main.addAll(function());
    return linked(main, start);
  }

  private List<Insn> function() {
    var function = new ArrayList<Insn>();
    function.add(move(R6, R1));
    for (int i = 7; i <= 9; i++) {
      function.add(insns.constant(Reg.of(i)));
    }
    function.addAll(straight(block(1)));
    function.replaceAll(insn -> insn instanceof LocalCall ? move(R0, 0) : insn);
    function.add(move(R0, 0));
    function.add(new Exit());
    return function;
  }

  private static List<Insn> linked(List<Insn> all, int start) {
    int slot = 0;
    for (int i = 0; i < all.size(); i++) {
      if (all.get(i) instanceof LocalCall) {
        all.set(i, new LocalCall(start - slot - 1));
      }
      slot += all.get(i).slots();
    }
    return all;
  }

  /** Without branches and exits. */
  private static List<Insn> straight(List<Insn> block) {
    var straight = new ArrayList<Insn>();
    for (var insn : block) {
      boolean jumps = insn instanceof Branch || insn instanceof Jump || insn instanceof MayGoto;
      straight.add(jumps || insn instanceof Exit ? move(R0, 0) : insn);
    }
    return straight;
  }

  private List<Insn> block(int depth) {
    var block = new ArrayList<Insn>();
    int length = 1 + random.nextInt(4);
    for (int i = 0; i < length; i++) {
      switch (random.nextInt(depth > 0 ? 14 : 8)) {
        case 8, 9, 10 -> block.addAll(branch(depth));
        case 11 -> block.addAll(dead(depth));
        case 12 -> block.addAll(lookup(depth));
        case 13 -> block.addAll(random.nextInt(3) == 0 ? loop() : packet(depth));
        default -> block.addAll(insns.next());
      }
    }
    return block;
  }

  private List<Insn> branch(int depth) {
    var then = block(depth - 1);
    List<Insn> otherwise = List.of();
    if (random.nextInt(5) == 0) {
      then.addAll(List.of(move(R0, 1), new Exit()));
    } else if (random.nextInt(3) == 0) {
      otherwise = block(depth - 1);
      then.add(new Jump(slots(otherwise)));
    }
    var branch = new ArrayList<Insn>();
    var dst = insns.source();
    if (random.nextBoolean()) {
      branch.add(insns.fresh(dst));
    }
    Src src = random.nextInt(6) == 0 ? insns.source() : new Imm(insns.number());
    var cond = CONDITIONS.get(random.nextInt(CONDITIONS.size()));
    branch.add(new Branch(insns.width(), cond, dst, src, slots(then)));
    branch.addAll(then);
    branch.addAll(otherwise);
    return branch;
  }

  /** A branch that the verifier can decide, with a mistake on the side that is never taken. */
  private List<Insn> dead(int depth) {
    var dead = new ArrayList<Insn>();
    var reg = insns.target();
    int value = insns.number();
    dead.add(move(reg, value));
    if (random.nextInt(3) == 0) {
      dead.add(new Alu(Width.W64, AluOp.AND, reg, new Imm(value)));
    }
    var then = random.nextBoolean() ? block(depth - 1) : new ArrayList<Insn>();
    then.add(random.nextBoolean() ? insns.rejected() : move(Reg.R9, Reg.of(random.nextInt(6))));
    var cond = random.nextBoolean() ? Cond.EQ : Cond.ULE;
    dead.add(new Branch(Width.W64, cond, reg, new Imm(value), slots(then)));
    dead.addAll(then);
    return dead;
  }

  private List<Insn> lookup(int depth) {
    var lookup = new ArrayList<Insn>();
    int key = -4 * (1 + random.nextInt(4));
    Src value = random.nextBoolean() ? new Imm(random.nextInt(6)) : insns.source();
    lookup.add(new Store(MemSize.W, FP.at(key), value));
    lookup.add(move(R2, FP));
    lookup.add(new Alu(Width.W64, AluOp.ADD, R2, new Imm(insns.mistake() ? -2 : key)));
    lookup.add(new LoadImm64(R1, new Imm64.NamedMap(insns.map())));
    lookup.add(new HelperCall(1));
    var then = new ArrayList<Insn>();
    int offset = insns.mistake() ? 8 : 0;
    then.add(new Load(random.nextBoolean() ? MemSize.W : MemSize.DW, false, R3, R0.at(offset)));
    then.add(new Store(MemSize.W, R0.at(4), new Imm(7)));
    if (random.nextInt(3) == 0) {
      then.add(new Atomic(AtomicOp.FETCH_ADD, MemSize.DW, R0.at(0), R3));
    }
    then.addAll(block(depth - 1));
    if (!insns.mistake() && random.nextInt(5) > 0) {
      lookup.add(new Branch(Width.W64, Cond.EQ, R0, new Imm(0), slots(then)));
    } else if (!insns.mistake()) {
      lookup.add(new Branch(Width.W64, Cond.NE, R0, new Imm(0), 1));
      lookup.add(new Jump(slots(then)));
    }
    lookup.addAll(then);
    return lookup;
  }

  private List<Insn> packet(int depth) {
    if (options.type().filter(WITH_PACKETS::contains).isEmpty()) {
      return branch(depth);
    }
    int data = options.type().equals(Optional.of(ProgramType.XDP)) ? 0 : 76;
    var packet = new ArrayList<Insn>();
    packet.add(new Load(MemSize.W, false, R2, R6.at(data)));
    packet.add(new Load(MemSize.W, false, R3, R6.at(data + 4)));
    packet.add(move(R4, R2));
    int length = 1 + random.nextInt(20);
    packet.add(new Alu(Width.W64, AluOp.ADD, R4, new Imm(length)));
    var then = new ArrayList<Insn>();
    var size = length >= 8 ? insns.size() : MemSize.B;
    int limit = insns.mistake() ? 30 : length - size.bytes() + 1;
    then.add(new Load(size, false, R0, R2.at(random.nextInt(limit))));
    then.addAll(block(depth - 1));
    switch (random.nextInt(4)) {
      case 0 -> packet.add(new Branch(Width.W64, Cond.ULT, R3, R4, slots(then)));
      case 1 -> {
        packet.add(new Branch(Width.W64, Cond.ULE, R4, R3, 1));
        packet.add(new Jump(slots(then)));
      }
      default -> packet.add(new Branch(Width.W64, Cond.UGT, R4, R3, slots(then)));
    }
    packet.addAll(then);
    return packet;
  }

  /** A loop that leaves its counter alone, or now and then one that the kernel leaves. */
  private List<Insn> loop() {
    var counter = Reg.of(7 + random.nextInt(3));
    var loop = new ArrayList<Insn>();
    loop.add(move(R0, insns.source()));
    loop.add(new Store(insns.size(), FP.at(-8 * (1 + random.nextInt(4))), R0));
    loop.add(insns.mistake() ? insns.rejected() : new HelperCall(7));
    loop.add(new Alu(Width.W64, AluOp.ADD, counter, new Imm(1)));
    int back = -slots(loop) - 1;
    loop.add(
        random.nextInt(4) == 0
            ? new MayGoto(MayGoto.Kind.MAY_GOTO, back)
            : new Branch(Width.W64, Cond.ULT, counter, new Imm(1 + random.nextInt(90)), back));
    loop.addFirst(move(counter, 0));
    return loop;
  }

  private static int slots(List<Insn> insns) {
    return insns.stream().mapToInt(Insn::slots).sum();
  }
}
