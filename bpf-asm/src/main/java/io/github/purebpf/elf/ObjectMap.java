package io.github.purebpf.elf;

import io.github.purebpf.asm.MapShape;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.layout.Struct;
import io.github.purebpf.uapi.MapType;
import java.util.Optional;

/**
 * A map that an object defines; who loads the object makes it.
 *
 * @param name what programs call it
 * @param shape its type, sizes and flags
 * @param key the struct that a key is, so that {@code bpftool map dump} shows its members
 * @param value the struct that a value is
 */
public record ObjectMap(
    MapRef name, MapShape shape, Optional<Struct<?>> key, Optional<Struct<?>> value) {
  /**
   * Refuses structs of other sizes than the shape's, and maps of maps, whose inner map it cannot
   * describe.
   */
  public ObjectMap {
    requireSize(name, "key", key, shape.keySize());
    requireSize(name, "value", value, shape.valueSize());
    if (shape.maxEntries() < 0) {
      throw new IllegalArgumentException(
          "map " + name + " with " + shape.maxEntries() + " entries; an object has at most 2^31-1");
    }
    if (shape.type() == MapType.ARRAY_OF_MAPS || shape.type() == MapType.HASH_OF_MAPS) {
      throw new IllegalArgumentException(
          "map %s: no object is written with a map of maps; create it before the program"
              .formatted(name));
    }
  }

  private static void requireSize(
      MapRef name, String what, Optional<Struct<?>> struct, int expected) {
    if (struct.isPresent() && struct.get().size() != expected) {
      throw new IllegalArgumentException(
          "map %s: its %s has %d bytes, %s has %d"
              .formatted(name, what, expected, struct.get(), struct.get().size()));
    }
  }

  /** A map of plain numbers or bytes. */
  public static ObjectMap of(MapRef name, MapShape shape) {
    return new ObjectMap(name, shape, Optional.empty(), Optional.empty());
  }
}
