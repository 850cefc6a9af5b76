package io.github.purebpf.text;

import io.github.purebpf.uapi.Helper;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;

/** The names of helpers in C and their numbers. */
final class HelperNames {
  private static final Map<String, Integer> IDS = new HashMap<>();
  private static final Map<Integer, String> NAMES = new HashMap<>();

  static {
    for (var helper : Helper.values()) {
      IDS.put(helper.kernelName(), helper.id());
      NAMES.put(helper.id(), helper.kernelName());
    }
  }

  private HelperNames() {}

  /** The number of a helper. */
  static OptionalInt id(String name) {
    var id = IDS.get(name);
    return id == null ? OptionalInt.empty() : OptionalInt.of(id);
  }

  /** What the kernel prints for a helper; one that it does not know is unknown. */
  static String name(int id) {
    return NAMES.getOrDefault(id, "unknown");
  }

  static boolean isKnown(int id) {
    return NAMES.containsKey(id);
  }
}
