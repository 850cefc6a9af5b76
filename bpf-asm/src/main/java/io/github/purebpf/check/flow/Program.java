package io.github.purebpf.check.flow;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.insn.Exit;
import io.github.purebpf.insn.Imm;
import io.github.purebpf.insn.Insn;
import io.github.purebpf.insn.InsnDecoder;
import io.github.purebpf.insn.Mem;
import io.github.purebpf.insn.MemSize;
import io.github.purebpf.insn.RawInsn;
import io.github.purebpf.insn.Reg;
import io.github.purebpf.insn.Slot;
import io.github.purebpf.insn.Store;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeSet;

/** A program as the verifier sees it: instructions by number, where control goes, functions. */
public final class Program {
  private static final int SECOND_SLOT = -1;

  private final List<Insn> insns = new ArrayList<>();
  private final List<Flow> flows = new ArrayList<>();
  private final int[] slotOf;
  private final int[] indexAt;
  private final int[] starts;

  /** Reads a program, which need not be a valid one. */
  public Program(BpfCode code) {
    indexAt = new int[code.slots()];
    slotOf = new int[code.insns().size()];
    Arrays.fill(indexAt, SECOND_SLOT);
    int slot = 0;
    for (int i = 0; i < code.insns().size(); ) {
      var insn = code.insns().get(i);
      var next = i + 1 < code.insns().size() ? code.insns().get(i + 1) : null;
      boolean halved = isHalved(insn, next);
      indexAt[slot] = insns.size();
      slotOf[insns.size()] = slot;
      insns.add(halved ? whole(insn, next) : accepted(insn));
      flows.add(Flow.of(insns.getLast()));
      slot += insn.slots() + (halved ? 1 : 0);
      i += halved ? 2 : 1;
    }
    starts = functionStarts();
  }

  /** A 64-bit constant that is not valid decodes as two; what is wrong is told of the first. */
  private static boolean isHalved(Insn insn, Insn next) {
    return insn instanceof RawInsn(var first)
        && first.opcode() == Opcode.LDDW
        && next instanceof RawInsn(var second)
        && second.opcode() == 0;
  }

  private static Insn whole(Insn insn, Insn next) {
    return InsnDecoder.decode(List.of(((RawInsn) insn).slot(), ((RawInsn) next).slot())).getFirst();
  }

  /** The kernel looks neither at exit's offset nor at the upper bits of a short constant. */
  private static Insn accepted(Insn insn) {
    if (!(insn instanceof RawInsn(var slot))) {
      return insn;
    }
    if (slot.equals(new Slot(Opcode.EXIT, 0, 0, slot.offset(), 0))) {
      return new Exit();
    }
    if ((slot.opcode() == 0x72 || slot.opcode() == 0x6a) && slot.src() == 0 && slot.dst() <= 10) {
      boolean one = slot.opcode() == 0x72;
      return new Store(
          one ? MemSize.B : MemSize.H,
          new Mem(Reg.of(slot.dst()), slot.offset()),
          new Imm(one ? (byte) slot.imm() : (short) slot.imm()));
    }
    return InsnDecoder.decode(List.of(slot)).getFirst();
  }

  private int[] functionStarts() {
    var found = new TreeSet<Integer>();
    found.add(0);
    for (int i = 0; i < insns.size(); i++) {
      calleeSlot(i).ifPresent(target -> found.add((int) target));
    }
    found.removeIf(start -> start < 0 || start >= indexAt.length);
    return found.stream().mapToInt(Integer::intValue).toArray();
  }

  /** The number of instructions. */
  public int size() {
    return insns.size();
  }

  /** The number of slots. */
  public int slots() {
    return indexAt.length;
  }

  /** An instruction by its number. */
  public Insn insn(int index) {
    return insns.get(index);
  }

  /** Where control goes from an instruction. */
  public Flow flow(int index) {
    return flows.get(index);
  }

  /** The first slot of an instruction. */
  public int slot(int index) {
    return slotOf[index];
  }

  /** The instruction that starts at a slot; empty out of the program and in a second slot. */
  public OptionalInt indexAt(long slot) {
    return slot < 0 || slot >= indexAt.length || indexAt[(int) slot] == SECOND_SLOT
        ? OptionalInt.empty()
        : OptionalInt.of(indexAt[(int) slot]);
  }

  /** The slot that an instruction can jump to, which need not be in the program. */
  public OptionalLong jumpSlot(int index) {
    var jump = flows.get(index).jump();
    return jump.isEmpty() ? jump : OptionalLong.of(slotOf[index] + 1 + jump.getAsLong());
  }

  /** The slot of the function that an instruction calls or takes the address of. */
  public OptionalLong calleeSlot(int index) {
    var callee = flows.get(index).callee();
    return callee.isEmpty() ? callee : OptionalLong.of(slotOf[index] + 1 + callee.getAsLong());
  }

  /** The number of functions: the entry and what is called or taken the address of. */
  public int functions() {
    return starts.length;
  }

  /** The first slot of a function. */
  public int start(int function) {
    return starts[function];
  }

  /** The slot behind a function's last. */
  public int end(int function) {
    return function + 1 < starts.length ? starts[function + 1] : indexAt.length;
  }

  /** The function that a slot belongs to. */
  public int functionAt(int slot) {
    int found = Arrays.binarySearch(starts, slot);
    return found >= 0 ? found : -found - 2;
  }

  /** The instructions that control can go to within the function; for a shape that holds. */
  public List<Integer> successors(int index) {
    var found = new ArrayList<Integer>(2);
    if (flows.get(index).next() && index + 1 < insns.size()) {
      found.add(index + 1);
    }
    jumpSlot(index).ifPresent(slot -> indexAt(slot).ifPresent(found::add));
    return found;
  }
}
