package io.github.purebpf.tool;

import io.github.purebpf.asm.MapShape;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.text.AsmText;
import io.github.purebpf.text.Dialect;
import io.github.purebpf.text.TextException;
import java.nio.ByteOrder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What options that several commands have stand for. */
final class Settings {
  private Settings() {}

  static Dialect dialect(CommandLine line) {
    return line.choice(
        Option.DIALECT, d -> d.name().toLowerCase(Locale.ROOT), List.of(Dialect.values()));
  }

  static ByteOrder order(CommandLine line) {
    return line.choice(
        Option.ENDIAN,
        order -> order == ByteOrder.LITTLE_ENDIAN ? "little" : "big",
        List.of(ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN));
  }

  static Format format(CommandLine line, Format... formats) {
    return line.choice(Option.FORMAT, Format::word, List.of(formats));
  }

  /** The maps of a text, and those that options define; an option wins. */
  static Map<MapRef, MapShape> maps(CommandLine line, Map<MapRef, MapShape> declared) {
    var maps = new LinkedHashMap<>(declared);
    line.values(Option.MAP).forEach(definition -> maps.putAll(map(definition)));
    return maps;
  }

  /** An option's words are those of the directive. */
  private static Map<MapRef, MapShape> map(String definition) {
    int equals = definition.indexOf('=');
    if (equals < 0 || definition.indexOf('\n') >= 0) {
      throw new UsageException(Option.MAP.word + " " + definition + ": write " + Option.MAP.value);
    }
    var name = definition.substring(0, equals);
    var words = definition.substring(equals + 1).replace(':', ' ');
    try {
      return AsmText.parseProgram(".map " + name + " " + words, "", Dialect.KERNEL).maps();
    } catch (TextException e) {
      throw new UsageException(
          Option.MAP.word + " " + definition + ": " + e.first().problem().replace('\n', ' '));
    }
  }
}
