package io.github.purebpf.bpf;

import io.github.purebpf.asm.MapShape;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.uapi.MapType;
import java.nio.file.Path;
import java.util.OptionalInt;

/**
 * Programs by number, which others jump to and do not return from ({@code bpf_tail_call}; {@code
 * BPF_MAP_TYPE_PROG_ARRAY}, Linux 4.2).
 *
 * <p>All are of one type: that of the first one put in, or of the first program that refers to the
 * array. When the last descriptor and pin of the array goes, the kernel empties it, although
 * programs may still refer to it: keep it open, or pinned, as long as it is used.
 */
public final class ProgramArray extends KernelMap {
  private final Elements<Integer, Integer> elements;

  private ProgramArray(Kernel kernel, int fd, MapRef name, MapShape shape) {
    super(kernel, fd, name, shape);
    this.elements =
        new Elements<>(
            this,
            Codec.u32(),
            Codec.u32(),
            words ->
                words
                    .hint(
                        Errno.EINVAL,
                        "the program is of another type than those that use the array, or differs"
                            + " from them in what it may do")
                    .hint(Errno.E2BIG, "the number is outside 0 to " + (shape.maxEntries() - 1)));
  }

  /**
   * Makes an empty one.
   *
   * @param name the name by which programs refer to it
   * @param maxEntries how many programs it can hold, numbered from 0
   * @throws io.github.purebpf.bpf.error.MissingPrivilegeException without CAP_BPF
   */
  public static ProgramArray create(MapRef name, int maxEntries, MapOption... options) {
    return create(Kernel.running(), name, maxEntries, options);
  }

  static ProgramArray create(Kernel kernel, MapRef name, int maxEntries, MapOption... options) {
    var shape = shape(maxEntries, options);
    int fd = new MapCreator(kernel, name, shape).with(options).create();
    return new ProgramArray(kernel, fd, name, shape);
  }

  /**
   * Opens a pinned one ({@code BPF_OBJ_GET}, Linux 4.4).
   *
   * @throws IllegalArgumentException if what is pinned there is another map; the message says in
   *     what
   */
  public static ProgramArray openPinned(Path path, MapRef name, int maxEntries) {
    return openPinned(Kernel.running(), path, name, maxEntries);
  }

  static ProgramArray openPinned(Kernel kernel, Path path, MapRef name, int maxEntries) {
    var shape = shape(maxEntries);
    return openPinned(kernel, path, (k, fd) -> new ProgramArray(k, fd, name, shape));
  }

  private static MapShape shape(int maxEntries, MapOption... options) {
    return MapCreator.shape(MapType.PROG_ARRAY, Integer.BYTES, Integer.BYTES, maxEntries, options);
  }

  /**
   * Puts a program in, in place of one that may be there ({@code BPF_MAP_UPDATE_ELEM}).
   *
   * @throws io.github.purebpf.bpf.error.KernelErrorException if it does not go with those that use
   *     the array (EINVAL), or the number is too high (E2BIG)
   */
  public void put(int index, BpfProgram program) {
    var _ =
        program.withFd(
            fd -> {
              elements.put(index, fd);
              return fd;
            });
  }

  /**
   * The id of a program ({@code BPF_MAP_LOOKUP_ELEM}, Linux 4.14).
   *
   * @return empty if there is none, or the number is too high
   */
  public OptionalInt id(int index) {
    return elements.get(index).map(OptionalInt::of).orElseGet(OptionalInt::empty);
  }

  /**
   * Takes a program out ({@code BPF_MAP_DELETE_ELEM}): a jump to it now goes on behind the call.
   *
   * @return whether there was one
   */
  public boolean remove(int index) {
    return elements.remove(index);
  }
}
