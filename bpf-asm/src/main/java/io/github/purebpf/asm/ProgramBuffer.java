package io.github.purebpf.asm;

import io.github.purebpf.insn.AsmException;
import io.github.purebpf.insn.SourceLine;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;

/** What the functions of a program that is being built have in common. */
final class ProgramBuffer {
  private final SourceLines lines;
  private final CodeBuffer entry = new CodeBuffer(this);
  private final Map<FunctionRef, CodeBuffer> functions = new LinkedHashMap<>();
  private final Set<String> names = new HashSet<>(Set.of(BpfCode.ENTRY));
  private final Set<Label> bound = new HashSet<>();
  private int labels;

  ProgramBuffer(SourceLines lines) {
    this.lines = Objects.requireNonNull(lines, "lines");
  }

  /** The Java line that is appending, or null if unknown or not wanted. */
  SourceLine caller() {
    return lines == SourceLines.OMITTED ? null : SourceLine.ofCaller().orElse(null);
  }

  CodeBuffer entry() {
    return entry;
  }

  /** The code of the functions, the entry's first, each behind the binding of its name. */
  List<List<Element>> functions() {
    var all = new ArrayList<List<Element>>();
    all.add(entry.elements());
    functions.forEach(
        (function, buffer) -> {
          var elements = new ArrayList<Element>();
          elements.add(new Element.Binding(function));
          elements.addAll(buffer.elements());
          all.add(elements);
        });
    return all;
  }

  Label newLabel() {
    return new Label("L" + labels++);
  }

  void bind(Label label) {
    if (!bound.add(label)) {
      throw new AsmException("label " + label + " is bound already");
    }
  }

  FunctionRef newFunction(String name) {
    var function = new FunctionRef(name);
    if (!names.add(name)) {
      throw new AsmException("there is a function " + name + " already");
    }
    return function;
  }

  void define(FunctionRef function, Consumer<? super BpfBuilder> body) {
    var buffer = new CodeBuffer(this);
    if (functions.putIfAbsent(function, buffer) != null) {
      throw new AsmException("function " + function + " has a body already");
    }
    body.accept(buffer);
  }
}
