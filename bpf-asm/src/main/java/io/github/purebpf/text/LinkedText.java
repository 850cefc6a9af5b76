package io.github.purebpf.text;

import io.github.purebpf.asm.BpfBuilder;
import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.asm.FunctionRef;
import io.github.purebpf.asm.Label;
import io.github.purebpf.insn.Branch;
import io.github.purebpf.insn.Imm64;
import io.github.purebpf.insn.Insn;
import io.github.purebpf.insn.Jump;
import io.github.purebpf.insn.LoadImm64;
import io.github.purebpf.insn.LocalCall;
import io.github.purebpf.insn.LongJump;
import io.github.purebpf.insn.MayGoto;
import io.github.purebpf.text.Parsed.Reference;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * A text whose names all refer to something.
 *
 * @param functions the functions, the entry first
 * @param places the labels
 * @param bound the instructions whose names are no labels, by those names
 */
record LinkedText(
    List<TextFunction> functions, Map<String, Linker.Place> places, Map<Reference, Insn> bound) {
  /** The program; its lines are those of the text. */
  BpfCode build(SourceText source) {
    var code = BpfCode.build(builder -> new Run(builder, source).run());
    var numeric = firstNumericOffset();
    if (numeric != null && code.slots() != slots()) {
      throw new ParseFailure(
          numeric.start(),
          numeric.end(),
          "a jump elsewhere is beyond 16 bits and takes more slots, so that this number would be"
              + " wrong; write a label");
    }
    return code;
  }

  private int slots() {
    int slots = 0;
    for (var function : functions) {
      for (var statement : function.body()) {
        slots += statement instanceof Statement.Code code ? code.slots() : 0;
      }
    }
    return slots;
  }

  private Statement.Code firstNumericOffset() {
    for (var function : functions) {
      for (var statement : function.body()) {
        if (statement instanceof Statement.Code code && isNumeric(code.parsed())) {
          return code;
        }
      }
    }
    return null;
  }

  private boolean isNumeric(Parsed parsed) {
    if (parsed.reference() != null) {
      return isEntry(parsed.reference()) || bound.get(parsed.reference()) instanceof MayGoto;
    }
    return switch (parsed.insn()) {
      case Jump _, LongJump _, Branch _, MayGoto _, LocalCall _ -> true;
      case LoadImm64(var _, Imm64.Function _) -> true;
      default -> false;
    };
  }

  /** Whether a call or callback means the entry, which the builder has no reference to. */
  private boolean isEntry(Reference reference) {
    var place = places.get(reference.name());
    return reference.kind() != Reference.Kind.JUMP && place != null && place.function().isEntry();
  }

  /** One run of the builder. */
  private final class Run {
    private final BpfBuilder entry;
    private final SourceText source;
    private final Map<String, Label> labels = new HashMap<>();
    private final Map<String, FunctionRef> references = new HashMap<>();
    private int slot;

    Run(BpfBuilder entry, SourceText source) {
      this.entry = entry;
      this.source = source;
    }

    void run() {
      places.keySet().forEach(name -> labels.put(name, entry.newLabel(name)));
      for (var function : functions) {
        if (!function.isEntry()) {
          var name = function.name().name();
          references.put(name, entry.newFunction(name));
        }
      }
      for (var function : functions) {
        if (function.isEntry()) {
          body(entry, function);
        } else {
          entry.function(
              references.get(function.name().name()), builder -> body(builder, function));
        }
      }
    }

    private void body(BpfBuilder builder, TextFunction function) {
      slot = function.start();
      for (var statement : function.body()) {
        switch (statement) {
          case Statement.Bind bind -> builder.labelBinding(labels.get(bind.name()));
          case Statement.Code code -> {
            builder.sourceLine(source.sourceLine(code));
            append(builder, code.parsed());
            slot += code.slots();
          }
        }
      }
    }

    private void append(BpfBuilder builder, Parsed parsed) {
      var reference = parsed.reference();
      var insn = reference == null ? parsed.insn() : bound.get(reference);
      if (insn != null) {
        builder.with(insn);
      } else if (isEntry(reference)) {
        builder.with(atEntry(parsed.insn()));
      } else {
        target(builder, parsed.insn(), reference);
      }
    }

    private Insn atEntry(Insn insn) {
      int offset = -(slot + 1);
      return insn instanceof LoadImm64(var dst, var _)
          ? new LoadImm64(dst, new Imm64.Function(offset))
          : new LocalCall(offset);
    }

    private void target(BpfBuilder builder, Insn insn, Reference reference) {
      var label = labels.get(reference.name());
      var function = references.get(reference.name()); // null if it is a jump's label
      var _ =
          switch (insn) {
            case Jump _ -> builder.ja(label);
            case LongJump _ -> builder.gotol(label);
            case Branch(var width, var cond, var dst, var src, int _) ->
                builder.branch(width, cond, dst, src, label);
            case MayGoto _ -> builder.mayGoto(label);
            case LocalCall _ -> builder.call(function);
            case LoadImm64 load -> builder.lddw(load.dst(), function);
            default -> throw new AssertionError(insn + " refers to no name");
          };
    }
  }
}
