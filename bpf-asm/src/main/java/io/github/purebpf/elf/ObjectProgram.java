package io.github.purebpf.elf;

import io.github.purebpf.asm.BpfCode;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A program of an object.
 *
 * @param name its symbol, {@code [A-Za-z_.$][A-Za-z0-9_.$]*}
 * @param section what tells libbpf the program type, such as {@code cgroup/connect4} or {@code xdp}
 * @param code with its maps by name
 */
public record ObjectProgram(String name, String section, BpfCode code) {
  private static final Pattern SYMBOL = Pattern.compile("[A-Za-z_.$][A-Za-z0-9_.$]*+");
  private static final Set<String> TAKEN = Set.of("license", "version", "maps");

  /** Refuses names that the file format has another use for. */
  public ObjectProgram {
    Objects.requireNonNull(code, "code");
    if (!SYMBOL.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "program name \"" + name + "\": a symbol has letters, digits, _ . and $");
    }
    if (section.isEmpty()
        || section.startsWith(".")
        || TAKEN.contains(section)
        || section.chars().anyMatch(c -> c <= ' ' || c > '~')) {
      throw new IllegalArgumentException(
          "section \"%s\" of program %s: it tells the program type, as cgroup/connect4 does"
              .formatted(section, name));
    }
    if (code.insns().isEmpty()) {
      throw new IllegalArgumentException("program " + name + " has no instruction");
    }
  }
}
