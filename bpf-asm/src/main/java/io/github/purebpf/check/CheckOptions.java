package io.github.purebpf.check;

import io.github.purebpf.asm.MapShape;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.uapi.AttachType;
import io.github.purebpf.uapi.ProgramType;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * What the checker is told about a program besides its code. What it is not told it does not check.
 *
 * @param type the program type; without it only what holds for every type is checked
 * @param attachType the attach type that the program is loaded with; empty if it is loaded without
 *     one, which some program types do not allow
 * @param license whether the program's license is compatible with the GPL
 * @param maps the maps that are known, by the name that the code uses
 * @param off the rules that are turned off
 */
public record CheckOptions(
    Optional<ProgramType> type,
    Optional<AttachType> attachType,
    License license,
    Map<MapRef, MapShape> maps,
    Set<Rule> off) {
  /** What is known of the license that a program is loaded with. */
  public enum License {
    /** Such as {@code "GPL"} or {@code "Dual MIT/GPL"}. */
    GPL_COMPATIBLE,
    /** Any other, and none. */
    OTHER,
    /** Not known: helpers reserved for the GPL are not looked at. */
    UNKNOWN
  }

  /** Refuses nulls and copies the collections. */
  public CheckOptions {
    Objects.requireNonNull(type, "type");
    Objects.requireNonNull(attachType, "attachType");
    Objects.requireNonNull(license, "license");
    maps = Map.copyOf(maps);
    off = Set.copyOf(off);
  }

  /** Nothing is known but the code. */
  public static CheckOptions ofAnyType() {
    return new CheckOptions(
        Optional.empty(), Optional.empty(), License.UNKNOWN, Map.of(), Set.of());
  }

  /** A program of this type, loaded without an attach type. */
  public static CheckOptions of(ProgramType type) {
    return new CheckOptions(
        Optional.of(type), Optional.empty(), License.UNKNOWN, Map.of(), Set.of());
  }

  /** A program of this type, loaded with an attach type. */
  public static CheckOptions of(ProgramType type, AttachType attachType) {
    return new CheckOptions(
        Optional.of(type), Optional.of(attachType), License.UNKNOWN, Map.of(), Set.of());
  }

  /** The same with a license. */
  public CheckOptions withLicense(License newLicense) {
    return new CheckOptions(type, attachType, newLicense, maps, off);
  }

  /** The same with one more map. */
  public CheckOptions withMap(MapRef map, MapShape shape) {
    var more = new HashMap<>(maps);
    more.put(map, shape);
    return new CheckOptions(type, attachType, license, more, off);
  }

  /** The same with one more rule turned off. */
  public CheckOptions without(Rule rule) {
    var more = new HashSet<>(off);
    more.add(rule);
    return new CheckOptions(type, attachType, license, maps, more);
  }
}
