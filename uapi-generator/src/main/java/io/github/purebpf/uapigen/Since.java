package io.github.purebpf.uapigen;

import io.github.purebpf.insn.KernelVersion;
import java.util.HashMap;
import java.util.Map;

/** Which kernel brought a constant, from {@code since.txt}. */
record Since(Map<String, KernelVersion> versions) {
  static Since parse(String text) {
    var file = HandKept.parse("since.txt", text, 2);
    var versions = new HashMap<String, KernelVersion>();
    for (var line : file.lines()) {
      if (versions.put(line.column(0), KernelVersion.parse(line.column(1))) != null) {
        throw file.fault(line, line.column(0) + " is there twice");
      }
    }
    return new Since(Map.copyOf(versions));
  }

  /** The kernel that brought a constant; there is no default. */
  KernelVersion of(String constant) {
    var version = versions.get(constant);
    if (version == null) {
      throw new IllegalArgumentException(
          "since.txt: "
              + constant
              + " is missing; look up the kernel that brought it and add \""
              + constant
              + " : VERSION\"");
    }
    return version;
  }
}
