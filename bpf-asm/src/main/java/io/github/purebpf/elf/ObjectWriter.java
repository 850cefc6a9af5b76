package io.github.purebpf.elf;

import io.github.purebpf.btf.BtfBuilder;
import io.github.purebpf.btf.ProgramBtf;
import io.github.purebpf.btf.ProgramBtf.FuncInfo;
import io.github.purebpf.btf.ProgramBtf.LineInfo;
import io.github.purebpf.insn.Imm64;
import io.github.purebpf.insn.Insn;
import io.github.purebpf.insn.Kfunc;
import io.github.purebpf.insn.KfuncCall;
import io.github.purebpf.insn.LoadImm64;
import io.github.purebpf.insn.LocalCall;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.insn.Reg;
import io.github.purebpf.insn.Slot;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Puts the programs and maps of an object into sections. */
final class ObjectWriter {
  private static final String TEXT = ".text";
  private static final Symbol TEXT_SYMBOL = Symbol.ofSection(TEXT);
  private static final String LICENSE = "license";

  private final BpfObject object;
  private final ByteOrder order;
  private final BtfBuilder types = new BtfBuilder();
  private final MapSection maps;
  private final CodeSection text = new CodeSection(TEXT);
  private final Map<String, CodeSection> entries = new LinkedHashMap<>();
  private final List<Symbol> symbols = new ArrayList<>();

  ObjectWriter(BpfObject object, ByteOrder order) {
    this.object = object;
    this.order = order;
    maps = MapSection.of(object.maps(), types);
  }

  byte[] write() {
    object.programs().forEach(program -> new Placed(program).write());
    var code = new ArrayList<>(entries.values());
    if (text.slots() > 0) {
      code.add(text);
      symbols.addFirst(TEXT_SYMBOL);
    }
    var sections = new ArrayList<Section>();
    code.forEach(section -> sections.add(section.finish(order)));
    var license = object.license().getBytes(StandardCharsets.UTF_8);
    sections.add(
        new Section(LICENSE, Section.Kind.DATA, Arrays.copyOf(license, license.length + 1)));
    if (!object.maps().isEmpty()) {
      sections.add(maps.finish());
      symbols.addAll(maps.symbols().values());
    }
    var ext = new BtfExt(types, code).bytes(order); // it adds names to the BTF
    sections.add(new Section(".BTF", Section.Kind.INFO, types.build(order)));
    sections.add(new Section(".BTF.ext", Section.Kind.INFO, ext));
    return ElfFile.of(order, sections, symbols);
  }

  /** A program whose functions have their places. */
  private final class Placed {
    private final ObjectProgram program;
    private final ProgramParts parts;
    private final CodeSection section;

    /** From slots of the program to slots of .text, for all functions but the entry. */
    private final int toText;

    private final Map<Integer, Symbol> functions = new HashMap<>();

    Placed(ObjectProgram program) {
      this.program = program;
      parts = new ProgramParts(program.code());
      section = entries.computeIfAbsent(program.section(), CodeSection::new);
      toText = text.slots() - parts.end(0);
      parts.starts().forEach(this::place);
    }

    private void place(int start, String name) {
      int bytes = (parts.end(start) - start) * Slot.BYTES;
      boolean isEntry = start == 0;
      var symbol =
          isEntry
              ? symbol(program.name(), Symbol.Binding.GLOBAL, section, section.slots(), bytes)
              : symbol(name, Symbol.Binding.LOCAL, text, start + toText, bytes);
      functions.put(start, symbol);
      symbols.add(symbol);
    }

    private static Symbol symbol(
        String name, Symbol.Binding binding, CodeSection in, int slot, int bytes) {
      return new Symbol(name, binding, Symbol.Type.FUNC, in.name(), slot * Slot.BYTES, bytes);
    }

    void write() {
      describe();
      int slot = 0;
      for (var insn : program.code().insns()) {
        parts.checkJump(slot, insn);
        write(sectionOf(slot), slot, insn);
        slot += insn.slots();
      }
    }

    private boolean inEntry(int slot) {
      return slot < parts.end(0);
    }

    private CodeSection sectionOf(int slot) {
      return inEntry(slot) ? section : text;
    }

    /** Names of functions and source lines, before anything is added to the sections. */
    private void describe() {
      int toSection = section.slots();
      var btf = ProgramBtf.in(types, program.code(), program.name());
      for (var info : btf.functions()) {
        int slot = info.slot();
        sectionOf(slot).add(new FuncInfo(slot + (inEntry(slot) ? toSection : toText), info.type()));
      }
      for (var line : btf.lines()) {
        int slot = line.slot() + (inEntry(line.slot()) ? toSection : toText);
        sectionOf(line.slot())
            .add(new LineInfo(slot, line.file(), line.text(), line.line(), line.column()));
      }
    }

    private void write(CodeSection out, int slot, Insn insn) {
      switch (insn) {
        case LoadImm64(var dst, Imm64.NamedMap(var map)) ->
            out.add(constant(dst, 0), Relocation.Type.CONSTANT, map(slot, map));
        case LoadImm64(var dst, Imm64.Function(int offset)) -> callback(out, slot, dst, offset);
        case LoadImm64(var _, Imm64.NamedMapValue(var map, int _)) ->
            throw parts.refused(
                slot,
                "an object cannot express the address of a value of map " + map + "; look it up");
        case KfuncCall(Kfunc.Named(var name)) ->
            throw parts.refused(
                slot, "an object would need the prototype of kfunc " + name + "; call its BTF id");
        case LocalCall(int offset) -> call(out, slot, offset);
        default -> out.add(insn);
      }
    }

    private void call(CodeSection out, int slot, int offset) {
      var target = functions.get(parts.function(slot, offset));
      if (inEntry(slot)) {
        out.add(new LocalCall(-1), Relocation.Type.CALL, target);
      } else {
        out.add(new LocalCall(offset)); // all functions have moved alike
      }
    }

    /** libbpf takes no other symbol for this than that of .text, as clang writes it. */
    private void callback(CodeSection out, int slot, Reg dst, int offset) {
      var function = functions.get(parts.function(slot, offset));
      out.add(constant(dst, function.offset()), Relocation.Type.CONSTANT, TEXT_SYMBOL);
    }

    private static LoadImm64 constant(Reg dst, int value) {
      return new LoadImm64(dst, new Imm64.Const(value));
    }

    private Symbol map(int slot, MapRef map) {
      var symbol = maps.symbols().get(map);
      if (symbol == null) {
        throw parts.refused(slot, "map " + map + " is not among the maps of the object");
      }
      return symbol;
    }
  }
}
