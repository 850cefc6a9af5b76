package io.github.purebpf.bpf;

import io.github.purebpf.asm.MapShape;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.insn.KernelVersion;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.uapi.MapFlags;
import io.github.purebpf.uapi.MapType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * Stacks that programs have recorded with {@code bpf_get_stackid}, each under the id that it
 * returned ({@code BPF_MAP_TYPE_STACK_TRACE}, Linux 4.6). The same stack has the same id.
 *
 * <p>An id is a hash: of two stacks that meet in one place, the second is refused to the program
 * (EEXIST), or overwrites the first if the program says {@code BPF_F_REUSE_STACKID}.
 *
 * @param <F> the Java type of a frame
 */
public final class StackTraces<F> extends KernelMap {
  private static final KernelVersion BUILD_ID = new KernelVersion(4, 17);

  /** Stacks of addresses, for kernel and user space. */
  public static final Frames<Long> ADDRESSES = new Frames<>(0, new AddressCodec());

  /**
   * Stacks of places in executable files, for user space alone ({@code BPF_F_STACK_BUILD_ID}, Linux
   * 4.17).
   */
  public static final Frames<BuildIdFrame> BUILD_IDS =
      new Frames<>(MapFlags.STACK_BUILD_ID, new BuildIdCodec());

  /**
   * What the stacks of a map are made of.
   *
   * @param <F> the Java type of a frame
   */
  public static final class Frames<F> {
    private final int flag;
    private final Codec<F> codec;

    private Frames(int flag, Codec<F> codec) {
      this.flag = flag;
      this.codec = codec;
    }
  }

  /**
   * A place in an executable file, {@code struct bpf_stack_build_id}.
   *
   * @param buildId the build id of the file in hexadecimal digits, as {@code readelf -n} prints it;
   *     empty if the kernel could not read it
   * @param place the offset in the file; without a build id the address in the process
   */
  public record BuildIdFrame(Optional<String> buildId, long place) {
    /** Refuses null. */
    public BuildIdFrame {
      Objects.requireNonNull(buildId, "buildId");
    }
  }

  private static final class AddressCodec implements Codec<Long> {
    @Override
    public int size() {
      return Long.BYTES;
    }

    @Override
    public void write(Long value, MemorySegment to) {
      to.set(ValueLayout.JAVA_LONG_UNALIGNED, 0, value);
    }

    /** Null behind the end of a stack. */
    @Override
    public Long read(MemorySegment from) {
      long address = from.get(ValueLayout.JAVA_LONG_UNALIGNED, 0);
      return address == 0 ? null : address;
    }
  }

  private static final class BuildIdCodec implements Codec<BuildIdFrame> {
    private static final int EMPTY = 0;
    private static final int VALID = 1;
    private static final int ID = 4;
    private static final int ID_SIZE = 20;
    private static final int PLACE = 24;
    private static final int SIZE = 32;

    @Override
    public int size() {
      return SIZE;
    }

    @Override
    public void write(BuildIdFrame value, MemorySegment to) {
      throw new UnsupportedOperationException("stacks are written by programs");
    }

    /** Null behind the end of a stack. */
    @Override
    public BuildIdFrame read(MemorySegment from) {
      int status = from.get(ValueLayout.JAVA_INT_UNALIGNED, 0);
      if (status == EMPTY) {
        return null;
      }
      var id = from.asSlice(ID, ID_SIZE).toArray(ValueLayout.JAVA_BYTE);
      return new BuildIdFrame(
          status == VALID ? Optional.of(HexFormat.of().formatHex(id)) : Optional.empty(),
          from.get(ValueLayout.JAVA_LONG_UNALIGNED, PLACE));
    }
  }

  /** A stack: frames, the innermost first, and zeros behind them. */
  private record StackCodec<F>(Codec<F> frame, int depth) implements Codec<List<F>> {
    StackCodec {
      if (depth < 1) {
        throw new IllegalArgumentException("stacks of " + depth + " frames; at least 1 is needed");
      }
      Math.multiplyExact(frame.size(), depth);
    }

    @Override
    public int size() {
      return frame.size() * depth;
    }

    @Override
    public void write(List<F> value, MemorySegment to) {
      throw new UnsupportedOperationException("stacks are written by programs");
    }

    @Override
    public List<F> read(MemorySegment from) {
      var frames = new ArrayList<F>();
      for (int i = 0; i < depth; i++) {
        F next = frame.read(from.asSlice((long) i * frame.size(), frame.size()));
        if (next == null) {
          break;
        }
        frames.add(next);
      }
      return Collections.unmodifiableList(frames);
    }
  }

  private final Elements<Integer, List<F>> elements;

  private StackTraces(Kernel kernel, int fd, MapRef name, MapShape shape, Codec<List<F>> codec) {
    super(kernel, fd, name, shape);
    this.elements = new Elements<>(this, Codec.u32(), codec, words -> words);
  }

  /**
   * Makes an empty one.
   *
   * @param name the name by which programs refer to it
   * @param frames {@link #ADDRESSES} or {@link #BUILD_IDS}
   * @param depth how many frames of a stack are kept, the innermost; at most {@code
   *     kernel.perf_event_max_stack}, usually 127
   * @param maxEntries how many stacks it can hold
   * @throws io.github.purebpf.bpf.error.MissingPrivilegeException without CAP_BPF
   * @throws io.github.purebpf.bpf.error.KernelErrorException if the depth is greater (EINVAL)
   */
  public static <F> StackTraces<F> create(
      MapRef name, Frames<F> frames, int depth, int maxEntries, MapOption... options) {
    return create(Kernel.running(), name, frames, depth, maxEntries, options);
  }

  static <F> StackTraces<F> create(
      Kernel kernel,
      MapRef name,
      Frames<F> frames,
      int depth,
      int maxEntries,
      MapOption... options) {
    var codec = new StackCodec<>(frames.codec, depth);
    var shape = shape(frames, codec, maxEntries, options);
    var creator =
        new MapCreator(kernel, name, shape)
            .with(options)
            .remark("stacks are no deeper than kernel.perf_event_max_stack");
    if (frames.flag != 0) {
      creator.feature("BPF_F_STACK_BUILD_ID", BUILD_ID);
    }
    return new StackTraces<>(kernel, creator.create(), name, shape, codec);
  }

  /**
   * Opens a pinned one ({@code BPF_OBJ_GET}, Linux 4.4).
   *
   * @throws IllegalArgumentException if what is pinned there is another map; the message says in
   *     what
   */
  public static <F> StackTraces<F> openPinned(
      Path path, MapRef name, Frames<F> frames, int depth, int maxEntries) {
    return openPinned(Kernel.running(), path, name, frames, depth, maxEntries);
  }

  static <F> StackTraces<F> openPinned(
      Kernel kernel, Path path, MapRef name, Frames<F> frames, int depth, int maxEntries) {
    var codec = new StackCodec<>(frames.codec, depth);
    var shape = shape(frames, codec, maxEntries);
    return openPinned(kernel, path, (k, fd) -> new StackTraces<>(k, fd, name, shape, codec));
  }

  private static MapShape shape(
      Frames<?> frames, Codec<?> codec, int maxEntries, MapOption... options) {
    int flags = MapOption.flags(options) | frames.flag;
    return new MapShape(MapType.STACK_TRACE, Integer.BYTES, codec.size(), maxEntries, flags);
  }

  /**
   * The frames of a stack, the innermost first ({@code BPF_MAP_LOOKUP_ELEM}).
   *
   * @param id what {@code bpf_get_stackid} returned; its negative numbers are errors and no ids
   * @return empty if there is no such stack
   */
  public Optional<List<F>> get(int id) {
    return elements.get(id);
  }

  /**
   * Removes a stack, so that its place is free ({@code BPF_MAP_DELETE_ELEM}).
   *
   * @return whether there was one
   */
  public boolean remove(int id) {
    return elements.remove(id);
  }

  /**
   * The ids of all stacks, ascending ({@code BPF_MAP_GET_NEXT_KEY}, Linux 4.19); those that come or
   * go meanwhile may be among them or not.
   */
  public List<Integer> ids() {
    var ids = new ArrayList<Integer>();
    // After an id that is gone the kernel begins anew.
    for (var id = elements.next(null); id.isPresent(); id = elements.next(id.get())) {
      if (!ids.isEmpty() && Integer.compareUnsigned(id.get(), ids.getLast()) <= 0) {
        break;
      }
      ids.add(id.get());
    }
    return ids;
  }

  /** Removes all stacks. */
  public void clear() {
    for (int id : ids()) {
      var _ = elements.remove(id);
    }
  }
}
