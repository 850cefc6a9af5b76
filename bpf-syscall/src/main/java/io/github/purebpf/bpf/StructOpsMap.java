package io.github.purebpf.bpf;

import io.github.purebpf.asm.MapShape;
import io.github.purebpf.bpf.error.KernelErrorException;
import io.github.purebpf.bpf.internal.failure.Failure;
import io.github.purebpf.bpf.internal.sys.Attr;
import io.github.purebpf.bpf.internal.sys.BpfAttr;
import io.github.purebpf.bpf.internal.sys.Cmd;
import io.github.purebpf.bpf.internal.sys.Errno;
import io.github.purebpf.bpf.internal.sys.Kernel;
import io.github.purebpf.btf.Btf;
import io.github.purebpf.btf.BtfType;
import io.github.purebpf.insn.KernelVersion;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.uapi.AttachType;
import io.github.purebpf.uapi.MapFlags;
import io.github.purebpf.uapi.MapType;
import io.github.purebpf.uapi.UpdateFlags;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A struct of functions that the kernel calls, such as {@code tcp_congestion_ops}, made of programs
 * ({@code BPF_MAP_TYPE_STRUCT_OPS}, Linux 5.6; with links, Linux 6.4).
 *
 * <p>First its members are {@code set}, then it is attached once. A program for a member is one of
 * the type {@code BPF_PROG_TYPE_STRUCT_OPS} with the target {@link ProgramTarget.StructMember}.
 * Structs of modules are not looked for.
 *
 * <p>It belongs to one thread at a time until it is attached.
 */
public final class StructOpsMap extends KernelMap {
  private static final KernelVersion LINKS = new KernelVersion(6, 4);

  /** The kernel's own value begins with this and has the struct behind it. */
  private static final String PREFIX = "bpf_struct_ops_";

  private static final String DATA = "data";

  /** Behind a reference count of 32 bits. */
  private static final int STATE = Integer.BYTES;

  /** What the kernel does with it, {@code enum bpf_struct_ops_state}. */
  public enum State {
    /** It has no value yet. */
    INIT,
    /** It is registered, without a link. */
    IN_USE,
    /** It is registered no more, but somebody still uses it. */
    TO_BE_FREED,
    /** It has a value and can be attached by a link, or is. */
    READY
  }

  private final Btf types;
  private final BtfType.Struct struct;
  private final int data;
  private final MemorySegment value;
  private final Map<Integer, BpfProgram> programs = new HashMap<>();
  private final Elements<Integer, MemorySegment> elements;

  private StructOpsMap(
      Kernel kernel,
      int fd,
      MapRef name,
      MapShape shape,
      Btf types,
      BtfType.Struct struct,
      int data) {
    super(kernel, fd, name, shape);
    this.types = types;
    this.struct = struct;
    this.data = data;
    this.value = Arena.ofAuto().allocate(shape.valueSize(), 8);
    this.elements =
        new Elements<>(
            this,
            Codec.u32(),
            new RawCodec(shape.valueSize()),
            words ->
                words
                    .hint(Errno.EBUSY, "it has its value already; make another map")
                    .hint(Errno.E2BIG, "it has one element")
                    .hint(
                        Errno.EEXIST, "another struct " + struct.name() + " of this name is there")
                    .hint(
                        Errno.EINVAL,
                        "struct %s lacks a member that must be set, or has one that must not, or a"
                                .formatted(struct.name())
                            + " program is for another member"));
  }

  /** All bytes as they are. */
  private record RawCodec(int size) implements Codec<MemorySegment> {
    @Override
    public void write(MemorySegment from, MemorySegment to) {
      to.copyFrom(from);
    }

    @Override
    public MemorySegment read(MemorySegment from) {
      return MemorySegment.ofArray(from.toArray(ValueLayout.JAVA_BYTE));
    }
  }

  /**
   * Makes one to be {@linkplain #attach attached} by a link ({@code BPF_F_LINK}, Linux 6.4).
   *
   * @param name how tools show it
   * @param struct the struct of the kernel, such as {@code tcp_congestion_ops}
   * @throws KernelErrorException if the kernel has no such struct of functions (ENOENT, ENOTSUPP)
   * @throws io.github.purebpf.bpf.error.MissingPrivilegeException without CAP_BPF
   * @throws io.github.purebpf.bpf.error.UnsupportedKernelException before Linux 6.4
   */
  public static StructOpsMap create(MapRef name, String struct) {
    return create(Kernel.running(), kernelTypes(name), name, struct);
  }

  static StructOpsMap create(Kernel kernel, Btf types, MapRef name, String struct) {
    return create(kernel, types, name, struct, MapFlags.LINK);
  }

  /**
   * Makes one to be {@linkplain #register registered} without a link (Linux 5.6).
   *
   * @param name how tools show it
   * @param struct the struct of the kernel, such as {@code tcp_congestion_ops}
   * @throws KernelErrorException if the kernel has no such struct of functions (ENOENT, ENOTSUPP)
   * @throws io.github.purebpf.bpf.error.MissingPrivilegeException without CAP_BPF
   */
  public static StructOpsMap createWithoutLink(MapRef name, String struct) {
    return createWithoutLink(Kernel.running(), kernelTypes(name), name, struct);
  }

  static StructOpsMap createWithoutLink(Kernel kernel, Btf types, MapRef name, String struct) {
    return create(kernel, types, name, struct, 0);
  }

  private static Btf kernelTypes(MapRef name) {
    return KernelBtf.read(KernelBtf.VMLINUX, title(name) + " is of a type of the kernel");
  }

  private static StructOpsMap create(
      Kernel kernel, Btf types, MapRef name, String struct, int flags) {
    int id =
        types
            .idOf(PREFIX + struct, BtfType.Struct.class)
            .orElseThrow(
                () ->
                    new KernelErrorException(
                        "%s is for struct %s, which this kernel has not, or not as one of functions"
                            .formatted(title(name), struct),
                        Cmd.MAP_CREATE.kernelName(),
                        Errno.ENOENT));
    var whole = (BtfType.Struct) types.type(id);
    var data = member(whole, DATA);
    var shape = new MapShape(MapType.STRUCT_OPS, Integer.BYTES, whole.size(), 1, flags);
    var creator = new MapCreator(kernel, name, shape).kernelType(id);
    if (flags != 0) {
      creator.feature("links of struct_ops maps", LINKS);
    }
    var functions = (BtfType.Struct) types.resolve(data.type());
    return new StructOpsMap(
        kernel, creator.create(), name, shape, types, functions, data.bitOffset() / Byte.SIZE);
  }

  private static BtfType.Member member(BtfType.Struct struct, String name) {
    for (var member : struct.members()) {
      if (member.name().equals(name)) {
        return member;
      }
    }
    var names = struct.members().stream().map(BtfType.Member::name).toList();
    throw new IllegalArgumentException(
        "struct %s has no member %s, but %s".formatted(struct.name(), name, names));
  }

  /** The place of a member in the value, and the size it must have. */
  private long place(BtfType.Member member) {
    if (member.bitfieldSize() != 0) {
      throw new IllegalArgumentException(
          "%s of struct %s is a bit field".formatted(member.name(), struct.name()));
    }
    return data + (long) member.bitOffset() / Byte.SIZE;
  }

  private BtfType.Member ofSort(String name, Class<? extends BtfType> sort, String what) {
    var member = member(struct, Objects.requireNonNull(name, "member"));
    if (!sort.isInstance(types.resolve(member.type()))) {
      throw new IllegalArgumentException(
          "%s of struct %s is no %s".formatted(name, struct.name(), what));
    }
    return member;
  }

  /**
   * Sets a member that is an integer.
   *
   * @throws IllegalArgumentException if there is no such member, or it is no integer that holds the
   *     number, signed or unsigned
   */
  public StructOpsMap set(String member, long number) {
    var found = ofSort(member, BtfType.Int.class, "integer");
    long at = place(found);
    int bits = types.sizeOf(found.type()) * Byte.SIZE;
    if (bits < Long.SIZE && (number >> bits) != 0 && (number >> (bits - 1)) != -1) {
      throw new IllegalArgumentException(
          "%d does not fit %s of struct %s with %d bits"
              .formatted(number, member, struct.name(), bits));
    }
    switch (bits) {
      case Byte.SIZE -> value.set(ValueLayout.JAVA_BYTE, at, (byte) number);
      case Short.SIZE -> value.set(ValueLayout.JAVA_SHORT_UNALIGNED, at, (short) number);
      case Integer.SIZE -> value.set(ValueLayout.JAVA_INT_UNALIGNED, at, (int) number);
      case Long.SIZE -> value.set(ValueLayout.JAVA_LONG_UNALIGNED, at, number);
      default ->
          throw new IllegalArgumentException(
              "%s of struct %s has %d bits".formatted(member, struct.name(), bits));
    }
    return this;
  }

  /**
   * Sets a member that is an array of characters.
   *
   * @throws IllegalArgumentException if there is no such member, it is no array, or has no room for
   *     the text in UTF-8 and a zero behind it
   */
  public StructOpsMap set(String member, String text) {
    var found = ofSort(member, BtfType.Array.class, "array");
    var bytes = text.getBytes(StandardCharsets.UTF_8);
    int room = types.sizeOf(found.type());
    if (bytes.length >= room) {
      throw new IllegalArgumentException(
          "\"%s\" has %d bytes, and %s of struct %s room for %d"
              .formatted(text, bytes.length, member, struct.name(), room - 1));
    }
    var to = value.asSlice(place(found), room);
    to.fill((byte) 0);
    MemorySegment.copy(bytes, 0, to, ValueLayout.JAVA_BYTE, 0, bytes.length);
    return this;
  }

  /**
   * Sets a member that is a function.
   *
   * @param program to be open until this is attached
   * @throws IllegalArgumentException if there is no such member, or it is no pointer
   */
  public StructOpsMap set(String member, BpfProgram program) {
    var found = ofSort(member, BtfType.Ptr.class, "function");
    programs.put((int) place(found), Objects.requireNonNull(program, "program"));
    return this;
  }

  /**
   * Hands the struct to the part of the kernel that calls it ({@code BPF_LINK_CREATE}, Linux 6.4),
   * until the link is closed. Links are what replaces one by another at once, see {@link
   * BpfLink#update(StructOpsMap)}.
   *
   * @throws IllegalStateException if it was made without link
   * @throws KernelErrorException if members are missing or wrong (EINVAL), or there is such a one
   *     already (EEXIST)
   */
  public BpfLink attach() {
    requireLink(true, "register()");
    prepare();
    return withFd(
        fd -> {
          try (var arena = Arena.ofConfined()) {
            var attr =
                BpfAttr.allocate(arena, Attr.LinkCreate.FLAGS + Integer.BYTES)
                    .u32(Attr.LinkCreate.MAP_FD, fd)
                    .u32(Attr.LinkCreate.ATTACH_TYPE, AttachType.STRUCT_OPS.value());
            return BpfLink.create(
                this,
                attr,
                failure ->
                    failure
                        .feature("links of struct_ops maps", LINKS)
                        .hint(
                            Errno.EEXIST,
                            "another struct " + struct.name() + " of this name is there"));
          }
        });
  }

  /**
   * Gives the kernel the value, so that it can be attached, also in the place of another. A second
   * time does nothing.
   */
  void prepare() {
    requireLink(true, "register()");
    if (state() == State.INIT) {
      put();
    }
  }

  /**
   * Hands the struct to the part of the kernel that calls it, until {@link #unregister}, even when
   * this is closed and the process has ended ({@code BPF_MAP_UPDATE_ELEM}).
   *
   * @throws IllegalStateException if it was made to be attached by a link
   * @throws KernelErrorException if members are missing or wrong (EINVAL), or there is such a one
   *     already (EEXIST)
   */
  public void register() {
    requireLink(false, "attach()");
    put();
  }

  /**
   * Takes it away again ({@code BPF_MAP_DELETE_ELEM}); what uses it already may go on.
   *
   * @return whether it was registered
   * @throws IllegalStateException if it was made to be attached by a link
   */
  public boolean unregister() {
    requireLink(false, "the link's close()");
    return elements.remove(0);
  }

  private void requireLink(boolean needed, String instead) {
    if (needed != ((shape().flags() & MapFlags.LINK) != 0)) {
      throw new IllegalStateException(
          "%s was made %s a link; take %s".formatted(title(), needed ? "without" : "for", instead));
    }
  }

  private void put() {
    put(new ArrayList<>(programs.entrySet()));
  }

  /** Holds the descriptors of all programs while the kernel looks at them. */
  private void put(List<Map.Entry<Integer, BpfProgram>> rest) {
    if (rest.isEmpty()) {
      elements.update(0, value, UpdateFlags.ANY);
      return;
    }
    var first = rest.removeLast();
    var _ =
        first
            .getValue()
            .withFd(
                fd -> {
                  value.set(ValueLayout.JAVA_LONG_UNALIGNED, first.getKey(), fd);
                  put(rest);
                  return fd;
                });
  }

  /** What the kernel does with it ({@code BPF_MAP_LOOKUP_ELEM}). */
  public State state() {
    int number = elements.get(0).orElseThrow().get(ValueLayout.JAVA_INT_UNALIGNED, STATE);
    return State.values()[number];
  }

  /** The struct of the kernel that it is. */
  public String struct() {
    return struct.name();
  }

  /** Explains a failure of the kernel to put it in the place of another. */
  Failure explainUpdate(Failure failure) {
    return failure
        .feature("links of struct_ops maps", LINKS)
        .hint(Errno.EINVAL, "it is no link of a struct_ops map, or of another struct or name")
        .hint(Errno.EOPNOTSUPP, "struct " + struct.name() + " cannot be replaced at once");
  }
}
