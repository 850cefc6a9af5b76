package io.github.purebpf.bpf;

import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.bpf.internal.sys.Kernel;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/** Maps as values of maps: put in by descriptor, found again by id. */
final class InnerMaps {
  private InnerMaps() {}

  static int create(MapCreator creator, KernelMap template) {
    return template.withFd(fd -> creator.inner(fd).create());
  }

  static <K> Elements<K, Integer> elements(KernelMap outer, Codec<K> key) {
    return new Elements<>(
        outer,
        key,
        Codec.u32(),
        words ->
            words.hint(
                Errno.EINVAL,
                "the map differs from the template in type, sizes, flags or entries"));
  }

  static <K> void put(Elements<K, Integer> elements, K key, KernelMap inner) {
    Objects.requireNonNull(inner, "inner");
    var _ =
        inner.withFd(
            fd -> {
              elements.put(key, fd);
              return fd;
            });
  }

  static <K> OptionalInt id(Elements<K, Integer> elements, K key) {
    return elements.get(key).map(OptionalInt::of).orElseGet(OptionalInt::empty);
  }

  /** A map that goes between the lookup of its id and the opening was not inside any more. */
  static <K, V> Optional<BpfMap<K, V>> open(Kernel kernel, OptionalInt id, MapSpec<K, V> spec) {
    if (id.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(BpfMap.openById(kernel, id.getAsInt(), spec));
    } catch (KernelErrorException e) {
      if (e.errno() == Errno.ENOENT) {
        return Optional.empty();
      }
      throw e;
    }
  }
}
