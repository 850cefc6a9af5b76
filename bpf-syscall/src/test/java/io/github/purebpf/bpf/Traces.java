package io.github.purebpf.bpf;

import static io.github.purebpf.insn.Reg.R0;
import static io.github.purebpf.insn.Reg.R1;
import static io.github.purebpf.insn.Reg.R6;

import io.github.purebpf.asm.BpfBuilder;
import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.insn.Cond;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.insn.Mem;
import io.github.purebpf.insn.MemSize;
import io.github.purebpf.uapi.AttachType;
import io.github.purebpf.uapi.Helper;
import io.github.purebpf.uapi.ProgramType;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Programs that leave a trace in a map, so that a test sees whether and in which order they ran.
 */
final class Traces implements AutoCloseable {
  private static final MapRef NAME = new MapRef("traces");

  private final BpfMap<Integer, Long> map = BpfMap.create(MapSpec.array(NAME, Codec.s64(), 1));

  /** A program that does something with the trace, whose address is in r0. */
  private static BpfCode code(int result, Consumer<BpfBuilder> trace) {
    return BpfCode.build(
        b -> {
          var key = b.stackSlot(MemSize.W);
          b.store(key, 0).mapLookup(NAME, key).ifNonNull(R0, trace).returning(result);
        });
  }

  /** Counts how often it runs. */
  static BpfCode counting(int result) {
    return code(result, b -> b.mov(R1, 1).atomicAddDw(new Mem(R0, 0), R1));
  }

  /** Counts how often it runs for this process; for programs that may ask who is running. */
  static BpfCode countingOwn(int result) {
    int pid = (int) ProcessHandle.current().pid();
    return BpfCode.build(
        b -> {
          var key = b.stackSlot(MemSize.W);
          b.store(key, 0)
              .call(Helper.GET_CURRENT_PID_TGID)
              .rsh(R0, 32)
              .ifThen(
                  R0,
                  Cond.EQ,
                  pid,
                  own ->
                      own.mapLookup(NAME, key)
                          .ifNonNull(R0, hit -> hit.mov(R1, 1).atomicAddDw(new Mem(R0, 0), R1)))
              .returning(result);
        });
  }

  /** Appends a decimal digit. */
  static BpfCode appending(int digit, int result) {
    return code(
        result,
        b -> b.ldxdw(R1, new Mem(R0, 0)).mul(R1, 10).add(R1, digit).stxdw(new Mem(R0, 0), R1));
  }

  /** Stores the cookie of its attachment. */
  static BpfCode cookie(int result) {
    return BpfCode.build(
        b -> {
          var key = b.stackSlot(MemSize.W);
          b.store(key, 0)
              .call(Helper.GET_ATTACH_COOKIE)
              .mov(R6, R0)
              .mapLookup(NAME, key)
              .ifNonNull(R0, hit -> hit.stxdw(new Mem(R0, 0), R6))
              .returning(result);
        });
  }

  static ProgramSpec spec(String name, ProgramType type, AttachType hook, BpfCode code) {
    return new ProgramSpec(name, type, Optional.ofNullable(hook), code, "GPL", 0);
  }

  BpfProgram load(String name, ProgramType type, AttachType hook, BpfCode code) {
    return load(spec(name, type, hook, code));
  }

  BpfProgram load(ProgramSpec spec) {
    return BpfProgram.load(spec, map);
  }

  /** What the programs have left since the last time. */
  long take() {
    long value = map.get(0).orElseThrow();
    map.put(0, 0L);
    return value;
  }

  @Override
  public void close() {
    map.close();
  }
}
