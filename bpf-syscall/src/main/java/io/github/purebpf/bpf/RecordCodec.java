package io.github.purebpf.bpf;

import static java.lang.invoke.MethodType.methodType;

import io.github.purebpf.btf.BtfBuilder;
import io.github.purebpf.btf.StructTypes;
import io.github.purebpf.insn.MemSize;
import io.github.purebpf.layout.Member;
import io.github.purebpf.layout.Struct;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle.AccessMode;
import java.lang.reflect.RecordComponent;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * A record, read and written by two method handles composed of its accessors and its constructor,
 * so that no component is boxed. They are composed on first use, because that takes the JVM longer
 * than to make the map, and many a map is never read by its codec.
 */
final class RecordCodec<R extends Record> implements Codec<R> {
  private final Struct<R> struct;
  private final MethodHandle constructor;
  private final List<MethodHandle> accessors;

  // Null until first used. Threads that meet here compose the same twice.
  private MethodHandle writer;
  private MethodHandle reader;

  private RecordCodec(Struct<R> struct, MethodHandle constructor, List<MethodHandle> accessors) {
    this.struct = struct;
    this.constructor = constructor;
    this.accessors = accessors;
  }

  static <R extends Record> Codec<R> of(Struct<R> struct, MethodHandles.Lookup lookup) {
    Class<R> type = struct.type();
    try {
      var own = MethodHandles.lookup();
      var access = lookup == null ? own : MethodHandles.privateLookupIn(type, lookup);
      var types = new ArrayList<Class<?>>();
      var accessors = new ArrayList<MethodHandle>();
      for (var member : struct.members()) {
        RecordComponent component = member.component();
        types.add(component.getType());
        if (lookup == null) {
          component.getAccessor().setAccessible(true);
        }
        accessors.add(access.unreflect(component.getAccessor()));
      }
      var constructor = type.getDeclaredConstructor(types.toArray(Class<?>[]::new));
      if (lookup == null) {
        constructor.setAccessible(true);
      }
      return new RecordCodec<>(struct, access.unreflectConstructor(constructor), accessors);
    } catch (ReflectiveOperationException | RuntimeException e) {
      throw new IllegalArgumentException(
          "no access to the record %s: make it public in an exported package, open its package to"
                  .formatted(type.getName())
              + " io.github.purebpf.syscall, or pass a lookup of its module to Codec.of",
          e);
    }
  }

  /** {@code (Object, MemorySegment)void}. */
  private MethodHandle writer() {
    MethodHandle all = null;
    for (int i = 0; i < accessors.size(); i++) {
      var get = accessors.get(i);
      var set =
          MethodHandles.filterArguments(place(struct.members().get(i), AccessMode.SET), 1, get);
      var one =
          MethodHandles.permuteArguments(
              set, methodType(void.class, struct.type(), MemorySegment.class), 1, 0);
      all = all == null ? one : MethodHandles.foldArguments(all, one);
    }
    return all.asType(methodType(void.class, Object.class, MemorySegment.class));
  }

  /** {@code (MemorySegment)Object}. */
  private MethodHandle reader() {
    var readers =
        struct.members().stream()
            .map(member -> place(member, AccessMode.GET))
            .toArray(MethodHandle[]::new);
    return MethodHandles.permuteArguments(
            MethodHandles.filterArguments(constructor, 0, readers),
            methodType(struct.type(), MemorySegment.class),
            new int[readers.length])
        .asType(methodType(Object.class, MemorySegment.class));
  }

  /** A member in the segment, with the offset filled in. */
  private static MethodHandle place(Member<?> member, AccessMode mode) {
    var order = member.networkOrder() ? ByteOrder.BIG_ENDIAN : ByteOrder.nativeOrder();
    var layout =
        switch (member.field().size()) {
          case MemSize.B -> ValueLayout.JAVA_BYTE;
          case MemSize.H -> ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(order);
          case MemSize.W -> ValueLayout.JAVA_INT_UNALIGNED.withOrder(order);
          case MemSize.DW -> ValueLayout.JAVA_LONG_UNALIGNED.withOrder(order);
        };
    return MethodHandles.insertArguments(
        layout.varHandle().toMethodHandle(mode), 1, (long) member.field().offset());
  }

  @Override
  public int size() {
    return struct.size();
  }

  @Override
  public int cType(BtfBuilder types) {
    return StructTypes.in(types, struct);
  }

  @Override
  public void write(R value, MemorySegment to) {
    var handle = writer;
    if (handle == null) {
      handle = writer();
      writer = handle;
    }
    try {
      handle.invokeExact((Object) value, to);
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  @Override
  @SuppressWarnings("unchecked") // the handle returns what the record's constructor returns
  public R read(MemorySegment from) {
    var handle = reader;
    if (handle == null) {
      handle = reader();
      reader = handle;
    }
    try {
      return (R) (Object) handle.invokeExact(from);
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  /** What a record's accessor or constructor throws goes to the caller. */
  private static RuntimeException rethrown(Throwable e) {
    if (e instanceof RuntimeException runtime) {
      return runtime;
    }
    if (e instanceof Error error) {
      throw error;
    }
    return new IllegalStateException("a record's constructor or accessor failed", e);
  }
}
