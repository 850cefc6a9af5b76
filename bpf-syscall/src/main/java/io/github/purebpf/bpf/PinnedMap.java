package io.github.purebpf.bpf;

import io.github.purebpf.bpf.internal.sys.BpfMapInfo;
import io.github.purebpf.uapi.MapType;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;

/** Compares a map found at a pin or by its id with what its opener takes it for. */
final class PinnedMap {
  private PinnedMap() {}

  /**
   * @param place such as {@code pinned at /sys/fs/bpf/vips}
   */
  static void requireSame(KernelMap map, String place) {
    var differences = new ArrayList<String>();
    var shape = map.shape();
    try (var arena = Arena.ofConfined()) {
      var info = map.info(arena, BpfMapInfo.MAP_FLAGS);
      int type = info.get(ValueLayout.JAVA_INT, BpfMapInfo.TYPE);
      if (type != shape.type().value()) {
        differences.add(
            "its type is %s, not %s"
                .formatted(
                    MapType.byValue(type).map(MapType::kernelName).orElse("number " + type),
                    shape.type().kernelName()));
      }
      int keySize = info.get(ValueLayout.JAVA_INT, BpfMapInfo.KEY_SIZE);
      if (keySize != shape.keySize()) {
        differences.add("its keys have %d bytes, not %d".formatted(keySize, shape.keySize()));
      }
      int valueSize = info.get(ValueLayout.JAVA_INT, BpfMapInfo.VALUE_SIZE);
      if (valueSize != shape.valueSize()) {
        differences.add("its values have %d bytes, not %d".formatted(valueSize, shape.valueSize()));
      }
      int entries = info.get(ValueLayout.JAVA_INT, BpfMapInfo.MAX_ENTRIES);
      if (entries != shape.maxEntries()) {
        differences.add("it holds %d entries, not %d".formatted(entries, shape.maxEntries()));
      }
    }
    if (!differences.isEmpty()) {
      throw new IllegalArgumentException(
          "the map %s is not the %s asked for: %s; %sask for what it is"
              .formatted(
                  place,
                  map.title(),
                  String.join(", ", differences),
                  place.startsWith("pinned") ? "unpin it, or " : ""));
    }
  }
}
