package io.github.purebpf.bpf;

import io.github.purebpf.asm.MapShape;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.insn.MapRef;
import java.util.OptionalInt;

/**
 * Network interfaces by a key of 32 bits, to which an XDP program redirects packets.
 *
 * <p>An interface is looked for in the network namespace of the thread that puts it in, and leaves
 * the map when it goes.
 */
public abstract sealed class DeviceTable extends KernelMap permits DevMap, DevMapHash {
  final Elements<Integer, Redirection> elements;

  DeviceTable(Kernel kernel, int fd, MapRef name, MapShape shape) {
    super(kernel, fd, name, shape);
    this.elements = Redirection.elements(this, "this network namespace has no such interface");
  }

  /**
   * Puts an interface in, in place of one that may be there ({@code BPF_MAP_UPDATE_ELEM}).
   *
   * @param ifindex its number, such as {@link AttachPoint#ifindex} tells it
   * @throws io.github.purebpf.bpf.error.KernelErrorException if there is none of that number
   *     (EINVAL), or the key is outside the map or that is full (E2BIG)
   */
  public final void put(int key, int ifindex) {
    elements.put(key, new Redirection(ifindex));
  }

  /**
   * Puts an interface in, with a program that sees each packet before it is sent ({@code
   * BPF_XDP_DEVMAP}, Linux 5.8).
   *
   * @throws io.github.purebpf.bpf.error.KernelErrorException if there is no such interface, or the
   *     program is none of {@link io.github.purebpf.uapi.AttachType#XDP_DEVMAP} (EINVAL)
   */
  public final void put(int key, int ifindex, BpfProgram program) {
    Redirection.put(elements, key, ifindex, program);
  }

  /**
   * The number of an interface ({@code BPF_MAP_LOOKUP_ELEM}).
   *
   * @return empty if there is none
   */
  public final OptionalInt ifindex(int key) {
    return Redirection.number(elements.get(key));
  }

  /**
   * The id of the program that sees the packets to an interface ({@code BPF_MAP_LOOKUP_ELEM}).
   *
   * @return empty if there is none
   */
  public final OptionalInt programId(int key) {
    return Redirection.program(elements.get(key));
  }
}
