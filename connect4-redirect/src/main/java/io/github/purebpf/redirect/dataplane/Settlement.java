package io.github.purebpf.redirect.dataplane;

import static io.github.purebpf.insn.Reg.R0;
import static io.github.purebpf.insn.Reg.R1;
import static io.github.purebpf.insn.Reg.R2;

import io.github.purebpf.asm.BpfBuilder;
import io.github.purebpf.asm.StackSlot;
import io.github.purebpf.insn.FieldRef;
import io.github.purebpf.insn.MemSize;
import io.github.purebpf.insn.Reg;
import io.github.purebpf.insn.StructRef;
import java.util.Optional;

/**
 * Takes a connection out of the counters: what every program does that finds the end of one.
 *
 * @param socket holds the {@link SocketEntry}, and survives calls
 * @param holder room on the stack
 * @param index room on the stack
 * @param reporting what says so to those who listen; empty if nobody is told
 */
record Settlement(
    BpfBuilder b,
    Reg socket,
    StructRef<HolderKey> holder,
    FieldRef<StackSlot> index,
    Optional<Reporting> reporting) {
  /** With room of its own. */
  static Settlement of(BpfBuilder b, Reg socket, Optional<Reporting> reporting) {
    return new Settlement(
        b, socket, b.stackStruct(HolderKey.STRUCT), b.stackSlot(MemSize.W), reporting);
  }

  /** r1 is the state that the socket was in, which whoever comes here has set to 0. */
  void settle() {
    var end = b.newLabel();
    var settled = b.newLabel();
    var failed = b.newLabel();
    var entry = SocketEntry.STRUCT.at(socket);
    var backend = BackendEntry.STRUCT.at(R0);
    var state = b.spill(R1);
    b.load(R1, entry.get(SocketEntry.BACKEND))
        .store(index, R1)
        .mapLookup(Maps.BACKENDS, index)
        .jeq(R0, 0, end);
    reporting.ifPresent(report -> report.prepare(EventEntry.CLOSED, backend));
    b.mov(R1, -1)
        .atomicAddDw(backend.get(BackendEntry.LOAD), R1)
        .reload(R2, state)
        .jeq(R2, SocketEntry.CONNECTING, failed)
        .atomicAddDw(backend.get(BackendEntry.OPEN), R1)
        .load(R1, entry.get(SocketEntry.HELD))
        .jeq(R1, 0, settled)
        .store(entry.get(SocketEntry.HELD), 0);
    holderOf(entry);
    b.mapLookup(Maps.HOLDERS, holder)
        .jeq(R0, 0, settled)
        .mov(R1, -1)
        .atomicAddDw(HolderEntry.STRUCT.at(R0).get(HolderEntry.OPEN), R1)
        .ja(settled)
        .labelBinding(failed)
        .mov(R1, 1)
        .atomicAddDw(backend.get(BackendEntry.FAILED), R1);
    reporting.ifPresent(report -> b.store(report.kind(), EventEntry.FAILED));
    b.labelBinding(settled);
    reporting.ifPresent(report -> report.connection(entry));
    b.labelBinding(end);
  }

  /** Fills the key of the container and the server of a socket. */
  void holderOf(StructRef<SocketEntry> entry) {
    b.load(R1, entry.get(SocketEntry.CGROUP))
        .store(holder.get(HolderKey.CGROUP), R1)
        .load(R1, entry.get(SocketEntry.BACKEND))
        .store(holder.get(HolderKey.BACKEND), R1)
        .store(holder.get(HolderKey.SPARE), 0);
  }
}
