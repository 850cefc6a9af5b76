package io.github.purebpf.tool;

import io.github.purebpf.check.CheckOptions.License;
import java.util.Set;

/** Which licenses the kernel takes for compatible with its own. */
final class Licenses {
  private static final Set<String> COMPATIBLE =
      Set.of(
          "GPL",
          "GPL v2",
          "GPL and additional rights",
          "Dual BSD/GPL",
          "Dual MIT/GPL",
          "Dual MPL/GPL");

  private Licenses() {}

  static License of(String text) {
    return COMPATIBLE.contains(text) ? License.GPL_COMPATIBLE : License.OTHER;
  }
}
