package io.github.purebpf.asm;

import io.github.purebpf.insn.AsmException;
import io.github.purebpf.insn.SourceLine;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;

/** What the functions of a program that is being built have in common. */
final class ProgramBuffer {
  private final SourceLines lines;
  private final List<CodeBuffer> functions = new ArrayList<>(1);
  private final Map<FunctionRef, Integer> indexes = new HashMap<>();
  private final Set<String> names = new HashSet<>();
  private int labels;

  ProgramBuffer(SourceLines lines) {
    this.lines = Objects.requireNonNull(lines, "lines");
    functions.add(new CodeBuffer(this));
  }

  /** The Java line that is appending, or null if unknown or not wanted. */
  SourceLine caller() {
    return lines == SourceLines.OMITTED ? null : SourceLine.ofCaller().orElse(null);
  }

  CodeBuffer entry() {
    return functions.getFirst();
  }

  /** The code of the functions in the order in which they were begun, the entry's first. */
  List<CodeBuffer> functions() {
    return functions;
  }

  /** The places in that list of those that have a name, which are all but the entry. */
  Map<FunctionRef, Integer> indexes() {
    return indexes;
  }

  Label newLabel() {
    return new Label("L" + labels++);
  }

  FunctionRef newFunction(String name) {
    var function = new FunctionRef(name);
    if (name.equals(BpfCode.ENTRY) || !names.add(name)) {
      throw new AsmException("there is a function " + name + " already");
    }
    return function;
  }

  void define(FunctionRef function, Consumer<? super BpfBuilder> body) {
    if (indexes.putIfAbsent(function, functions.size()) != null) {
      throw new AsmException("function " + function + " has a body already");
    }
    var buffer = new CodeBuffer(this);
    functions.add(buffer);
    body.accept(buffer);
  }
}
