package io.github.purebpf.bpf;

import io.github.purebpf.asm.MapShape;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.uapi.MapType;
import java.nio.file.Path;
import java.util.OptionalInt;

/**
 * Network interfaces by a key of 32 bits, such as their own number, to which an XDP program
 * redirects packets ({@code BPF_MAP_TYPE_DEVMAP_HASH}, Linux 5.4; with programs for the packets on
 * their way, Linux 5.8).
 *
 * <p>An interface is looked for in the network namespace of the thread that puts it in, and leaves
 * the map when it goes.
 */
public final class DevMapHash extends KernelMap {
  private final Elements<Integer, Redirection> elements;

  private DevMapHash(Kernel kernel, int fd, MapRef name, MapShape shape) {
    super(kernel, fd, name, shape);
    this.elements = Redirection.elements(this, "this network namespace has no such interface");
  }

  /**
   * Makes an empty one.
   *
   * @param name the name by which programs refer to it
   * @param maxEntries how many interfaces it can hold
   * @throws io.github.purebpf.bpf.error.MissingPrivilegeException without CAP_BPF and CAP_NET_ADMIN
   * @throws io.github.purebpf.bpf.error.UnsupportedKernelException before Linux 5.8
   */
  public static DevMapHash create(MapRef name, int maxEntries, MapOption... options) {
    return create(Kernel.running(), name, maxEntries, options);
  }

  static DevMapHash create(Kernel kernel, MapRef name, int maxEntries, MapOption... options) {
    var shape = shape(maxEntries, options);
    int fd = new MapCreator(kernel, name, shape).with(options).create();
    return new DevMapHash(kernel, fd, name, shape);
  }

  /**
   * Opens a pinned one ({@code BPF_OBJ_GET}, Linux 4.4).
   *
   * @throws IllegalArgumentException if what is pinned there is another map; the message says in
   *     what
   */
  public static DevMapHash openPinned(Path path, MapRef name, int maxEntries) {
    return openPinned(Kernel.running(), path, name, maxEntries);
  }

  static DevMapHash openPinned(Kernel kernel, Path path, MapRef name, int maxEntries) {
    var shape = shape(maxEntries);
    return openPinned(kernel, path, (k, fd) -> new DevMapHash(k, fd, name, shape));
  }

  private static MapShape shape(int maxEntries, MapOption... options) {
    return MapCreator.shape(
        MapType.DEVMAP_HASH, Integer.BYTES, Redirection.SIZE, maxEntries, options);
  }

  /**
   * Puts an interface in, in place of one that may be there ({@code BPF_MAP_UPDATE_ELEM}).
   *
   * @param ifindex its number, such as {@link AttachPoint#ifindex} tells it
   * @throws io.github.purebpf.bpf.error.KernelErrorException if there is none of that number
   *     (EINVAL), or the key is outside the map or that is full (E2BIG)
   */
  public void put(int key, int ifindex) {
    elements.put(key, new Redirection(ifindex));
  }

  /**
   * Puts an interface in, with a program that sees each packet before it is sent ({@code
   * BPF_XDP_DEVMAP}, Linux 5.8).
   *
   * @throws io.github.purebpf.bpf.error.KernelErrorException if there is no such interface, or the
   *     program is none of {@link io.github.purebpf.uapi.AttachType#XDP_DEVMAP} (EINVAL)
   */
  public void put(int key, int ifindex, BpfProgram program) {
    Redirection.put(elements, key, ifindex, program);
  }

  /**
   * The number of an interface ({@code BPF_MAP_LOOKUP_ELEM}).
   *
   * @return empty if there is none
   */
  public OptionalInt ifindex(int key) {
    return Redirection.number(elements.get(key));
  }

  /**
   * The id of the program that sees the packets to an interface ({@code BPF_MAP_LOOKUP_ELEM}).
   *
   * @return empty if there is none
   */
  public OptionalInt programId(int key) {
    return Redirection.program(elements.get(key));
  }

  /**
   * Takes an interface out ({@code BPF_MAP_DELETE_ELEM}).
   *
   * @return whether there was one
   */
  public boolean remove(int key) {
    return elements.remove(key);
  }
}
