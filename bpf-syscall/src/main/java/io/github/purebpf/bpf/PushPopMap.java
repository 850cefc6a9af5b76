package io.github.purebpf.bpf;

import io.github.purebpf.asm.MapShape;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.uapi.UpdateFlags;
import java.util.Optional;

/**
 * Values without keys, put in at one place and taken out again.
 *
 * @param <V> the Java type of the values
 */
public abstract sealed class PushPopMap<V> extends KernelMap permits BpfQueue, BpfStack {
  private final Elements<Void, V> elements;

  PushPopMap(Kernel kernel, int fd, MapRef name, MapShape shape, Codec<V> value) {
    super(kernel, fd, name, shape);
    this.elements = new Elements<>(this, null, value, words -> words);
  }

  /**
   * Puts a value in ({@code BPF_MAP_UPDATE_ELEM}, Linux 4.20).
   *
   * @throws io.github.purebpf.bpf.error.KernelErrorException if it is full (E2BIG)
   */
  public final void push(V value) {
    elements.put(null, value);
  }

  /**
   * Puts a value in if there is room ({@code BPF_MAP_UPDATE_ELEM}, Linux 4.20).
   *
   * @return whether there was
   */
  public final boolean offer(V value) {
    return elements.update(null, value, UpdateFlags.ANY, Errno.E2BIG) >= 0;
  }

  /**
   * Puts a value in, over the oldest one if it is full ({@code BPF_EXIST}, Linux 4.20). Which one
   * was lost is not told.
   */
  public final void pushOverOldest(V value) {
    elements.update(null, value, UpdateFlags.EXIST);
  }

  /**
   * Takes the next value out ({@code BPF_MAP_LOOKUP_AND_DELETE_ELEM}, Linux 4.20).
   *
   * @return empty if there is none
   */
  public final Optional<V> pop() {
    return elements.take(null);
  }

  /**
   * The next value, which stays in ({@code BPF_MAP_LOOKUP_ELEM}, Linux 4.20).
   *
   * @return empty if there is none
   */
  public final Optional<V> peek() {
    return elements.get(null);
  }
}
