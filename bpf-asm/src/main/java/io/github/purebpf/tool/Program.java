package io.github.purebpf.tool;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.insn.AsmException;
import io.github.purebpf.insn.Imm64;
import io.github.purebpf.insn.Insn;
import io.github.purebpf.insn.Kfunc;
import io.github.purebpf.insn.KfuncCall;
import io.github.purebpf.insn.LoadImm64;
import io.github.purebpf.text.AsmText;
import io.github.purebpf.text.Dialect;
import io.github.purebpf.text.TextException;
import io.github.purebpf.text.TextProgram;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.Optional;

/** From what came in to a program, and from a program to its bytes. */
final class Program {
  private Program() {}

  /** Reads a program; one that is no text declares nothing. */
  static TextProgram read(Input input, Format format, Dialect dialect, ByteOrder order) {
    try {
      return switch (format) {
        case TEXT -> AsmText.parseProgram(input.text(), input.name(), dialect);
        case HEX -> of(BpfCode.decode(Hex.read(input), order));
        case RAW -> of(BpfCode.decode(input.bytes(), order));
        case ELF, C -> throw new AssertionError(format + " is only written");
      };
    } catch (TextException e) {
      throw new InputException(e.errors());
    } catch (AsmException e) {
      throw InputException.of(e, input.name());
    }
  }

  private static TextProgram of(BpfCode code) {
    return new TextProgram(code, Optional.empty(), Optional.empty(), Optional.empty(), Map.of());
  }

  /** The bytes of a program that names neither maps nor kernel functions. */
  static byte[] encode(BpfCode code, Input input, ByteOrder order) {
    int slot = 0;
    for (var insn : code.insns()) {
      var problem = unbound(insn);
      if (problem != null) {
        throw InputException.of(
            new AsmException(problem, code.sourceLine(slot).orElse(null)), input.name());
      }
      slot += insn.slots();
    }
    return code.encode(order);
  }

  private static String unbound(Insn insn) {
    return switch (insn) {
      case LoadImm64(var _, Imm64.NamedMap(var map)) -> unbound("map " + map, "map[fd:N]");
      case LoadImm64(var _, Imm64.NamedMapValue(var map, int _)) ->
          unbound("map " + map, "map[fd:N][0]");
      case KfuncCall(Kfunc.Named(var name)) ->
          "kfunc " + name + " is a name, and only its BTF id fits the code: call kfunc[ID]";
      default -> null;
    };
  }

  private static String unbound(String what, String number) {
    return what
        + " is a name, and only a number fits the code: write "
        + number
        + ", or ask for an object with --format elf";
  }
}
