package io.github.purebpf.bpf;

import io.github.purebpf.asm.MapShape;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.insn.MapRef;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Maps by key. A program looks a map up and then uses it; putting another map in is how tables are
 * exchanged as a whole.
 *
 * <p>The maps inside live as long as they are inside, whether they are closed here or not.
 *
 * @param <K> the Java type of the keys
 */
public abstract sealed class MapOfMaps<K> extends KernelMap permits ArrayOfMaps, HashOfMaps {
  private final Elements<K, Integer> elements;

  MapOfMaps(Kernel kernel, int fd, MapRef name, MapShape shape, Codec<K> key) {
    super(kernel, fd, name, shape);
    this.elements = InnerMaps.elements(this, key);
  }

  /**
   * Puts a map in, in place of one that may be there ({@code BPF_MAP_UPDATE_ELEM}). When this
   * returns, no program uses the old one any more.
   *
   * @throws io.github.purebpf.bpf.error.KernelErrorException if the map is not like the template
   *     (EINVAL), this one is full, or the number too high (E2BIG)
   */
  public final void put(K key, KernelMap inner) {
    InnerMaps.put(elements, Objects.requireNonNull(key, "key"), inner);
  }

  /**
   * The id of a map inside ({@code BPF_MAP_LOOKUP_ELEM}, Linux 4.14).
   *
   * @return empty if there is none, or the number is too high
   */
  public final OptionalInt id(K key) {
    return InnerMaps.id(elements, Objects.requireNonNull(key, "key"));
  }

  /**
   * Opens a map inside ({@code BPF_MAP_GET_FD_BY_ID}, Linux 4.13).
   *
   * @param spec what it must be
   * @return empty if there is none; to be closed by the caller
   * @throws IllegalArgumentException if it is another; the message says in what
   * @throws io.github.purebpf.bpf.error.MissingPrivilegeException without CAP_SYS_ADMIN
   */
  public final <L, V> Optional<BpfMap<L, V>> open(K key, MapSpec<L, V> spec) {
    return InnerMaps.open(kernel(), id(key), spec);
  }

  /**
   * Takes a map out ({@code BPF_MAP_DELETE_ELEM}).
   *
   * @return whether there was one
   */
  public final boolean remove(K key) {
    return elements.remove(Objects.requireNonNull(key, "key"));
  }
}
