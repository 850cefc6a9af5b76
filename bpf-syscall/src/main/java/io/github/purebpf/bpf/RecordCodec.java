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

/**
 * A record, read and written by two method handles composed of its accessors and its constructor,
 * so that no component is boxed.
 *
 * @param struct the layout
 * @param writer {@code (Object, MemorySegment)void}
 * @param reader {@code (MemorySegment)Object}
 */
record RecordCodec<R extends Record>(Struct<R> struct, MethodHandle writer, MethodHandle reader)
    implements Codec<R> {

  static <R extends Record> Codec<R> of(Struct<R> struct, MethodHandles.Lookup lookup) {
    Class<R> type = struct.type();
    try {
      var own = MethodHandles.lookup();
      var access = lookup == null ? own : MethodHandles.privateLookupIn(type, lookup);
      var types =
          struct.members().stream()
              .map(member -> member.component().getType())
              .toArray(Class<?>[]::new);
      var constructor = type.getDeclaredConstructor(types);
      if (lookup == null) {
        constructor.setAccessible(true);
      }
      var readers = new ArrayList<MethodHandle>();
      MethodHandle writer = null;
      for (var member : struct.members()) {
        readers.add(place(member, AccessMode.GET));
        var one = writer(access, member, lookup == null);
        writer = writer == null ? one : MethodHandles.foldArguments(writer, one);
      }
      var reader =
          MethodHandles.permuteArguments(
              MethodHandles.filterArguments(
                  access.unreflectConstructor(constructor),
                  0,
                  readers.toArray(MethodHandle[]::new)),
              methodType(type, MemorySegment.class),
              new int[readers.size()]);
      return new RecordCodec<>(
          struct,
          writer.asType(methodType(void.class, Object.class, MemorySegment.class)),
          reader.asType(methodType(Object.class, MemorySegment.class)));
    } catch (ReflectiveOperationException | RuntimeException e) {
      throw new IllegalArgumentException(
          "no access to the record %s: make it public in an exported package, open its package to"
                  .formatted(type.getName())
              + " io.github.purebpf.syscall, or pass a lookup of its module to Codec.of",
          e);
    }
  }

  /** {@code (R, MemorySegment)void}: reads a component and writes it to its place. */
  private static MethodHandle writer(MethodHandles.Lookup access, Member<?> member, boolean open)
      throws IllegalAccessException {
    RecordComponent component = member.component();
    if (open) {
      component.getAccessor().setAccessible(true);
    }
    var get = access.unreflect(component.getAccessor());
    var set = MethodHandles.filterArguments(place(member, AccessMode.SET), 1, get);
    return MethodHandles.permuteArguments(
        set, methodType(void.class, get.type().parameterType(0), MemorySegment.class), 1, 0);
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
    try {
      writer.invokeExact((Object) value, to);
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  @Override
  @SuppressWarnings("unchecked") // the handle returns what the record's constructor returns
  public R read(MemorySegment from) {
    try {
      return (R) (Object) reader.invokeExact(from);
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
