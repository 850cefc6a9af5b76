package io.github.purebpf.text;

import io.github.purebpf.asm.BpfCode;
import io.github.purebpf.asm.MapShape;
import io.github.purebpf.insn.MapRef;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A program and what its text declares about it, which the code's bytes do not hold.
 *
 * @param code the program
 * @param name the label that the text begins with
 * @param section the section that the program is in, as {@code .section cgroup/connect4} says
 * @param license what {@code .license GPL} says
 * @param maps the maps that {@code .map services hash 4 4 65536} defines, in their order
 */
public record TextProgram(
    BpfCode code,
    Optional<String> name,
    Optional<String> section,
    Optional<String> license,
    Map<MapRef, MapShape> maps) {
  /** Refuses nulls and copies the map. */
  public TextProgram {
    Objects.requireNonNull(code, "code");
    Objects.requireNonNull(name, "name");
    Objects.requireNonNull(section, "section");
    Objects.requireNonNull(license, "license");
    maps = Collections.unmodifiableMap(new LinkedHashMap<>(maps));
  }
}
