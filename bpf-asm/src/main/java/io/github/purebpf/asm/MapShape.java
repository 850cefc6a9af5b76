package io.github.purebpf.asm;

import io.github.purebpf.uapi.MapFlags;
import io.github.purebpf.uapi.MapType;
import java.util.Objects;

/**
 * The shape of a map that code refers to by name: what a program can do with it follows from this.
 *
 * @param type the kind of map
 * @param keySize bytes of a key
 * @param valueSize bytes of a value
 * @param maxEntries how many entries it can hold
 * @param flags {@code BPF_F_…}, see {@link MapFlags}
 */
public record MapShape(MapType type, int keySize, int valueSize, int maxEntries, int flags) {
  /** Refuses null and negative sizes. */
  public MapShape {
    Objects.requireNonNull(type, "type");
    if (keySize < 0 || valueSize < 0) {
      throw new IllegalArgumentException(
          "map with keys of " + keySize + " and values of " + valueSize + " bytes");
    }
  }

  /** A map without flags. */
  public static MapShape of(MapType type, int keySize, int valueSize, int maxEntries) {
    return new MapShape(type, keySize, valueSize, maxEntries, 0);
  }
}
