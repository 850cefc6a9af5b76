package io.github.purebpf.bpf.reader;

import static io.github.purebpf.insn.Reg.R0;
import static io.github.purebpf.insn.Reg.R1;
import static io.github.purebpf.insn.Reg.R2;
import static io.github.purebpf.insn.Reg.R3;
import static io.github.purebpf.insn.Reg.R6;
import static io.github.purebpf.insn.Reg.R7;

import io.github.purebpf.asm.Arg;
import io.github.purebpf.bpf.BpfMap;
import io.github.purebpf.bpf.BpfProgram;
import io.github.purebpf.bpf.Codec;
import io.github.purebpf.bpf.KernelMap;
import io.github.purebpf.bpf.MapSpec;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.insn.MemSize;
import io.github.purebpf.uapi.Helper;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/** A program that writes to a ring buffer what a test says. */
final class Emitter implements AutoCloseable {
  static final int LONGEST = 2048;

  private static final MapRef BYTES = new MapRef("bytes");
  private static final int CONTEXT_SIZE = 8;

  private final BpfMap<Integer, byte[]> bytes =
      BpfMap.create(MapSpec.array(BYTES, Codec.bytes(LONGEST), 1));
  private final BpfProgram program;

  Emitter(KernelMap ring) {
    program =
        TestRun.syscall(
            b -> {
              var key = b.stackSlot(MemSize.W);
              var discard = b.newLabel();
              var end = b.newLabel();
              b.mov(R6, R1)
                  .ldxw(R0, R6.at(4))
                  .jne(R0, 0, discard)
                  .store(key, 0)
                  .mapLookup(BYTES, key)
                  .mov(R2, R0)
                  .mov(R0, -1)
                  .jeq(R2, 0, end)
                  .ldxw(R7, R6.at(0))
                  .jgt(R7, LONGEST, end)
                  .mov(R3, R7)
                  .lddw(R1, ring.name())
                  .call(Helper.RINGBUF_OUTPUT, Arg.reg(R1), Arg.reg(R2), Arg.reg(R3), Arg.imm(0))
                  .ja(end)
                  .labelBinding(discard)
                  .call(Helper.RINGBUF_RESERVE, Arg.map(ring.name()), Arg.imm(24), Arg.imm(0))
                  .jeq(R0, 0, end)
                  .call(Helper.RINGBUF_DISCARD, Arg.reg(R0), Arg.imm(0))
                  .mov(R0, 0)
                  .labelBinding(end)
                  .exit();
            },
            ring,
            bytes);
  }

  /** Writes a record; 0 or a negated errno. */
  int emit(byte[] record) {
    bytes.put(0, Arrays.copyOf(record, LONGEST));
    return run(record.length, 0);
  }

  /** Reserves a record of 24 bytes and discards it. */
  int discard() {
    return run(0, 1);
  }

  private int run(int length, int discard) {
    try (var arena = Arena.ofConfined()) {
      var context = arena.allocate(CONTEXT_SIZE, 8);
      context.set(ValueLayout.JAVA_INT, 0, length);
      context.set(ValueLayout.JAVA_INT, 4, discard);
      return TestRun.run(program, context);
    }
  }

  @Override
  public void close() {
    program.close();
    bytes.close();
  }
}
