package io.github.purebpf.redirect.dataplane;

import static io.github.purebpf.insn.Reg.R0;
import static io.github.purebpf.insn.Reg.R1;
import static io.github.purebpf.insn.Reg.R2;

import io.github.purebpf.asm.Arg;
import io.github.purebpf.asm.BpfBuilder;
import io.github.purebpf.asm.Label;
import io.github.purebpf.insn.FieldRef;
import io.github.purebpf.insn.StructRef;
import io.github.purebpf.uapi.Helper;

/**
 * Writes an {@link EventEntry} to the ring buffer, in every program that has something to report.
 * Where nobody listens that costs the look at one word. Uses r0 to r5.
 */
final class Reporting {
  private final BpfBuilder b;
  private final StructRef<EventEntry> event;

  Reporting(BpfBuilder b) {
    this.b = b;
    this.event = b.stackStruct(EventEntry.STRUCT);
  }

  /** Notes what happened and where, before {@link #connection}. Uses r1. */
  void prepare(int kind, StructRef<BackendEntry> backend) {
    b.load(R1, backend.get(BackendEntry.WORD))
        .store(event.get(EventEntry.SERVER), R1)
        .store(kind(), kind);
  }

  /** What happened, where it turns out to be something else. */
  FieldRef<EventEntry> kind() {
    return event.get(EventEntry.KIND);
  }

  /** Reports what became of the connection of a socket. */
  void connection(StructRef<SocketEntry> socket) {
    var nobody = b.newLabel();
    nowIfHeard(nobody);
    b.load(R1, socket.get(SocketEntry.VIP))
        .store(event.get(EventEntry.VIP), R1)
        .load(R1, socket.get(SocketEntry.CGROUP))
        .store(event.get(EventEntry.CGROUP), R1)
        .load(R1, socket.get(SocketEntry.PROCESS))
        .store(event.get(EventEntry.PROCESS), R1)
        .load(R1, socket.get(SocketEntry.SINCE))
        .store(event.get(EventEntry.SINCE), R1);
    output(nobody);
  }

  /** Reports a connect of the thread that runs, which found no server. */
  void refused(StructRef<VipKey> vip, ProgramOptions options) {
    var nobody = b.newLabel();
    nowIfHeard(nobody);
    b.store(event.get(EventEntry.SINCE), R0)
        .store(event.get(EventEntry.KIND), EventEntry.REFUSED)
        .store(event.get(EventEntry.SERVER), 0)
        .ldxdw(R1, vip.mem())
        .store(event.get(EventEntry.VIP), R1)
        .call(Helper.GET_CURRENT_CGROUP_ID)
        .store(event.get(EventEntry.CGROUP), R0);
    options.process(b);
    b.store(event.get(EventEntry.PROCESS), R0);
    output(nobody);
  }

  /** r0: the time, which is stored. If nobody listens, goes to the label. */
  private void nowIfHeard(Label nobody) {
    b.addressOfGlobal(R1, Maps.META, 0)
        .load(R1, meta().get(MetaEntry.HEARD_UNTIL))
        .jeq(R1, 0, nobody)
        .store(event.get(EventEntry.AT), R1)
        .call(Helper.KTIME_GET_NS)
        .load(R1, event.get(EventEntry.AT))
        .jge(R0, R1, nobody)
        .store(event.get(EventEntry.AT), R0);
  }

  private void output(Label nobody) {
    b.call(
            Helper.RINGBUF_OUTPUT,
            Arg.map(Maps.EVENTS),
            Arg.addressOf(event),
            Arg.imm(EventEntry.STRUCT.size()),
            Arg.imm(0))
        .jeq(R0, 0, nobody)
        .addressOfGlobal(R1, Maps.META, 0)
        .mov(R2, 1)
        .atomicAddDw(meta().get(MetaEntry.UNHEARD), R2)
        .labelBinding(nobody);
  }

  private static StructRef<MetaEntry> meta() {
    return MetaEntry.STRUCT.at(R1);
  }
}
