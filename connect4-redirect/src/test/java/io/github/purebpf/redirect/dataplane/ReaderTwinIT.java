package io.github.purebpf.redirect.dataplane;

import static io.github.purebpf.insn.Reg.R0;
import static io.github.purebpf.insn.Reg.R1;
import static io.github.purebpf.insn.Reg.R2;
import static io.github.purebpf.insn.Reg.R3;
import static io.github.purebpf.insn.Reg.R4;
import static io.github.purebpf.insn.Reg.R6;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.asm.BpfBuilder;
import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.bpf.BpfMap;
import io.github.purebpf.bpf.BpfProgram;
import io.github.purebpf.bpf.Codec;
import io.github.purebpf.bpf.MapSpec;
import io.github.purebpf.bpf.ProgramSpec;
import io.github.purebpf.bpf.TestRun;
import io.github.purebpf.insn.Field;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.insn.MemSize;
import io.github.purebpf.layout.Struct;
import io.github.purebpf.testkit.NoLeakedFds;
import io.github.purebpf.testkit.RequiresKernel;
import io.github.purebpf.uapi.Helper;
import io.github.purebpf.uapi.ProgramType;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.random.RandomGenerator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The same search as that of a connect, six million times in all, in a program that knows what
 * belongs to whom: it counts the servers that are another address's, and those whose address and
 * port are of different states.
 *
 * <p>Virtual address {@code i} is {@code 127.77.0.i:80}; its servers are {@code 10.s.k.i:1000+s},
 * with all members of one set having the state {@code s}.
 */
@RequiresKernel
@NoLeakedFds
class ReaderTwinIT {
  private static final int VIPS = 32;
  private static final int READS = 1_600_000;
  private static final int ROUNDS_PER_CALL = 100_000;
  private static final int MEMBERS = 3;
  private static final int PAUSE = 16;
  private static final int FIRST_PORT = 1000;
  private static final MapRef COUNTS = new MapRef("counts");

  record Counts(long hits, long misses, long foreign, long torn) {
    static final Struct<Counts> STRUCT = Struct.of(Counts.class);
    static final Field<Counts> HITS = STRUCT.field("hits");
    static final Field<Counts> MISSES = STRUCT.field("misses");
    static final Field<Counts> FOREIGN = STRUCT.field("foreign");
    static final Field<Counts> TORN = STRUCT.field("torn");
  }

  private static final MapSpec<Integer, Counts> COUNTS_SPEC =
      MapSpec.array(COUNTS, Codec.of(Counts.STRUCT, java.lang.invoke.MethodHandles.lookup()), 1);

  /** r6 is the number of the virtual address. */
  private static BpfCode twin() {
    return BpfCode.build(
        b -> {
          var missing = b.newLabel();
          var foreign = b.newLabel();
          var torn = b.newLabel();
          boolean mayGoto = ProgramOptions.ofKernel(CgroupFilter.ALL).mayGoto();
          var selection = new Selection(b, mayGoto, new WithoutSockets(b));
          var key = selection.key();
          b.call(Helper.GET_PRANDOM_U32)
              .mov(R6, R0)
              .and(R6, VIPS - 1)
              .mov(R1, R6)
              .or(R1, 0x7f4d0000)
              .be32(R1)
              .store(key.get(VipKey.ADDRESS), R1)
              .mov(R1, 80)
              .be16(R1)
              .store(key.get(VipKey.PORT), R1)
              .store(key.get(VipKey.PROTOCOL), VipKey.TCP);
          selection.find(missing);
          var none = selection.choose();
          // The word is read once, as the connect does, and taken apart.
          b.load(R2, BackendEntry.STRUCT.at(R0).get(BackendEntry.WORD))
              .mov(R1, -1)
              .atomicAddDw(BackendEntry.STRUCT.at(R0).get(BackendEntry.LOAD), R1)
              .mov(R3, R2)
              .be32(R3) // the address, its last part in the lowest byte
              .mov(R4, R3)
              .and(R4, 0xff)
              .jne(R4, R6, foreign)
              .rsh(R3, 16)
              .and(R3, 0xff) // the state
              .rsh(R2, ServerWord.PORT_SHIFT)
              .be16(R2)
              .sub(R2, FIRST_PORT)
              .jne(R2, R3, torn);
          count(b, Counts.HITS);
          b.labelBinding(none);
          count(b, Counts.MISSES);
          b.labelBinding(foreign);
          count(b, Counts.FOREIGN);
          b.labelBinding(torn);
          count(b, Counts.TORN);
        });
  }

  private static void count(BpfBuilder b, Field<Counts> field) {
    var index = b.stackSlot(MemSize.W);
    b.store(index, 0)
        .mapLookup(COUNTS, index)
        .ifNonNull(R0, counts -> counts.mov(R1, 1).atomicAddDw(Counts.STRUCT.at(R0).get(field), R1))
        .returning(2);
  }

  /** A program that has neither a socket nor a task. */
  private record WithoutSockets(BpfBuilder b) implements Selection.Context {
    @Override
    public void withoutService() {
      count(b, Counts.MISSES);
    }

    /** Makes the time in which something can change longer than it is in a connect. */
    @Override
    public void betweenReads() {
      b.unrolled(PAUSE, (_, _) -> b.call(Helper.KTIME_GET_NS));
    }

    @Override
    public void container() {
      b.call(Helper.GET_PRANDOM_U32);
    }

    @Override
    public void socket() {
      b.call(Helper.GET_PRANDOM_U32);
    }
  }

  private static long vip(int i) {
    return VipKey.tcp(0x7f4d0000 | i, 80).word();
  }

  private static ServiceImage image(int i, int state, int policy) {
    var members = new ArrayList<ServiceImage.MemberImage>();
    for (int k = 0; k < MEMBERS; k++) {
      long server = ServerWord.of(10 << 24 | state << 16 | k << 8 | i, FIRST_PORT + state);
      members.add(new ServiceImage.MemberImage(server, 1 + k));
    }
    return new ServiceImage(vip(i), policy, 111, 0, members);
  }

  @ParameterizedTest
  @ValueSource(
      ints = {
        Head.POLICY_LEAST_CONNECTIONS,
        Head.POLICY_WEIGHTED,
        Head.POLICY_ROUND_ROBIN,
        Head.POLICY_STICKY_SOCKET
      })
  void noReaderSeesAnothersServerOrHalfOfAChange(int policy) throws Exception {
    try (var dataplane = Dataplane.create();
        var counts = BpfMap.create(COUNTS_SPEC);
        var program =
            dataplane.load(
                new ProgramSpec("rd_twin", ProgramType.XDP, Optional.empty(), twin(), "GPL", 0),
                counts);
        var readers = Executors.newFixedThreadPool(2)) {
      // Room for one change only, so that what is out of use is used again at once.
      var table = dataplane.table(VIPS + 1, (VIPS + 1) * MEMBERS, (VIPS + 1) * MEMBERS);
      for (int i = 0; i < VIPS; i++) {
        Change.put(table, image(i, 0, policy));
      }
      Callable<Void> reader =
          () -> {
            for (int i = 0; i < READS / 2 / ROUNDS_PER_CALL; i++) {
              read(program);
            }
            return null;
          };
      List<Future<Void>> reading = List.of(readers.submit(reader), readers.submit(reader));
      var random = RandomGenerator.getDefault();
      long changes = 0;
      while (!reading.stream().allMatch(Future::isDone)) {
        int i = random.nextInt(VIPS);
        if (random.nextInt(4) == 0) {
          Change.remove(table, vip(i));
        } else {
          Change.put(table, image(i, random.nextInt(200), policy));
        }
        changes++;
      }
      for (var future : reading) {
        future.get();
      }
      var result = counts.get(0).orElseThrow();
      assertEquals(0, result.foreign(), result::toString);
      assertEquals(0, result.torn(), result::toString);
      assertEquals(READS, result.hits() + result.misses(), result::toString);
      assertTrue(result.hits() > READS / 4, result::toString);
      assertTrue(result.misses() > 0, result::toString);
      assertTrue(changes > 100, "only " + changes + " changes");
    }
  }

  private static void read(BpfProgram program) {
    assertEquals(
        2, program.testRun(TestRun.xdp(new byte[64]).repeated(ROUNDS_PER_CALL)).returnValue());
  }
}
