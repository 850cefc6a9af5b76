package io.github.purebpf.bpf;

import io.github.purebpf.asm.MapShape;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.uapi.MapType;
import java.nio.file.Path;

/**
 * A set that values can only be added to, in a few bits each ({@code BPF_MAP_TYPE_BLOOM_FILTER},
 * Linux 5.16): it never denies a value that was added, and says of few others that they may be in.
 *
 * @param <V> the Java type of the values
 */
public final class BloomFilter<V> extends KernelMap {
  private static final int MOST_HASHES = 15;

  private final Elements<Void, V> elements;

  private BloomFilter(Kernel kernel, int fd, MapRef name, MapShape shape, Codec<V> value) {
    super(kernel, fd, name, shape);
    this.elements = new Elements<>(this, null, value, words -> words);
  }

  /**
   * Makes one with the kernel's choice of five hash functions.
   *
   * @param name the name by which programs refer to it
   * @param maxEntries how many values it is laid out for; more can be added, at the price of more
   *     wrong answers
   * @throws io.github.purebpf.bpf.error.MissingPrivilegeException without CAP_BPF
   * @throws io.github.purebpf.bpf.error.UnsupportedKernelException before Linux 5.16
   */
  public static <V> BloomFilter<V> create(
      MapRef name, Codec<V> value, int maxEntries, MapOption... options) {
    return create(Kernel.running(), name, value, maxEntries, 0, options);
  }

  /**
   * Makes one.
   *
   * @param name the name by which programs refer to it
   * @param maxEntries how many values it is laid out for
   * @param hashes how many hash functions it uses, 1 to 15
   * @throws io.github.purebpf.bpf.error.MissingPrivilegeException without CAP_BPF
   * @throws io.github.purebpf.bpf.error.UnsupportedKernelException before Linux 5.16
   */
  public static <V> BloomFilter<V> create(
      MapRef name, Codec<V> value, int maxEntries, int hashes, MapOption... options) {
    if (hashes < 1 || hashes > MOST_HASHES) {
      throw new IllegalArgumentException(
          "map %s: %d hash functions; the kernel takes 1 to %d"
              .formatted(name, hashes, MOST_HASHES));
    }
    return create(Kernel.running(), name, value, maxEntries, hashes, options);
  }

  /**
   * @param hashes 0 for the kernel's choice
   */
  static <V> BloomFilter<V> create(
      Kernel kernel,
      MapRef name,
      Codec<V> value,
      int maxEntries,
      int hashes,
      MapOption... options) {
    var shape = shape(value, maxEntries, options);
    int fd =
        new MapCreator(kernel, name, shape).typed(null, value).extra(hashes).with(options).create();
    return new BloomFilter<>(kernel, fd, name, shape, value);
  }

  /**
   * Opens a pinned one ({@code BPF_OBJ_GET}, Linux 4.4).
   *
   * @throws IllegalArgumentException if what is pinned there is another map; the message says in
   *     what
   */
  public static <V> BloomFilter<V> openPinned(
      Path path, MapRef name, Codec<V> value, int maxEntries) {
    return openPinned(Kernel.running(), path, name, value, maxEntries);
  }

  static <V> BloomFilter<V> openPinned(
      Kernel kernel, Path path, MapRef name, Codec<V> value, int maxEntries) {
    var shape = shape(value, maxEntries);
    return openPinned(kernel, path, (k, fd) -> new BloomFilter<>(k, fd, name, shape, value));
  }

  private static MapShape shape(Codec<?> value, int maxEntries, MapOption... options) {
    return MapCreator.shape(MapType.BLOOM_FILTER, 0, value.size(), maxEntries, options);
  }

  /** Adds a value ({@code BPF_MAP_UPDATE_ELEM}). It cannot be taken out again. */
  public void add(V value) {
    elements.put(null, value);
  }

  /**
   * Whether a value may have been added ({@code BPF_MAP_LOOKUP_ELEM}): false is certain, true is
   * not.
   */
  public boolean mightContain(V value) {
    return elements.contains(value);
  }
}
