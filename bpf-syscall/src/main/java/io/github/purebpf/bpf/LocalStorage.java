package io.github.purebpf.bpf;

import io.github.purebpf.asm.MapShape;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.uapi.UpdateFlags;
import java.util.Objects;
import java.util.Optional;

/**
 * Values that the kernel keeps with objects of its own. A program finds them from its pointer to
 * the object, this process by a file descriptor.
 *
 * @param <O> what names the object here
 * @param <V> the Java type of the values
 */
public abstract sealed class LocalStorage<O, V> extends KernelMap
    permits SocketStorage, InodeStorage, TaskStorage, CgroupStorage {
  private final Elements<Integer, V> elements;
  private final Codec<V> value;

  LocalStorage(Kernel kernel, int fd, MapRef name, MapShape shape, Codec<V> value) {
    super(kernel, fd, name, shape);
    this.value = Objects.requireNonNull(value, "value");
    this.elements =
        new Elements<>(
            this,
            Codec.s32(),
            value,
            words ->
                words
                    .hint(Errno.EBADF, "the file descriptor is of nothing that can have a value")
                    .hint(Errno.ENOTSOCK, "the file descriptor is no socket"));
  }

  /** How its values lie in memory, for what else tells them than this map. */
  public final Codec<V> valueCodec() {
    return value;
  }

  /** Opens the object for one call. */
  abstract OpenFile open(O owner);

  /** The value of an object; empty if it has none ({@code BPF_MAP_LOOKUP_ELEM}). */
  public final Optional<V> get(O owner) {
    try (var file = open(Objects.requireNonNull(owner, "owner"))) {
      return elements.get(file.fd());
    }
  }

  /**
   * Gives an object a value, whether it has one or not ({@code BPF_MAP_UPDATE_ELEM}).
   *
   * @throws io.github.purebpf.bpf.error.KernelErrorException if the object is of another kind
   *     (EBADF, ENOTSOCK) or gone
   */
  public final void put(O owner, V value) {
    try (var file = open(Objects.requireNonNull(owner, "owner"))) {
      elements.put(file.fd(), value);
    }
  }

  /**
   * Gives a value to an object that has none ({@code BPF_NOEXIST}).
   *
   * @return whether it had none
   */
  public final boolean putIfAbsent(O owner, V value) {
    try (var file = open(Objects.requireNonNull(owner, "owner"))) {
      return elements.update(file.fd(), value, UpdateFlags.NOEXIST, Errno.EEXIST) >= 0;
    }
  }

  /**
   * Takes its value away from an object ({@code BPF_MAP_DELETE_ELEM}).
   *
   * @return whether it had one
   */
  public final boolean remove(O owner) {
    try (var file = open(Objects.requireNonNull(owner, "owner"))) {
      return elements.remove(file.fd());
    }
  }
}
