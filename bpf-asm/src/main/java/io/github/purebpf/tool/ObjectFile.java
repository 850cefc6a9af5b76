package io.github.purebpf.tool;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.asm.MapShape;
import io.github.purebpf.elf.BpfObject;
import io.github.purebpf.elf.ObjectMap;
import io.github.purebpf.elf.ObjectProgram;
import io.github.purebpf.insn.AsmException;
import io.github.purebpf.insn.Imm64;
import io.github.purebpf.insn.LoadImm64;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.text.Dialect;
import io.github.purebpf.text.TextError;
import io.github.purebpf.text.TextProgram;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Assembles all files into one object. */
final class ObjectFile {
  private final CommandLine line;
  private final Dialect dialect;
  private final ByteOrder order;
  private final List<ObjectProgram> programs = new ArrayList<>();
  private final Map<MapRef, MapShape> maps = new LinkedHashMap<>();
  private String license = "";

  ObjectFile(CommandLine line, Dialect dialect, ByteOrder order) {
    this.line = line;
    this.dialect = dialect;
    this.order = order;
  }

  boolean write(Streams streams) {
    boolean good = true;
    maps.putAll(Settings.maps(line, Map.of()));
    license = line.value(Option.LICENSE).orElse("");
    var inputs = streams.read(line);
    for (var input : inputs) {
      good &= streams.showing(() -> add(input, Program.read(input, Format.TEXT, dialect, order)));
    }
    return good && streams.showing(() -> streams.out().bytes(bytes(inputs.getFirst())));
  }

  private void add(Input input, TextProgram program) {
    program.maps().forEach((map, shape) -> define(input, map, shape));
    program.license().ifPresent(text -> license(input, text));
    requireMaps(program.code(), input);
    var section =
        line.value(Option.SECTION)
            .or(program::section)
            .orElseThrow(
                () ->
                    wrong(
                        input,
                        "an object needs a section that tells the type of program:"
                            + " .section cgroup/connect4, or --section cgroup/connect4"));
    try {
      programs.add(
          new ObjectProgram(program.name().orElse(BpfCode.ENTRY), section, program.code()));
    } catch (IllegalArgumentException e) {
      throw wrong(input, e.getMessage());
    }
  }

  /** Several programs may share a map, if they agree about it. */
  private void define(Input input, MapRef map, MapShape shape) {
    var present = maps.putIfAbsent(map, shape);
    boolean byOption = Settings.maps(line, Map.of()).containsKey(map);
    if (present != null && !present.equals(shape) && !byOption) {
      throw wrong(input, "map " + map + " is another one in a file before");
    }
  }

  private void license(Input input, String text) {
    if (line.has(Option.LICENSE)) {
      return;
    }
    if (!license.isEmpty() && !license.equals(text)) {
      throw wrong(input, "license \"%s\" here, \"%s\" in a file before".formatted(text, license));
    }
    license = text;
  }

  private void requireMaps(BpfCode code, Input input) {
    int slot = 0;
    for (var insn : code.insns()) {
      if (insn instanceof LoadImm64(var _, Imm64.NamedMap(var map)) && !maps.containsKey(map)) {
        var problem =
            "map %s is not defined; write .map %s hash 4 4 65536, or --map %s=hash:4:4:65536, with its type, sizes of key and value, and entries"
                .formatted(map, map, map);
        throw InputException.of(
            new AsmException(problem, code.sourceLine(slot).orElse(null)), input.name());
      }
      slot += insn.slots();
    }
  }

  private byte[] bytes(Input first) {
    try {
      var definitions =
          maps.entrySet().stream().map(e -> ObjectMap.of(e.getKey(), e.getValue())).toList();
      return new BpfObject(programs, definitions, license).toElf(order);
    } catch (AsmException e) {
      throw InputException.of(e, first.name());
    } catch (IllegalArgumentException e) {
      throw wrong(first, e.getMessage());
    }
  }

  private static InputException wrong(Input input, String problem) {
    return new InputException(new TextError(input.name(), 1, 1, 1, "", problem));
  }
}
