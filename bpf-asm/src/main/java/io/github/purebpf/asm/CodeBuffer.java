package io.github.purebpf.asm;

import io.github.purebpf.insn.AsmException;
import io.github.purebpf.insn.Branch;
import io.github.purebpf.insn.Cond;
import io.github.purebpf.insn.Field;
import io.github.purebpf.insn.FieldRef;
import io.github.purebpf.insn.Imm64;
import io.github.purebpf.insn.Insn;
import io.github.purebpf.insn.Jump;
import io.github.purebpf.insn.LoadImm64;
import io.github.purebpf.insn.LocalCall;
import io.github.purebpf.insn.LongJump;
import io.github.purebpf.insn.MayGoto;
import io.github.purebpf.insn.MemSize;
import io.github.purebpf.insn.Reg;
import io.github.purebpf.insn.SourceLine;
import io.github.purebpf.insn.Src;
import io.github.purebpf.insn.StructRef;
import io.github.purebpf.insn.Width;
import io.github.purebpf.layout.Struct;
import java.util.Arrays;
import java.util.Objects;
import java.util.function.Consumer;

/** Collects what the builder's lambda appends to one function. */
final class CodeBuffer implements BpfBuilder {
  private static final int STACK_BYTES = 512;

  private static final int FIRST_ROOM = 16;

  private final ProgramBuffer program;
  private Insn[] insns = new Insn[FIRST_ROOM];

  /** What each instruction jumps to or calls; null until the first does. */
  private Target[] targets;

  /** Where each instruction comes from; null until it is known of the first. */
  private SourceLine[] lines;

  private int size;

  /** What decides whether the next instruction can be reached; null if a label is bound there. */
  private Insn before;

  private int stackUsed;
  private SourceLine line;

  CodeBuffer(ProgramBuffer program) {
    this.program = program;
  }

  /** The number of instructions. */
  int size() {
    return size;
  }

  Insn insn(int index) {
    return insns[index];
  }

  /** What an instruction jumps to or calls; null if its operands are final. */
  Target target(int index) {
    return targets == null ? null : targets[index];
  }

  /** The line that appended an instruction; null if unknown. */
  SourceLine line(int index) {
    return lines == null ? null : lines[index];
  }

  /** Whether some instruction's line is known. */
  boolean hasLines() {
    return lines != null;
  }

  @Override
  public BpfBuilder with(Insn insn) {
    append(Objects.requireNonNull(insn, "insn"), null);
    before = insn;
    return this;
  }

  @Override
  public BpfBuilder sourceLine(SourceLine line) {
    this.line = Objects.requireNonNull(line, "line");
    return this;
  }

  @Override
  public boolean reachable() {
    return before == null || !before.endsFlow();
  }

  @Override
  public Label newLabel() {
    return program.newLabel();
  }

  @Override
  public Label newLabel(String name) {
    return new Label(name);
  }

  @Override
  public BpfBuilder labelBinding(Label label) {
    if (label.function() != null) {
      throw new AsmException("label " + label + " is bound already");
    }
    label.bind(this, size);
    before = null;
    return this;
  }

  @Override
  public BpfBuilder ja(Label target) {
    return endFlow(new Jump(0), target);
  }

  @Override
  public BpfBuilder gotol(Label target) {
    return endFlow(new LongJump(0), target);
  }

  @Override
  public BpfBuilder branch(Width width, Cond cond, Reg dst, Src src, Label target) {
    append(new Branch(width, cond, dst, src, 0), target);
    return this;
  }

  @Override
  public BpfBuilder mayGoto(Label target) {
    append(new MayGoto(MayGoto.Kind.MAY_GOTO, 0), target);
    return this;
  }

  @Override
  public FunctionRef newFunction(String name) {
    return program.newFunction(name);
  }

  @Override
  public BpfBuilder function(FunctionRef function, Consumer<? super BpfBuilder> body) {
    program.define(function, body);
    return this;
  }

  @Override
  public BpfBuilder call(FunctionRef function) {
    append(new LocalCall(0), function);
    return this;
  }

  @Override
  public BpfBuilder lddw(Reg dst, FunctionRef function) {
    append(new LoadImm64(dst, new Imm64.Function(0)), function);
    return this;
  }

  @Override
  public FieldRef<StackSlot> stackSlot(MemSize size) {
    int offset = takeStack(size.bytes(), size.bytes());
    return new FieldRef<>(Reg.FP, offset, Field.of("stack slot", 0, size));
  }

  @Override
  public <S> StructRef<S> stackStruct(Struct<S> struct) {
    return new StructRef<>(Reg.FP, takeStack(struct.size(), MemSize.DW.bytes()));
  }

  private int takeStack(int bytes, int alignment) {
    int used = Math.ceilDiv(stackUsed + bytes, alignment) * alignment;
    if (used > STACK_BYTES) {
      throw new AsmException(
          bytes + " more bytes of stack make " + used + "; a function has " + STACK_BYTES);
    }
    stackUsed = used;
    return -used;
  }

  private BpfBuilder endFlow(Insn jump, Label target) {
    append(jump, target);
    before = jump;
    return this;
  }

  private void append(Insn insn, Target target) {
    int at = size;
    if (at == insns.length) {
      grow();
    }
    insns[at] = insn;
    if (target != null) {
      if (targets == null) {
        targets = new Target[insns.length];
      }
      targets[at] = target;
    }
    var from = line != null ? line : program.caller();
    if (from != null) {
      if (lines == null) {
        lines = new SourceLine[insns.length];
      }
      lines[at] = from;
    }
    size = at + 1;
  }

  private void grow() {
    int room = insns.length * 2;
    insns = Arrays.copyOf(insns, room);
    if (targets != null) {
      targets = Arrays.copyOf(targets, room);
    }
    if (lines != null) {
      lines = Arrays.copyOf(lines, room);
    }
  }
}
