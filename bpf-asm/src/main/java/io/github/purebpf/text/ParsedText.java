package io.github.purebpf.text;

import io.github.purebpf.asm.MapShape;
import io.github.purebpf.insn.MapRef;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The sections of a text, and the names that it gives to places and data. */
final class ParsedText {
  private static final String TEXT = ".text";

  /** Sections without a dot that hold data. */
  private static final Set<String> DATA = Set.of("license", "maps", "version");

  private final Map<String, List<Statement>> code = new LinkedHashMap<>();
  private final Map<String, Token> labels = new HashMap<>();
  private final Map<String, String> data = new HashMap<>();
  private final Set<String> functions = new HashSet<>();
  private final Map<MapRef, MapShape> maps = new LinkedHashMap<>();
  private String license;
  private String section = TEXT;
  private boolean inCode = true;

  /** Goes to another section, to the end of what it holds. */
  void section(String name, boolean holdsCode) {
    section = name;
    inCode = holdsCode;
  }

  String section() {
    return section;
  }

  boolean inCode() {
    return inCode;
  }

  void add(Statement.Code insn) {
    code.computeIfAbsent(section, _ -> new ArrayList<>()).add(insn);
  }

  /** A label; false if there is one of that name. */
  boolean bind(String name, Token token) {
    if (!inCode) {
      data.put(name, section);
      return true;
    }
    code.computeIfAbsent(section, _ -> new ArrayList<>()).add(new Statement.Bind(name, token));
    return labels.putIfAbsent(name, token) == null;
  }

  /** Room for data outside of the sections, as {@code .comm} makes it. */
  void common(String name) {
    data.put(name, ".bss");
  }

  /** A name that is a function's even if nothing calls it. */
  void function(String name) {
    functions.add(name);
  }

  /** A map's definition; false if there is one of that name. */
  boolean map(MapRef map, MapShape shape) {
    return maps.putIfAbsent(map, shape) == null;
  }

  Map<MapRef, MapShape> maps() {
    return maps;
  }

  void license(String text) {
    license = text;
  }

  /** The license, or null if the text names none. */
  String license() {
    return license;
  }

  /** Where a label stands in the text, or null if there is no such label. */
  Token label(String name) {
    return labels.get(name);
  }

  boolean isFunction(String name) {
    return functions.contains(name);
  }

  /** The section that holds data of a name, or null if none does. */
  String dataSection(String name) {
    return data.get(name);
  }

  /**
   * The statements in the order of the program: the section of the program's entry, and behind it
   * .text with the functions that it calls, as libbpf puts them.
   */
  List<Statement> statements() {
    var all = new ArrayList<Statement>();
    code.forEach(
        (name, statements) -> {
          if (!isText(name)) {
            all.addAll(statements);
          }
        });
    code.forEach(
        (name, statements) -> {
          if (isText(name)) {
            all.addAll(statements);
          }
        });
    return all;
  }

  /** The first instruction of a second section with a program of its own, or null. */
  Statement.Code secondProgram() {
    boolean found = false;
    for (var section : code.entrySet()) {
      if (!isText(section.getKey())) {
        for (var statement : section.getValue()) {
          if (statement instanceof Statement.Code insn) {
            if (found) {
              return insn;
            }
            found = true;
            break;
          }
        }
      }
    }
    return null;
  }

  /** The section of the program's entry, or null if that is .text. */
  String programSection() {
    for (var section : code.entrySet()) {
      if (!isText(section.getKey()) && section.getValue().stream().anyMatch(ParsedText::isInsn)) {
        return section.getKey();
      }
    }
    return null;
  }

  /** The label in front of the first instruction, or null if it has none. */
  String entryName() {
    String found = null;
    for (var statement : statements()) {
      if (!(statement instanceof Statement.Bind(var name, var _))) {
        break;
      }
      if (isFunction(name)) {
        return name;
      }
      if (found == null && Names.isPlain(name) && !name.startsWith(".L")) {
        found = name;
      }
    }
    return found;
  }

  private static boolean isInsn(Statement statement) {
    return statement instanceof Statement.Code;
  }

  /**
   * Whether a section holds code if nothing says what it holds: libbpf knows the types of programs
   * by sections like {@code cgroup/connect4}, without a dot in front.
   */
  static boolean isCode(String section) {
    return isText(section) || !(section.startsWith(".") || DATA.contains(section));
  }

  static boolean isText(String section) {
    return section.equals(TEXT) || section.startsWith(TEXT + ".");
  }
}
