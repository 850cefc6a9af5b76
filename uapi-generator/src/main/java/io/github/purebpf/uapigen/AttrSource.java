package io.github.purebpf.uapigen;

import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Writes the offsets in union bpf_attr, by {@code attr.txt}, and in the info structs. */
record AttrSource(Uapi uapi, Since since, HandKept file) {
  /** The class {@code Attr}. */
  String attr() {
    var java = new JavaText(uapi.kernel(), EnumSource.SYS);
    java.doc(
            0,
            "Offsets in {@code union bpf_attr}, the argument of every command of {@code bpf(2)}.",
            "Each nested class covers the commands that share its layout; its {@code SIZE} is the"
                + " end of the last field. Numbers are in host order.")
        .line(0, "public final class Attr {")
        .doc(2, "The size of the whole union: the largest of the layouts.")
        .line(2, "public static final int SIZE = " + uapi.struct("bpf_attr").size() + ";");
    var slots = uapi.struct("bpf_attr").slots();
    var groups = new LinkedHashSet<String>();
    slots.forEach(s -> groups.add(s.path().substring(0, s.path().indexOf('.'))));
    var commands = new LinkedHashSet<String>();
    commands().forEach(c -> commands.add(c.name()));
    for (var line : file.lines()) {
      String group = line.words(0).get(0);
      if (!groups.remove(group)) {
        throw file.fault(line, "union bpf_attr has no part " + group);
      }
      for (String command : line.words(1)) {
        if (!commands.remove(command)) {
          throw file.fault(line, command + " is not a command, or is there twice");
        }
      }
      part(java, line, under(group, slots));
    }
    if (!groups.isEmpty() || !commands.isEmpty()) {
      throw new IllegalArgumentException(
          file.file() + ": not described: parts " + groups + ", commands " + commands);
    }
    return java.line(0, "").line(2, "private Attr() {}").line(0, "}").toString();
  }

  private List<Uapi.Constant> commands() {
    return EnumSource.ALL.stream()
        .filter(e -> e.kernelEnum().equals("bpf_cmd"))
        .findFirst()
        .orElseThrow()
        .constants(uapi);
  }

  private static List<Uapi.Slot> under(String group, List<Uapi.Slot> slots) {
    String prefix = group + ".";
    return slots.stream()
        .filter(s -> s.path().startsWith(prefix))
        .map(
            s -> new Uapi.Slot(s.path().substring(prefix.length()), s.offset(), s.size(), s.kind()))
        .toList();
  }

  private void part(JavaText java, HandKept.Line line, List<Uapi.Slot> slots) {
    String name = line.words(0).get(1);
    var addresses = new HashSet<>(line.words(2));
    java.line(0, "")
        .doc(2, "The layout for " + commandList(line.words(1)) + ".")
        .line(2, "public static final class " + name + " {");
    offsets(java, 4, slots, addresses);
    if (!addresses.isEmpty()) {
      throw file.fault(line, "no such fields: " + addresses);
    }
    java.line(4, "private " + name + "() {}").line(2, "}");
  }

  private String commandList(List<String> commands) {
    return String.join(
        ", ", commands.stream().map(c -> "{@code " + c + "} (Linux " + since.of(c) + ")").toList());
  }

  /** A class with the offsets of a struct of its own, such as {@code struct bpf_map_info}. */
  String info(String className, String struct) {
    return offsetsIn(
        className,
        struct,
        "{@code struct " + struct + "}, an answer of {@code BPF_OBJ_GET_INFO_BY_FD}",
        "Older kernels fill a shorter part of it. Numbers are in host order.");
  }

  /** The same for a struct or union that the kernel is given. */
  String argument(String className, String struct, String purpose) {
    return offsetsIn(
        className,
        struct,
        "{@code " + struct + "}: " + purpose,
        "Older kernels take a shorter part of it. Numbers are in host order.");
  }

  private String offsetsIn(String className, String struct, String what, String more) {
    var java = new JavaText(uapi.kernel(), EnumSource.SYS);
    java.doc(0, "Offsets in " + what + ".", more).line(0, "public final class " + className + " {");
    offsets(java, 2, uapi.struct(struct).slots(), new HashSet<>());
    return java.line(2, "private " + className + "() {}").line(0, "}").toString();
  }

  static void offsets(JavaText java, int indent, List<Uapi.Slot> slots, Set<String> addresses) {
    int size = slots.stream().mapToInt(Uapi.Slot::end).max().orElseThrow();
    java.doc(indent, "The end of the last field.")
        .line(indent, "public static final int SIZE = " + size + ";")
        .line(0, "");
    var names = new HashSet<>(Set.of("SIZE"));
    for (var slot : slots) {
      String path = slot.path().equals("size") ? "size_field" : slot.path();
      String name = path.toUpperCase(Locale.ROOT).replace('.', '_');
      constant(
          java, indent, names, describe(slot, addresses.remove(slot.path())), name, slot.offset());
      if (slot.kind().endsWith("]")) {
        constant(
            java,
            indent,
            names,
            "The bytes of {@code " + slot.path() + "}.",
            name + "_SIZE",
            slot.size());
      }
    }
  }

  private static void constant(
      JavaText java, int indent, Set<String> names, String doc, String name, int value) {
    if (!names.add(name)) {
      throw new IllegalArgumentException("two constants would be called " + name);
    }
    java.doc(indent, doc)
        .line(indent, "public static final int " + name + " = " + value + ";")
        .line(0, "");
  }

  private static String describe(Uapi.Slot slot, boolean address) {
    String what = slot.size() == 1 ? "1 byte" : slot.size() + " bytes";
    if (address) {
      what += ", an address";
    } else if (slot.kind().startsWith("s")) {
      what += ", signed";
    } else if (slot.kind().startsWith("bits:")) {
      int plus = slot.kind().indexOf('+');
      what +=
          " holding a bitfield, first bit "
              + slot.kind().substring("bits:".length(), plus)
              + ", width "
              + slot.kind().substring(plus + 1);
    } else if (slot.kind().startsWith("char[")) {
      what += " with a NUL at the end";
    }
    return "{@code " + slot.path() + "}, " + what + ".";
  }
}
