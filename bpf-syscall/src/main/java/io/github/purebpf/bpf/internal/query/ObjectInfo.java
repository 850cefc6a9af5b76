package io.github.purebpf.bpf.internal.query;

import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.bpf.internal.failure.Failure;
import io.github.purebpf.bpf.internal.sys.Attr;
import io.github.purebpf.bpf.internal.sys.BpfAttr;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.bpf.internal.sys.Kernel;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;

/**
 * What the kernel tells of an object ({@code BPF_OBJ_GET_INFO_BY_FD}, Linux 4.13): a struct, of
 * which an older kernel fills a shorter part and leaves the rest zero, and arrays beside it.
 */
public final class ObjectInfo {
  /** Nothing that this asks for grows without an end; a map or two may come in between. */
  private static final int ATTEMPTS = 16;

  private final MemorySegment struct;
  private final Map<InfoArray, MemorySegment> arrays = new HashMap<>();

  private ObjectInfo(MemorySegment struct) {
    this.struct = struct;
  }

  /**
   * Asks about an object, and again with room for the arrays if there is something in them.
   *
   * @param title how messages call it
   * @param size the end of the last field wanted
   */
  public static ObjectInfo of(
      Kernel kernel, int fd, String title, Arena arena, int size, InfoArray... arrays) {
    var info = new ObjectInfo(arena.allocate(size, 8));
    info.request(kernel, fd, title);
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (info.holdsAll(arrays)) {
        return info;
      }
      // A new struct: the counts of the last answer would be taken for the sizes of buffers.
      info = info.withRoom(arena, arrays);
      info.request(kernel, fd, title);
    }
    throw new KernelErrorException(
        "%s of %s: what it tells grew %d times while it was read; try again"
            .formatted(Cmd.OBJ_GET_INFO_BY_FD.kernelName(), title, ATTEMPTS),
        Cmd.OBJ_GET_INFO_BY_FD.kernelName(),
        Errno.EAGAIN);
  }

  private void request(Kernel kernel, int fd, String title) {
    try (var arena = Arena.ofConfined()) {
      var attr =
          BpfAttr.allocate(arena, Attr.ObjInfo.SIZE)
              .u32(Attr.ObjInfo.BPF_FD, fd)
              .u32(Attr.ObjInfo.INFO_LEN, (int) struct.byteSize())
              .pointer(Attr.ObjInfo.INFO, struct);
      int result = kernel.bpf(Cmd.OBJ_GET_INFO_BY_FD, attr);
      if (result < 0) {
        throw Failure.of(kernel, Cmd.OBJ_GET_INFO_BY_FD, title).exception(result);
      }
    }
  }

  private boolean holdsAll(InfoArray... wanted) {
    for (var array : wanted) {
      var buffer = arrays.get(array);
      long room = buffer == null ? 0 : buffer.byteSize();
      if (size(array) > room) {
        return false;
      }
    }
    return true;
  }

  private ObjectInfo withRoom(Arena arena, InfoArray... wanted) {
    var next = new ObjectInfo(arena.allocate(struct.byteSize(), 8));
    for (var array : wanted) {
      int room = array.room(this);
      if (room != 0) {
        var buffer = arena.allocate(size(array), 8);
        next.arrays.put(array, buffer);
        next.struct.set(ValueLayout.JAVA_LONG, array.pointer(), buffer.address());
        next.struct.set(ValueLayout.JAVA_INT, array.count(), room);
      }
      if (array.recordSize() != 0) {
        next.struct.set(ValueLayout.JAVA_INT, array.recordSize(), u32(array.recordSize()));
      }
    }
    return next;
  }

  private long size(InfoArray array) {
    return Integer.toUnsignedLong(array.room(this)) * array.elementSize(this);
  }

  /** A {@code __u32}. */
  public int u32(int offset) {
    return struct.get(ValueLayout.JAVA_INT, offset);
  }

  /** A {@code __u64}. */
  public long u64(int offset) {
    return struct.get(ValueLayout.JAVA_LONG, offset);
  }

  /** The id of something that may not be there. */
  public OptionalInt id(int offset) {
    int id = u32(offset);
    return id == 0 ? OptionalInt.empty() : OptionalInt.of(id);
  }

  /** A field of bytes. */
  public byte[] bytes(int offset, int size) {
    return struct.asSlice(offset, size).toArray(ValueLayout.JAVA_BYTE);
  }

  /** A name that ends with a NUL or with its field. */
  public String name(int offset, int size) {
    return name(bytes(offset, size));
  }

  /** The text before the first NUL. */
  static String name(byte[] field) {
    int length = 0;
    while (length < field.length && field[length] != 0) {
      length++;
    }
    return new String(field, 0, length, StandardCharsets.UTF_8);
  }

  /** The text of an array of bytes that ends with a NUL. */
  public String text(InfoArray array) {
    return name(array(array).toArray(ValueLayout.JAVA_BYTE));
  }

  /** What the kernel has written of an array: nothing if it does not show it to this thread. */
  public MemorySegment array(InfoArray array) {
    var buffer = arrays.get(array);
    return buffer == null || u64(array.pointer()) == 0
        ? MemorySegment.NULL
        : buffer.asSlice(0, size(array));
  }

  /** Whether the kernel has an array and keeps it from this thread. */
  public boolean isHidden(InfoArray array) {
    return arrays.containsKey(array) && u64(array.pointer()) == 0;
  }

  /** The bytes of an element of an array. */
  public int elementSize(InfoArray array) {
    return array.elementSize(this);
  }
}
