package io.github.purebpf.bpf.inspect;

import static io.github.purebpf.insn.Reg.R0;
import static io.github.purebpf.insn.Reg.R1;
import static io.github.purebpf.insn.Reg.R2;
import static io.github.purebpf.insn.Reg.R3;
import static io.github.purebpf.insn.Reg.R6;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.asm.Arg;
import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.bpf.BpfMap;
import io.github.purebpf.bpf.BpfProgram;
import io.github.purebpf.bpf.Codec;
import io.github.purebpf.bpf.KernelMap;
import io.github.purebpf.bpf.MapSpec;
import io.github.purebpf.bpf.ProgramSpec;
import io.github.purebpf.insn.HelperCall;
import io.github.purebpf.insn.Imm64;
import io.github.purebpf.insn.Kfunc;
import io.github.purebpf.insn.KfuncCall;
import io.github.purebpf.insn.LoadImm64;
import io.github.purebpf.insn.LocalCall;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.insn.Mem;
import io.github.purebpf.insn.MemSize;
import io.github.purebpf.testkit.Bpftool;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import io.github.purebpf.text.AsmText;
import io.github.purebpf.text.Dialect;
import io.github.purebpf.uapi.BpfSockAddr;
import io.github.purebpf.uapi.Helper;
import io.github.purebpf.uapi.ProgramType;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The listing of what runs, beside that of bpftool. */
@RequiresKernel
@NoLeakedFds
class XlatedCodeIT {
  private static final MapRef HASH = new MapRef("hash");
  private static final MapRef ARRAY = new MapRef("array");

  /** As the redirector's: its context's fields become those of the kernel's structs. */
  private static final BpfCode REDIRECT =
      BpfCode.build(
          b -> {
            var ctx = b.keepContext(R6, BpfSockAddr.class);
            var vip = b.stackSlot(MemSize.W);
            b.load(R2, ctx.get(BpfSockAddr.USER_IP4))
                .store(vip, R2)
                .mapLookup(HASH, vip)
                .ifNonNull(
                    R0,
                    hit -> hit.ldxw(R1, new Mem(R0, 0)).store(ctx.get(BpfSockAddr.USER_IP4), R1))
                .returning(1);
          });

  /** Inlined and called helpers, both ways to a map's value, a large constant. */
  private static final BpfCode MAPS =
      BpfCode.build(
          b -> {
            var key = b.stackSlot(MemSize.W);
            b.store(key, 0)
                .mapLookup(HASH, key)
                .mapLookup(ARRAY, key)
                .lddw(R1, new Imm64.NamedMapValue(ARRAY, 4))
                .call(Helper.GET_PRANDOM_U32)
                .call(Helper.KTIME_GET_NS)
                .call(Helper.GET_SMP_PROCESSOR_ID)
                .lddw(R3, 0x1122334455667788L)
                .returning(0);
          });

  /** A callback whose loop is inlined, a function that is called, kernel functions. */
  private static final BpfCode FUNCTIONS =
      BpfCode.build(
          b -> {
            var add = b.newFunction("add_round");
            var twice = b.newFunction("twice");
            var sum = b.stackSlot(MemSize.DW);
            b.store(sum, 0)
                .loop(10, add, Arg.addressOf(sum))
                .with(new KfuncCall(new Kfunc.Named("bpf_rcu_read_lock")))
                .with(new KfuncCall(new Kfunc.Named("bpf_rcu_read_unlock")))
                .ldxdw(R1, sum)
                .call(twice)
                .exit();
            b.function(
                add,
                f ->
                    f.ldxdw(R0, new Mem(R2, 0)).add(R0, R1).stxdw(new Mem(R2, 0), R0).returning(0));
            b.function(twice, f -> f.mov(R0, R1).add(R0, R1).exit());
          });

  private static final Pattern LISTED = Pattern.compile("(?m)^ *(\\d+): \\(([0-9a-f]{2})\\) (.*)$");
  private static final Pattern SOURCE = Pattern.compile("(?m)^; .* \\[file:.*]$");

  /**
   * Where we differ from bpftool on purpose: the number behind a call, which with us is that of the
   * helper or missing; and the address of a CPU's own data, which bpftool before 7.5 takes for a
   * plain move.
   */
  private static String normal(String text) {
    return text.replaceFirst("^(call [^#]*)#.*$", "$1")
        .replaceFirst("^(r\\d) = &\\(void __percpu \\*\\)\\((r\\d)\\)$", "$1 = $2");
  }

  private static List<String> listed(String listing) {
    return LISTED
        .matcher(listing)
        .results()
        .map(line -> line.group(1) + " " + line.group(2) + " " + normal(line.group(3)))
        .toList();
  }

  private static List<String> sources(String listing) {
    return SOURCE.matcher(listing).results().map(line -> line.group()).toList();
  }

  private static ProgramSpec classifier(BpfCode code) {
    return new ProgramSpec("it_xlated", ProgramType.SCHED_CLS, Optional.empty(), code, "GPL", 0);
  }

  private static void check(ProgramSpec spec, Consumer<XlatedCode> more) {
    try (var hash = BpfMap.create(MapSpec.hash(HASH, Codec.u32(), Codec.u32(), 4));
        var array = BpfMap.create(MapSpec.array(ARRAY, Codec.s64(), 1));
        var program = BpfProgram.load(spec, new KernelMap[] {hash, array})) {
      var code = XlatedCode.of(program);
      assertEquals(code, KernelObjects.code(program.id()).orElseThrow());
      var id = Integer.toString(program.id());
      var expected = Bpftool.run("prog", "dump", "xlated", "id", id, "linum");
      assertEquals(listed(expected), listed(code.toString()), code::toString);
      assertEquals(sources(expected), sources(code.toString()));
      for (var function : code.functions()) {
        assertTrue(
            code.toString().contains("\n" + function.name() + ":\n")
                || code.toString().startsWith(function.name() + ":\n"),
            code::toString);
      }
      var map =
          code.insns().stream()
              .filter(insn -> insn.insn() instanceof LoadImm64(var _, Imm64.MapFd _))
              .findFirst();
      map.ifPresent(
          insn ->
              assertEquals(
                  new LoadImm64(R1, new Imm64.MapFd(hash.id())), insn.insn(), code::toString));
      int bytes = ProgramInfo.of(program).jitedSize();
      assertEquals(bytes, code.functions().stream().mapToInt(XlatedFunction::jitedSize).sum());
      more.accept(code);
    }
  }

  @Test
  void theRedirectorIsListedAsBpftoolListsIt() {
    check(
        ProgramSpec.connect4("it_redirect", REDIRECT),
        code -> {
          assertEquals("it_redirect", code.functions().getFirst().name());
          assertEquals("XlatedCodeIT.java", code.insns().getFirst().line().orElseThrow().file());
        });
  }

  @Test
  void mapsAndHelpersAreNamedAsBpftoolNamesThem() {
    check(
        classifier(MAPS),
        code -> {
          var calls = code.insns().stream().map(XlatedInsn::insn).toList();
          assertTrue(calls.contains(new HelperCall(Helper.KTIME_GET_NS.id())), code::toString);
          assertTrue(
              calls.contains(new KfuncCall(new Kfunc.Named("bpf_user_rnd_u32"))), code::toString);
        });
  }

  @Test
  void functionsAndKernelFunctionsAreListedAsBpftoolListsThem() {
    check(
        classifier(FUNCTIONS),
        code -> {
          assertEquals(
              List.of("it_xlated", "add_round", "twice"),
              code.functions().stream().map(XlatedFunction::name).toList());
          assertTrue(code.functions().stream().allMatch(f -> f.address().isPresent()));
          int twice = code.functions().getLast().slot();
          assertTrue(
              code.insns().stream()
                  .anyMatch(
                      insn ->
                          insn.insn() instanceof LocalCall(int offset)
                              && insn.slot() + 1 + offset == twice),
              code::toString);
          assertTrue(
              AsmText.print(code.code(), Dialect.KERNEL).contains("call bpf_rcu_read_lock"),
              code::toString);
        });
  }

  @Test
  void codeWithoutSourceInfoHasFunctionsByTheirSlots() {
    var plain =
        BpfCode.build(
            b -> {
              var twice = b.newFunction("twice");
              b.mov(R1, 4).call(twice).exit();
              b.function(twice, f -> f.mov(R0, R1).add(R0, R1).exit());
            });
    check(
        classifier(plain).withoutSourceInfo(),
        code -> {
          assertEquals(
              List.of("it_xlated", "f3"),
              code.functions().stream().map(XlatedFunction::name).toList());
          assertTrue(code.insns().stream().allMatch(insn -> insn.line().isEmpty()));
        });
  }

  @Test
  void codeThatIsGoneIsEmpty() {
    int id;
    try (var program = BpfProgram.load(classifier(BpfCode.build(b -> b.returning(0))))) {
      id = program.id();
    }
    assertEquals(Optional.empty(), KernelObjects.code(id));
  }
}
