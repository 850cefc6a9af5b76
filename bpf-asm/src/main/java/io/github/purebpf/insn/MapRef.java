package io.github.purebpf.insn;

import java.util.regex.Pattern;

/**
 * A map by name: what a program refers to before the map exists. Loading binds it to the map that
 * carries the same name.
 *
 * @param name 1 to 15 of the characters {@code A-Z a-z 0-9 _ .}, the kernel's rule for object names
 */
public record MapRef(String name) {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.]{1,15}");

  /** Refuses a name that the kernel would refuse. */
  public MapRef {
    if (!NAME.matcher(name).matches()) {
      throw new AsmException(
          "map name \"" + name + "\": the kernel takes 1 to 15 of A-Z a-z 0-9 _ and .");
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
