package io.github.purebpf.text;

import io.github.purebpf.insn.AsmException;
import io.github.purebpf.insn.HelperCall;
import io.github.purebpf.insn.Imm64;
import io.github.purebpf.insn.Insn;
import io.github.purebpf.insn.Kfunc;
import io.github.purebpf.insn.KfuncCall;
import io.github.purebpf.insn.LoadImm64;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.insn.MayGoto;
import io.github.purebpf.text.Parsed.Reference;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/** Finds out what the names in a text refer to: labels, functions, helpers, kfuncs, maps. */
final class Linker {
  /** What BTF takes, which carries the name into the kernel's listings. */
  private static final Pattern FUNCTION = Pattern.compile("[A-Za-z_.][A-Za-z0-9_.]*+");

  private static final Set<String> MAP_SECTIONS = Set.of(".maps", "maps");

  /** A label's place. */
  record Place(TextFunction function, int slot) {}

  private final ParsedText text;
  private final List<TextFunction> functions;
  private final Map<String, Place> places = new HashMap<>();
  private final Map<Reference, Insn> bound = new HashMap<>();
  private final Consumer<ParseFailure> errors;

  private Linker(ParsedText text, Consumer<ParseFailure> errors) {
    this.text = text;
    this.errors = errors;
    functions = TextFunction.functionsOf(text);
  }

  /** Links a text; where a name refers to nothing, there is an error for it. */
  static LinkedText link(ParsedText text, Consumer<ParseFailure> errors) {
    var linker = new Linker(text, errors);
    linker.onlyOneProgram();
    linker.place();
    linker.bindNames();
    return new LinkedText(linker.functions, linker.places, linker.bound);
  }

  private void onlyOneProgram() {
    var second = text.secondProgram();
    if (second != null) {
      errors.accept(
          new ParseFailure(
              second.start(),
              second.end(),
              "a second section with a program; besides .text there may be one section of code"));
    }
  }

  private void place() {
    for (var function : functions) {
      checkName(function);
      int slot = function.start();
      for (var statement : function.body()) {
        switch (statement) {
          case Statement.Bind bind -> places.put(bind.name(), new Place(function, slot));
          case Statement.Code code -> slot += code.slots();
        }
      }
    }
  }

  private void checkName(TextFunction function) {
    if (function.isEntry()) {
      return;
    }
    var name = function.name();
    if (name.name().equals("main")) {
      errors.accept(
          new ParseFailure(
              name.token(), "main is the name of the program's entry, which comes first"));
    } else if (!FUNCTION.matcher(name.name()).matches()) {
      errors.accept(
          new ParseFailure(name.token(), "a function's name has letters, digits, _ and ."));
    }
  }

  private void bindNames() {
    for (var function : functions) {
      int slot = function.start();
      for (var statement : function.body()) {
        if (statement instanceof Statement.Code code) {
          if (code.parsed().reference() != null) {
            bindName(function, slot, code.parsed());
          }
          slot += code.slots();
        }
      }
    }
  }

  private void bindName(TextFunction function, int slot, Parsed parsed) {
    try {
      bind(function, slot, parsed.insn(), parsed.reference());
    } catch (ParseFailure failure) {
      errors.accept(failure);
    } catch (AsmException e) {
      errors.accept(new ParseFailure(parsed.reference().token(), e.problem()));
    }
  }

  private void bind(TextFunction function, int slot, Insn insn, Reference reference) {
    var place = places.get(reference.name());
    switch (reference.kind()) {
      case JUMP -> jump(function, slot, insn, reference, place);
      case CALL -> {
        if (place == null) {
          bound.put(reference, callOut(reference));
        }
      }
      case ADDRESS -> {
        if (place == null) {
          bound.put(reference, map(((LoadImm64) insn), reference));
        }
      }
      case CALLBACK -> {
        if (place == null) {
          throw undefined("function", reference);
        }
      }
    }
  }

  private void jump(TextFunction function, int slot, Insn insn, Reference reference, Place place) {
    if (place == null) {
      throw undefined("label", reference);
    }
    if (place.function().index() != function.index()) {
      throw new ParseFailure(
          reference.token(),
          "label "
              + reference.token().describe()
              + " is in another function; a jump stays in its own");
    }
    // The builder has no such jump with a label, as no kernel takes it yet.
    if (insn instanceof MayGoto(var kind, int _) && kind == MayGoto.Kind.GOTO_OR_NOP) {
      bound.put(reference, new MayGoto(kind, place.slot() - (slot + 1)));
    }
  }

  private static ParseFailure undefined(String what, Reference reference) {
    return new ParseFailure(
        reference.token(), what + " " + reference.token().describe() + " is not defined");
  }

  private Insn callOut(Reference reference) {
    if (text.dataSection(reference.name()) != null) {
      throw new ParseFailure(
          reference.token(), reference.token().describe() + " is data, no function");
    }
    var helper = HelperNames.id(reference.name());
    return helper.isPresent()
        ? new HelperCall(helper.getAsInt())
        : new KfuncCall(new Kfunc.Named(reference.name()));
  }

  private Insn map(LoadImm64 load, Reference reference) {
    var section = text.dataSection(reference.name());
    if (section != null && !MAP_SECTIONS.contains(section)) {
      throw new ParseFailure(
          reference.token(),
          reference.token().describe()
              + " is data in "
              + section
              + ", which is not assembled; data is in a map: write map[NAME][0]+OFFSET");
    }
    return new LoadImm64(load.dst(), new Imm64.NamedMap(new MapRef(reference.name())));
  }
}
