package io.github.purebpf.asm;

import io.github.purebpf.insn.AsmException;
import io.github.purebpf.insn.SourceLine;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;

/** What the functions of a program that is being built have in common. */
final class ProgramBuffer {
  private final SourceLines lines;
  private final CodeBuffer entry = new CodeBuffer(this);
  private final Map<FunctionRef, CodeBuffer> functions = new LinkedHashMap<>();
  private final Set<String> names = new HashSet<>();
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

  /** The bodies of all functions but the entry, in the order in which they were begun. */
  Map<FunctionRef, CodeBuffer> functions() {
    return functions;
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
    var buffer = new CodeBuffer(this);
    if (functions.putIfAbsent(function, buffer) != null) {
      throw new AsmException("function " + function + " has a body already");
    }
    body.accept(buffer);
  }
}
