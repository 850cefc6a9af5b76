package io.github.purebpf.rejected;

import static io.github.purebpf.insn.Reg.FP;
import static io.github.purebpf.insn.Reg.R1;
import static io.github.purebpf.insn.Reg.R2;
import static io.github.purebpf.insn.Reg.R6;

import io.github.purebpf.check.CheckOptions;
import io.github.purebpf.insn.Alu;
import io.github.purebpf.insn.AluOp;
import io.github.purebpf.insn.ByteSwap;
import io.github.purebpf.insn.HelperCall;
import io.github.purebpf.insn.Imm;
import io.github.purebpf.insn.Imm64;
import io.github.purebpf.insn.Insn;
import io.github.purebpf.insn.Load;
import io.github.purebpf.insn.LoadImm64;
import io.github.purebpf.insn.LocalCall;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.insn.MemSize;
import io.github.purebpf.insn.MovSx;
import io.github.purebpf.insn.Neg;
import io.github.purebpf.insn.RawInsn;
import io.github.purebpf.insn.Reg;
import io.github.purebpf.insn.Slot;
import io.github.purebpf.insn.Src;
import io.github.purebpf.insn.Store;
import io.github.purebpf.insn.Width;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.random.RandomGenerator;

/** Random instructions that go straight on, most of them right: r6 is the context, r7 to r9 set. */
final class RandomInsns {
  private static final List<MemSize> SIZES = List.of(MemSize.values());
  private static final List<AluOp> OPERATIONS = List.of(AluOp.values());
  private static final int[] HELPERS = {1, 2, 3, 5, 6, 7, 8, 14, 15, 16, 25, 46, 69, 87, 131, 132};
  private static final int[] CONSTANTS = {0, 1, 2, 3, 5, 7, 8, 255, 256, -1, -2, 65535, 1 << 30};

  private final RandomGenerator random;
  private final CheckOptions options;
  private final double mistakes;

  RandomInsns(RandomGenerator random, CheckOptions options, double mistakes) {
    this.random = random;
    this.options = options;
    this.mistakes = mistakes;
  }

  List<Insn> next() {
    return switch (random.nextInt(9)) {
      case 0, 1 -> List.of(arithmetic());
      case 2 -> List.of(random.nextBoolean() ? constant(target()) : fresh(target()));
      case 3, 4 -> stack();
      case 5 -> helper();
      case 6 -> pointer();
      case 7 -> List.of(random.nextInt(12) == 0 ? move(target(), number()) : fresh(target()));
      default -> List.of(mistake() ? rejected() : move(target(), source()));
    };
  }

  private Insn arithmetic() {
    var op = OPERATIONS.get(random.nextInt(OPERATIONS.size()));
    var width = width();
    var dst = target();
    if (random.nextInt(8) == 0) {
      return switch (random.nextInt(3)) {
        case 0 -> new Neg(width, dst);
        case 1 -> new ByteSwap(ByteSwap.Order.TO_BE, 16 << random.nextInt(3), dst);
        default -> new MovSx(width, MemSize.B, dst, source());
      };
    }
    if (random.nextBoolean()) {
      return new Alu(width, op, dst, source());
    }
    int constant = number();
    boolean shift = op == AluOp.LSH || op == AluOp.RSH || op == AluOp.ARSH;
    return new Alu(width, op, dst, new Imm(shift ? constant & 31 : constant == 0 ? 1 : constant));
  }

  private List<Insn> stack() {
    var size = size();
    int offset = -size.bytes() * (1 + random.nextInt(4));
    if (mistake()) {
      offset += random.nextInt(3) == 0 ? -512 : 1;
    }
    var mem = FP.at(offset);
    boolean signed = random.nextInt(9) == 0 && size != MemSize.DW;
    return switch (random.nextInt(4)) {
      case 0 -> List.of(new Store(size, mem, source()));
      case 1 -> List.of(new Store(size, mem, new Imm(random.nextInt(100))));
      case 2 ->
          List.of(new Store(MemSize.DW, FP.at(-8), source()), new Load(size, false, target(), mem));
      default -> List.of(new Load(size, signed, target(), mem));
    };
  }

  private List<Insn> helper() {
    if (random.nextBoolean()) {
      return List.of(new HelperCall(new int[] {5, 7, 8}[random.nextInt(3)]));
    }
    if (mistake()) {
      return anyHelper();
    }
    if (random.nextInt(3) == 0) {
      return List.of(move(R1, R6), new LocalCall(0));
    }
    return List.of(
        move(R1, FP),
        new Alu(Width.W64, AluOp.ADD, R1, new Imm(mistake() ? -8 : -16)),
        move(R2, 16),
        new HelperCall(16));
  }

  /** A helper with arguments that may suit it. */
  private List<Insn> anyHelper() {
    var call = new ArrayList<Insn>();
    for (int i = 1; i <= 5; i++) {
      var reg = Reg.of(i);
      switch (random.nextInt(5)) {
        case 0 -> call.add(move(reg, R6));
        case 1 -> {
          call.add(move(reg, FP));
          call.add(new Alu(Width.W64, AluOp.ADD, reg, new Imm(-8 * random.nextInt(6))));
        }
        case 2 -> call.add(move(reg, random.nextInt(20)));
        case 3 -> call.add(new LoadImm64(reg, new Imm64.NamedMap(map())));
        default -> call.add(move(reg, source()));
      }
    }
    boolean usual = random.nextBoolean();
    int id = usual ? HELPERS[random.nextInt(HELPERS.length)] : random.nextInt(212);
    call.add(new HelperCall(id));
    return call;
  }

  /** One of the maps that the options know. */
  MapRef map() {
    var maps = options.maps().keySet().stream().sorted(Comparator.comparing(MapRef::name)).toList();
    return maps.get(random.nextInt(maps.size()));
  }

  private List<Insn> pointer() {
    var reg = Reg.of(1 + random.nextInt(5));
    int offset = -8 * (1 + random.nextInt(3));
    return switch (random.nextInt(4)) {
      case 0 ->
          List.of(
              move(reg, FP),
              new Alu(mistake() ? Width.W32 : Width.W64, AluOp.ADD, reg, new Imm(offset)),
              new Store(MemSize.DW, reg.at(mistake() ? 16 : 0), source()));
      case 1 ->
          List.of(
              move(reg, R6),
              new Load(MemSize.W, false, reg, reg.at(contextField() + (mistake() ? 1 : 0))));
      case 2 ->
          List.of(
              new Store(MemSize.DW, FP.at(-24), R6),
              new Load(mistake() ? MemSize.W : MemSize.DW, false, reg, FP.at(-24)),
              new Load(MemSize.W, false, reg, reg.at(mistake() ? 400 : contextField())));
      default -> List.of(move(reg, FP), new Alu(Width.W64, AluOp.SUB, reg, R6));
    };
  }

  /** Something that the verifier rejects, if it sees it. */
  Insn rejected() {
    var dst = Reg.of(random.nextInt(10));
    return switch (random.nextInt(10)) {
      case 0 -> new Load(MemSize.W, false, dst, dst.at(0));
      case 1 -> new RawInsn(new Slot(0x37, random.nextInt(10), 0, 0, 0));
      case 2 -> new RawInsn(new Slot(0xb7, random.nextInt(12), random.nextInt(3), 0, 1));
      case 3 -> new RawInsn(new Slot(0xbf, 10, random.nextInt(10), 0, 0));
      case 4 -> new Store(MemSize.W, FP.at(0), new Imm(1));
      case 5 -> new Alu(Width.W64, AluOp.MUL, dst, FP);
      case 6 -> new RawInsn(new Slot(0x67, random.nextInt(10), 0, 0, 64));
      case 7 -> new HelperCall(random.nextInt(230));
      case 8 -> new RawInsn(new Slot(random.nextInt(256), 1, 2, 0, random.nextInt(3)));
      default -> move(dst, Reg.of(random.nextInt(10)));
    };
  }

  /** A number that the verifier knows nothing about. */
  Insn fresh(Reg reg) {
    return new Load(MemSize.W, false, reg, R6.at(contextField()));
  }

  Insn constant(Reg reg) {
    return move(reg, number());
  }

  /** A field that the program type may read in four bytes. */
  private int contextField() {
    return options
        .type()
        .map(
            type ->
                switch (type) {
                  case XDP -> 12 + 4 * random.nextInt(2);
                  case CGROUP_SOCK_ADDR -> List.of(0, 4, 24, 28).get(random.nextInt(4));
                  default -> 4 * random.nextInt(3);
                })
        .orElse(0);
  }

  int number() {
    return CONSTANTS[random.nextInt(CONSTANTS.length)];
  }

  MemSize size() {
    return SIZES.get(random.nextInt(SIZES.size()));
  }

  Width width() {
    return random.nextInt(3) == 0 ? Width.W32 : Width.W64;
  }

  boolean mistake() {
    return random.nextDouble() < mistakes;
  }

  /** A register that most probably has a value. */
  Reg source() {
    return mistake() ? Reg.of(random.nextInt(10)) : Reg.of(7 + random.nextInt(3));
  }

  Reg target() {
    return mistake() ? Reg.of(random.nextInt(6)) : Reg.of(7 + random.nextInt(3));
  }

  static Insn move(Reg dst, Src src) {
    return new Alu(Width.W64, AluOp.MOV, dst, src);
  }

  static Insn move(Reg dst, int value) {
    return move(dst, new Imm(value));
  }
}
