package io.github.purebpf.bpf;

import static io.github.purebpf.insn.Reg.FP;
import static io.github.purebpf.insn.Reg.R0;
import static io.github.purebpf.insn.Reg.R1;
import static io.github.purebpf.insn.Reg.R2;
import static io.github.purebpf.insn.Reg.R6;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.asm.Arg;
import io.github.purebpf.asm.BpfBuilder;
import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.bpf.error.VerifierException;
import io.github.purebpf.insn.Mem;
import io.github.purebpf.insn.MemSize;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import io.github.purebpf.uapi.Helper;
import io.github.purebpf.uapi.ProgramFlags;
import io.github.purebpf.uapi.ProgramType;
import io.github.purebpf.uapi.SkBuff;
import io.github.purebpf.uapi.XdpMd;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The usual mistakes, made with the DSL: what the running kernel says, and what we add. */
@RequiresKernel
@NoLeakedFds
class VerifierHintIT {
  /**
   * A program that is rejected.
   *
   * @param reason a part of the kernel's reason
   * @param insn a part of the instruction; empty if the kernel names none
   * @param hint a part of the hint
   * @param line the Java line of the instruction; 0 if the kernel names none
   */
  record Mistake(String reason, String insn, String hint, ProgramSpec spec, int line) {
    @Override
    public String toString() {
      return reason;
    }
  }

  private static final List<Mistake> MISTAKES = new ArrayList<>();
  private static int line;

  /** The mistake is in the next line. */
  private static void next() {
    line =
        StackWalker.getInstance()
            .walk(frames -> frames.skip(1).findFirst().orElseThrow().getLineNumber() + 1);
  }

  private static void mistake(
      ProgramType type, String reason, String insn, String hint, Consumer<BpfBuilder> body) {
    mistake(type, reason, insn, hint, spec -> spec, body);
  }

  private static void mistake(
      ProgramType type,
      String reason,
      String insn,
      String hint,
      UnaryOperator<ProgramSpec> change,
      Consumer<BpfBuilder> body) {
    line = 0;
    var code = BpfCode.build(body);
    var spec = new ProgramSpec("mistake", type, Optional.empty(), code, "GPL", 0);
    MISTAKES.add(new Mistake(reason, insn, hint, change.apply(spec), line));
  }

  static {
    mistake(
        ProgramType.SCHED_CLS,
        "R0 invalid mem access 'map_value_or_null'",
        "(61) r1 = *(u32 *)(r0 +0)",
        "r0 may be null: use it inside ifNonNull(r0, …) only",
        b -> {
          var key = b.stackSlot(MemSize.W);
          b.store(key, 1).mapLookup(Fixtures.SERVICES, key);
          next();
          b.ldxw(R1, new Mem(R0, 0));
          b.returning(0);
        });
    mistake(
        ProgramType.SCHED_CLS,
        "R2 invalid mem access 'scalar'",
        "(61) r0 = *(u32 *)(r2 +0)",
        "r2 holds a number here, not a pointer",
        b -> {
          b.mov(R2, 5);
          next();
          b.ldxw(R0, new Mem(R2, 0));
          b.exit();
        });
    mistake(
        ProgramType.SCHED_CLS,
        "R0 !read_ok",
        "(95) exit",
        "r0 is the result: set it on every path",
        b -> {
          next();
          b.exit();
        });
    mistake(
        ProgramType.SCHED_CLS,
        "R1 !read_ok",
        "(bf) r0 = r1",
        "r1 has no value here: calls destroy r1 to r5",
        b -> {
          b.call(Helper.KTIME_GET_NS);
          next();
          b.mov(R0, R1);
          b.exit();
        });
    mistake(
        ProgramType.SCHED_CLS,
        "R6 !read_ok",
        "(bf) r0 = r6",
        "r6 is read before anything was put into it",
        b -> {
          next();
          b.mov(R0, R6);
          b.exit();
        });
    mistake(
        ProgramType.XDP,
        "invalid access to packet",
        "(71) r0 = *(u8 *)(r2 +0)",
        "ifPacketHas(",
        b -> {
          b.load(R2, b.keepContext(R6, XdpMd.class).get(XdpMd.DATA));
          next();
          b.ldxb(R0, new Mem(R2, 0));
          b.exit();
        });
    mistake(
        ProgramType.SCHED_CLS,
        "infinite loop detected",
        "r2",
        "counted(counter, limit, …) counts",
        b -> {
          b.ldxw(R2, R1.at(SkBuff.LEN));
          var top = b.newLabel();
          b.labelBinding(top);
          next();
          b.jne(R2, 1, top);
          b.returning(0);
        });
    mistake(
        ProgramType.SCHED_CLS,
        "unreachable insn 2",
        "slot 2: r0 = 1",
        "no path leads there",
        b -> {
          b.returning(0);
          next();
          b.function(b.newFunction("unused"), f -> f.mov(R0, 1).exit());
        });
    mistake(
        ProgramType.XDP,
        "bpf_skb_vlan_pop",
        "(85) call bpf_skb_vlan_pop#19",
        "this type of program may not call bpf_skb_vlan_pop, or the kernel is older than it",
        b -> {
          next();
          b.call(Helper.SKB_VLAN_POP);
          b.exit();
        });
    mistake(
        ProgramType.SCHED_CLS,
        "cannot call GPL-restricted function from non-GPL compatible program",
        "(85) call bpf_trace_printk#6",
        "withLicense(\"GPL\")",
        spec -> spec.withLicense(""),
        b -> {
          var format = b.stackSlot(MemSize.W);
          b.store(format, 'x').addressOf(R1, format).mov(R2, 4);
          next();
          b.call(Helper.TRACE_PRINTK);
          b.exit();
        });
    mistake(
        ProgramType.SCHED_CLS,
        "invalid bpf_context access off=0 size=8",
        "(79) r0 = *(u64 *)(r1 +0)",
        "load(…, ctx.get(field)) takes the field's own size",
        b -> {
          next();
          b.ldxdw(R0, new Mem(R1, 0));
          b.exit();
        });
    mistake(
        ProgramType.SCHED_CLS,
        "BPF program is too large. Processed 1000001 insn",
        "",
        "loop(…) or whileMayGoto(…) is walked once",
        b -> b.counted(R6, 2_000_000, body -> body.mov(R1, 0)).returning(0));
    mistake(
        ProgramType.SCHED_CLS,
        "Unreleased reference",
        "(95) exit",
        "is to be released on every path",
        b -> {
          var high = b.stackSlot(MemSize.DW);
          var low = b.stackSlot(MemSize.DW);
          b.mov(R6, R1).store(high, 0).store(low, 0);
          b.call(
              Helper.SK_LOOKUP_TCP,
              Arg.reg(R6),
              Arg.addressOf(low),
              Arg.imm(12),
              Arg.imm(-1),
              Arg.imm(0));
          b.mov(R0, 0);
          next();
          b.exit();
        });
    mistake(
        ProgramType.SCHED_CLS,
        "invalid access to map value, value_size=4",
        "(71) r0 = *(u8 *)(r0 +0)",
        "the access may go beyond the value",
        b -> {
          var key = b.stackSlot(MemSize.W);
          b.ldxw(R6, R1.at(SkBuff.LEN)).and(R6, 7);
          b.store(key, 1).mapLookup(Fixtures.SERVICES, key);
          b.ifNonNull(
              R0,
              hit -> {
                hit.add(R0, R6);
                next();
                hit.ldxb(R0, new Mem(R0, 0));
                hit.exit();
              });
          b.returning(0);
        });
    mistake(
        ProgramType.SCHED_CLS,
        "R0 unbounded memory access",
        "(71) r0 = *(u8 *)(r0 +0)",
        "bound r0 first",
        b -> {
          var key = b.stackSlot(MemSize.W);
          b.ldxw(R6, R1.at(SkBuff.LEN));
          b.store(key, 1).mapLookup(Fixtures.SERVICES, key);
          b.ifNonNull(
              R0,
              hit -> {
                hit.add(R0, R6);
                next();
                hit.ldxb(R0, new Mem(R0, 0));
                hit.exit();
              });
          b.returning(0);
        });
    mistake(
        ProgramType.CGROUP_SKB,
        "At program exit the register R0 has",
        "(95) exit",
        "this type of program may only return certain values",
        b -> {
          b.mov(R0, 2);
          next();
          b.exit();
        });
    mistake(
        ProgramType.SCHED_CLS,
        "last insn is not an exit or jmp",
        "",
        "the program runs off its end",
        b -> b.mov(R0, 0));
    mistake(
        ProgramType.SCHED_CLS,
        "invalid write to stack R10 off=-520 size=8",
        "(7a) *(u64 *)(r10 -520) = 0",
        "there are 512 bytes of stack",
        b -> {
          next();
          b.stdw(FP.at(-520), 0);
          b.returning(0);
        });
    mistake(
        ProgramType.SCHED_CLS,
        "misaligned stack access",
        "(7a) *(u64 *)(r10 -12) = 0",
        "a multiple of the size of the access",
        spec -> spec.withFlags(ProgramFlags.STRICT_ALIGNMENT),
        b -> {
          next();
          b.stdw(FP.at(-12), 0);
          b.returning(0);
        });
    mistake(
        ProgramType.SCHED_CLS,
        "R1 type=scalar expected=map_ptr",
        "(85) call bpf_map_lookup_elem#1",
        "the call expects something else in r1",
        b -> {
          b.mov(R1, 5).mov(R2, FP);
          next();
          b.call(Helper.MAP_LOOKUP_ELEM);
          b.exit();
        });
    mistake(
        ProgramType.SCHED_CLS,
        "R1 pointer arithmetic with *= operator prohibited",
        "(27) r1 *= 2",
        "pointers only take additions and subtractions",
        b -> {
          next();
          b.mul(R1, 2);
          b.returning(0);
        });
    mistake(
        ProgramType.SCHED_CLS,
        "missing btf func_info",
        "",
        "load without withoutSourceInfo()",
        ProgramSpec::withoutSourceInfo,
        b -> {
          var nothing = b.newFunction("nothing");
          b.loop(10, nothing, Arg.imm(0)).returning(0);
          b.function(nothing, f -> f.returning(0));
        });
    mistake(
        ProgramType.SYSCALL,
        "Syscall programs can only be sleepable",
        "",
        "withFlags(ProgramFlags.SLEEPABLE)",
        b -> b.returning(0));
  }

  static List<Mistake> mistakes() {
    return MISTAKES;
  }

  @ParameterizedTest
  @MethodSource("mistakes")
  void aMistakeIsExplained(Mistake mistake) {
    try (var map = BpfMap.create(Fixtures.SERVICES_SPEC)) {
      var e = assertThrows(VerifierException.class, () -> BpfProgram.load(mistake.spec(), map));
      assertTrue(e.summary().contains(mistake.reason()), e.getMessage());
      assertTrue(e.hint().orElse("").contains(mistake.hint()), e.getMessage());
      assertTrue(e.getMessage().endsWith("; hint: " + e.hint().orElseThrow()), e.getMessage());
      assertTrue(e.getMessage().contains(mistake.insn()), e.getMessage());
      assertTrue(!e.getMessage().contains("\n"), e.getMessage());
      if (mistake.line() > 0) {
        var line = e.sourceLine().orElseThrow();
        assertEquals("VerifierHintIT.java", line.file());
        assertEquals(mistake.line(), line.line(), e.getMessage());
        assertTrue(e.getMessage().contains(" at " + line + ", slot "), e.getMessage());
      }
    }
  }
}
