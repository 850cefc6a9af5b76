package io.github.purebpf.bpf;

import io.github.purebpf.bpf.internal.sys.MapInfo;
import io.github.purebpf.uapi.MapType;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;

/** Compares a map found at a pin with what its opener takes it for. */
final class PinnedMap {
  private PinnedMap() {}

  static void requireSame(BpfMap<?, ?> map, Path path) {
    var differences = new ArrayList<String>();
    var spec = map.spec();
    try (var arena = Arena.ofConfined()) {
      var info = map.info(arena, MapInfo.MAP_FLAGS);
      int type = info.get(ValueLayout.JAVA_INT, MapInfo.TYPE);
      if (type != spec.type().value()) {
        differences.add(
            "its type is %s, not %s"
                .formatted(
                    MapType.byValue(type).map(MapType::kernelName).orElse("number " + type),
                    spec.type().kernelName()));
      }
      int keySize = info.get(ValueLayout.JAVA_INT, MapInfo.KEY_SIZE);
      if (keySize != spec.key().size()) {
        differences.add("its keys have %d bytes, not %d".formatted(keySize, spec.key().size()));
      }
      int valueSize = info.get(ValueLayout.JAVA_INT, MapInfo.VALUE_SIZE);
      if (valueSize != spec.value().size()) {
        differences.add(
            "its values have %d bytes, not %d".formatted(valueSize, spec.value().size()));
      }
      int entries = info.get(ValueLayout.JAVA_INT, MapInfo.MAX_ENTRIES);
      if (entries != spec.maxEntries()) {
        differences.add("it holds %d entries, not %d".formatted(entries, spec.maxEntries()));
      }
    }
    if (!differences.isEmpty()) {
      throw new IllegalArgumentException(
          "the map pinned at %s is not the %s asked for: %s; unpin it, or ask for what it is"
              .formatted(path, map.title(), String.join(", ", differences)));
    }
  }
}
