package io.github.purebpf.uapigen;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;

/** Turns {@code ctx-access.txt} into one class of typed fields for each context struct. */
record ContextSource(Uapi uapi, HandKept file) {
  private static final List<String> ORDINALS =
      List.of("First", "Second", "Third", "Fourth", "Fifth");

  /** The sources by class name. */
  Map<String, String> sources() {
    var sources = new LinkedHashMap<String, String>();
    var lines = file.lines();
    for (int start = 0; start < lines.size(); ) {
      int end = start + 1;
      while (end < lines.size() && !lines.get(end).opensSection()) {
        end++;
      }
      var heading = lines.get(start);
      sources.put(heading.section().get(1), source(heading, lines.subList(start + 1, end)));
      start = end;
    }
    return sources;
  }

  private String source(HandKept.Line heading, List<HandKept.Line> lines) {
    String struct = heading.section().get(0);
    String name = heading.section().get(1);
    var layout = uapi.struct(struct);
    var slots = new LinkedHashMap<String, Uapi.Slot>();
    layout.slots().forEach(slot -> slots.put(slot.path(), slot));
    var java =
        new JavaText(
            uapi.kernel(),
            EnumSource.UAPI,
            "io.github.purebpf.insn.Field",
            "io.github.purebpf.insn.MemSize",
            "java.util.List",
            "java.util.Set");
    java.doc(
            0,
            heading.column(1),
            "Each field says in which sizes the kernel lets a program read and write it from its"
                + " first byte on.")
        .line(0, "public final class " + name + " {")
        .doc(2, "The size of the struct: " + layout.size() + " bytes.")
        .line(2, "public static final int SIZE = " + layout.size() + ";")
        .line(0, "");
    var names = new ArrayList<String>();
    for (var line : lines) {
      var slot = slots.remove(line.column(0));
      if (slot == null) {
        throw file.fault(line, "struct " + struct + " has no field " + line.column(0));
      }
      names.addAll(fields(java, name, line, slot));
    }
    if (!slots.isEmpty()) {
      throw file.fault(heading, "not described: " + slots.keySet());
    }
    java.doc(2, "All fields, by ascending offset.")
        .line(2, "public static final List<Field<" + name + ">> FIELDS =")
        .call(6, "List.of", names);
    return java.line(0, "").line(2, "private " + name + "() {}").line(0, "}").toString();
  }

  /** Writes the constants of a line: one, or one for each word of an array. */
  private List<String> fields(JavaText java, String className, HandKept.Line line, Uapi.Slot slot) {
    String constant = slot.path().toUpperCase(Locale.ROOT);
    if (!slot.kind().endsWith("]")) {
      field(java, className, constant, slot.path(), slot.offset(), slot.size(), line, "");
      return List.of(constant);
    }
    int words = slot.size() / Integer.BYTES;
    var names = new ArrayList<String>();
    for (int i = 0; i < words; i++) {
      int offset = slot.offset() + i * Integer.BYTES;
      String doc = ORDINALS.get(i) + " word ";
      // Two words in one access are allowed where they are aligned and both belong to the array.
      boolean wide = offset % Long.BYTES == 0 && i + 1 < words;
      field(
          java,
          className,
          constant + "_" + i,
          slot.path() + "[" + i + "]",
          offset,
          Integer.BYTES,
          sized(line, wide),
          doc);
      names.add(constant + "_" + i);
    }
    return names;
  }

  /** The line of one word: +8 becomes 8 where the word begins a pair, and goes elsewhere. */
  private static HandKept.Line sized(HandKept.Line line, boolean wide) {
    return new HandKept.Line(
        line.number(),
        List.of(
            line.column(0),
            sized(line.column(1), wide),
            sized(line.column(2), wide),
            line.column(3)));
  }

  private static String sized(String sizes, boolean wide) {
    return wide ? sizes.replace("+8", "8") : sizes.replace(" +8", "");
  }

  private void field(
      JavaText java,
      String className,
      String constant,
      String path,
      int offset,
      int size,
      HandKept.Line line,
      String lead) {
    java.doc(
            2,
            lead + line.column(3),
            "{@code " + path + "} at " + offset + ": " + access(line) + ".")
        .line(2, "public static final Field<" + className + "> " + constant + " =");
    java.call(
            6,
            "new Field<>",
            List.of(
                "\"" + path + "\"",
                String.valueOf(offset),
                "MemSize." + memSize(size),
                set(line.words(1)),
                set(line.words(2))))
        .line(0, "");
  }

  private static String access(HandKept.Line line) {
    String read = "read in " + sizes(line.words(1));
    return line.words(2).isEmpty()
        ? read + ", never written"
        : read + ", written in " + sizes(line.words(2));
  }

  private static String sizes(List<String> words) {
    String all = String.join(", ", words);
    int comma = all.lastIndexOf(", ");
    return (comma < 0 ? all : all.substring(0, comma) + " or " + all.substring(comma + 2))
        + " bytes";
  }

  private static String set(List<String> sizes) {
    var names = new ArrayList<String>();
    new TreeSet<>(sizes).forEach(s -> names.add("MemSize." + memSize(Integer.parseInt(s))));
    return "Set.of(" + String.join(", ", names) + ")";
  }

  private static String memSize(int bytes) {
    return switch (bytes) {
      case 1 -> "B";
      case 2 -> "H";
      case 4 -> "W";
      case 8 -> "DW";
      default -> throw new IllegalArgumentException("no access has " + bytes + " bytes");
    };
  }
}
