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
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

/** Collects what the builder's lambda appends to one function. */
final class CodeBuffer implements BpfBuilder {
  private static final int STACK_BYTES = 512;

  private final ProgramBuffer program;
  private final List<Element> elements = new ArrayList<>();
  private boolean reachable = true;
  private int stackUsed;
  private SourceLine line;

  CodeBuffer(ProgramBuffer program) {
    this.program = program;
  }

  List<Element> elements() {
    return elements;
  }

  @Override
  public BpfBuilder with(Insn insn) {
    append(insn, null);
    reachable = !insn.endsFlow();
    return this;
  }

  @Override
  public BpfBuilder sourceLine(SourceLine line) {
    this.line = Objects.requireNonNull(line, "line");
    return this;
  }

  @Override
  public boolean reachable() {
    return reachable;
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
    program.bind(label);
    elements.add(new Element.Binding(label));
    reachable = true;
    return this;
  }

  @Override
  public BpfBuilder ja(Label target) {
    append(new Jump(0), target);
    reachable = false;
    return this;
  }

  @Override
  public BpfBuilder gotol(Label target) {
    append(new LongJump(0), target);
    reachable = false;
    return this;
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

  private void append(Insn insn, Target target) {
    var from = line != null ? line : program.caller();
    elements.add(new Element.Placed(insn, target, from));
  }
}
