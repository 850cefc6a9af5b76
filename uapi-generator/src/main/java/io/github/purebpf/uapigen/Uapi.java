package io.github.purebpf.uapigen;

import io.github.purebpf.insn.KernelVersion;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The contents of {@code uapi.txt}.
 *
 * @param kernel the release they come from
 * @param enums constants by heading: {@code enum NAME}, or {@code flags CONSTANT} for an unnamed
 *     one
 * @param structs layouts by name
 */
record Uapi(KernelVersion kernel, Map<String, List<Constant>> enums, Map<String, Layout> structs) {
  record Constant(String name, long value) {}

  /** A struct with its fields flattened: the names of nested structs are part of the path. */
  record Layout(int size, List<Slot> slots) {}

  /** A field; its kind is {@code u32}, {@code s32}, {@code ptr}, {@code char[16]} and so on. */
  record Slot(String path, int offset, int size, String kind) {
    int end() {
      return offset + size;
    }
  }

  static Uapi parse(String text) {
    KernelVersion kernel = null;
    var enums = new LinkedHashMap<String, List<Constant>>();
    var structs = new LinkedHashMap<String, Layout>();
    List<Constant> constants = List.of();
    List<Slot> slots = List.of();
    for (String line : text.lines().toList()) {
      String[] words = line.strip().split(" ", -1);
      // What belongs to a heading is indented; a field may be called "flags".
      switch (line.startsWith(" ") ? "entry" : words[0]) {
        case "", "#" -> {}
        case "kernel" -> kernel = KernelVersion.parse(words[1]);
        case "enum", "flags" -> {
          constants = new ArrayList<>();
          enums.put(line, constants);
        }
        case "struct" -> {
          slots = new ArrayList<>();
          structs.put(words[1], new Layout(Integer.parseInt(words[2]), slots));
        }
        default -> {
          if (words.length == 2) {
            constants.add(new Constant(words[0], Long.parseLong(words[1])));
          } else {
            slots.add(
                new Slot(
                    words[0], Integer.parseInt(words[1]), Integer.parseInt(words[2]), words[3]));
          }
        }
      }
    }
    if (kernel == null) {
      throw new IllegalArgumentException("uapi.txt: the line \"kernel RELEASE\" is missing");
    }
    return new Uapi(kernel, enums, structs);
  }

  List<Constant> constants(String heading) {
    var constants = enums.get(heading);
    if (constants == null) {
      throw new IllegalArgumentException("uapi.txt: \"" + heading + "\" is missing");
    }
    return constants;
  }

  Layout struct(String name) {
    var layout = structs.get(name);
    if (layout == null) {
      throw new IllegalArgumentException("uapi.txt: \"struct " + name + "\" is missing");
    }
    return layout;
  }
}
