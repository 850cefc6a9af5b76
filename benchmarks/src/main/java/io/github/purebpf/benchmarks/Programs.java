package io.github.purebpf.benchmarks;

import static io.github.purebpf.insn.Reg.FP;
import static io.github.purebpf.insn.Reg.R0;
import static io.github.purebpf.insn.Reg.R1;
import static io.github.purebpf.insn.Reg.R2;
import static io.github.purebpf.insn.Reg.R6;
import static io.github.purebpf.insn.Reg.R7;
import static io.github.purebpf.uapi.BpfSockAddr.USER_IP4;
import static io.github.purebpf.uapi.Helper.MAP_LOOKUP_ELEM;

import io.github.purebpf.asm.Arg;
import io.github.purebpf.asm.BpfBuilder;
import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.asm.SourceLines;
import io.github.purebpf.bpf.ProgramSpec;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.uapi.Helper;
import io.github.purebpf.uapi.ProgramFlags;
import io.github.purebpf.uapi.ProgramType;
import java.util.Optional;

/** The programs that are measured; {@code src/peers} has the same. */
final class Programs {
  /** The map of {@link #connect4}. */
  static final MapRef SERVICES = new MapRef("services");

  /** The ring of {@link #fill}. */
  static final MapRef RING = new MapRef("bench_ring");

  /** The bytes of the ring: enough for the largest records with their headers. */
  static final int RING_SIZE = 1 << 22;

  /** The records that a run of {@link #fill} writes. */
  static final int FILLED = 1 << 13;

  private Programs() {}

  /** A redirection of connects by a map, in 13 slots. */
  static BpfCode connect4(SourceLines lines) {
    return connect4(lines, SERVICES);
  }

  /** The same with another map. */
  static BpfCode connect4(SourceLines lines, MapRef services) {
    return BpfCode.build(
        lines,
        b -> {
          var pass = b.newLabel();
          b.mov(R6, R1)
              .ldxw(R2, R6.at(USER_IP4))
              .stxw(FP.at(-4), R2)
              .mov(R2, FP)
              .add(R2, -4)
              .lddw(R1, services)
              .call(MAP_LOOKUP_ELEM)
              .jeq(R0, 0, pass)
              .ldxw(R1, R0.at(0))
              .stxw(R6.at(USER_IP4), R1)
              .labelBinding(pass)
              .mov(R0, 1)
              .exit();
        });
  }

  /**
   * 4,096 instructions without source lines: blocks of eight of different shapes, with a branch
   * over part of each.
   */
  static BpfCode large() {
    return BpfCode.build(
        SourceLines.OMITTED,
        b -> {
          for (int i = 0; i < 511; i++) {
            block(b, i);
          }
          for (int i = 0; i < 6; i++) {
            b.mov(R2, i);
          }
          b.mov(R0, 0).exit();
        });
  }

  private static void block(BpfBuilder b, int i) {
    var skip = b.newLabel();
    b.mov(R2, i)
        .add32(R2, 7)
        .stxdw(FP.at(-8), R2)
        .jsgt(R2, i, skip)
        .ldxdw(R1, FP.at(-8))
        .be16(R1)
        .atomicAddDw(FP.at(-8), R1)
        .labelBinding(skip)
        .xor(R2, R1);
  }

  /**
   * Writes {@link #FILLED} records into the ring at each run; returns 1 if there was no room for
   * all of them.
   *
   * @param length of a record, in bytes
   */
  static ProgramSpec fill(int length) {
    return new ProgramSpec(
        "bench_ring",
        ProgramType.SYSCALL,
        Optional.empty(),
        filling(length),
        "GPL",
        ProgramFlags.SLEEPABLE);
  }

  private static BpfCode filling(int length) {
    return BpfCode.build(
        b -> {
          var full = b.newLabel();
          b.counted(
                  R7,
                  FILLED,
                  round ->
                      round
                          .call(Helper.RINGBUF_RESERVE, Arg.map(RING), Arg.imm(length), Arg.imm(0))
                          .jeq(R0, 0, full)
                          .mov(R6, R0)
                          .stxdw(R6.at(0), R7)
                          .stdw(R6.at(8), 1)
                          .call(Helper.RINGBUF_SUBMIT, Arg.reg(R6), Arg.imm(0)))
              .returning(0)
              .labelBinding(full)
              .returning(1);
        });
  }
}
