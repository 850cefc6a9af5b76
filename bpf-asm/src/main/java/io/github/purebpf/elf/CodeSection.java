package io.github.purebpf.elf;

import io.github.purebpf.btf.ProgramBtf.FuncInfo;
import io.github.purebpf.btf.ProgramBtf.LineInfo;
import io.github.purebpf.insn.Insn;
import io.github.purebpf.insn.InsnEncoder;
import io.github.purebpf.insn.Slot;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** A section of instructions that is being filled, and what belongs to its places. */
final class CodeSection {
  private final String name;
  private final List<Insn> insns = new ArrayList<>();
  private final List<Relocation> relocations = new ArrayList<>();
  private final List<FuncInfo> functions = new ArrayList<>();
  private final List<LineInfo> lines = new ArrayList<>();
  private int slots;

  CodeSection(String name) {
    this.name = name;
  }

  String name() {
    return name;
  }

  /** How many slots it has so far. */
  int slots() {
    return slots;
  }

  void add(Insn insn) {
    insns.add(insn);
    slots += insn.slots();
  }

  /** Adds an instruction that gets the address of a symbol. */
  void add(Insn insn, Relocation.Type type, Symbol symbol) {
    relocations.add(new Relocation(slots * Slot.BYTES, type, symbol));
    add(insn);
  }

  /** A function; its slot counts in this section. */
  void add(FuncInfo function) {
    functions.add(function);
  }

  /** A line; its slot counts in this section. */
  void add(LineInfo line) {
    lines.add(line);
  }

  List<FuncInfo> functions() {
    return functions;
  }

  List<LineInfo> lines() {
    return lines;
  }

  Section finish(ByteOrder order) {
    return new Section(name, Section.Kind.CODE, InsnEncoder.encode(insns, order), relocations);
  }
}
