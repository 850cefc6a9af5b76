package io.github.purebpf.bpf;

import io.github.purebpf.btf.BtfBuilder;
import io.github.purebpf.btf.BtfType;
import io.github.purebpf.btf.CInt;
import io.github.purebpf.btf.CName;
import java.lang.foreign.AddressLayout;
import java.lang.foreign.GroupLayout;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.PaddingLayout;
import java.lang.foreign.SequenceLayout;
import java.lang.foreign.StructLayout;
import java.lang.foreign.UnionLayout;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** Memory as it is, but for what the layout calls padding, which is written as zeros. */
final class LayoutCodec implements Codec<MemorySegment> {
  private static final long LARGEST = Integer.MAX_VALUE;

  /** Bytes that nothing but padding covers. */
  private record Gap(long offset, long size) {}

  private final MemoryLayout layout;
  private final int size;
  private final List<Gap> gaps;

  LayoutCodec(MemoryLayout layout) {
    if (layout.byteSize() < 1 || layout.byteSize() > LARGEST) {
      throw new IllegalArgumentException(
          "the layout %s has %d bytes; 1 to %d make a key or a value"
              .formatted(layout, layout.byteSize(), LARGEST));
    }
    requireNumbers(layout);
    this.layout = layout;
    this.size = (int) layout.byteSize();
    var found = new ArrayList<Gap>();
    gaps(layout, 0, found);
    this.gaps = List.copyOf(found);
  }

  private static void requireNumbers(MemoryLayout part) {
    switch (part) {
      case AddressLayout address ->
          throw new IllegalArgumentException(
              "the address " + address + " means nothing in the kernel; take JAVA_LONG");
      case GroupLayout group -> group.memberLayouts().forEach(LayoutCodec::requireNumbers);
      case SequenceLayout sequence -> requireNumbers(sequence.elementLayout());
      case ValueLayout _, PaddingLayout _ -> {}
    }
  }

  private static void gaps(MemoryLayout part, long offset, List<Gap> found) {
    switch (part) {
      case PaddingLayout padding -> found.add(new Gap(offset, padding.byteSize()));
      case StructLayout struct -> {
        long at = offset;
        for (var member : struct.memberLayouts()) {
          gaps(member, at, found);
          at += member.byteSize();
        }
      }
      case SequenceLayout sequence -> {
        for (long i = 0; i < sequence.elementCount(); i++) {
          gaps(sequence.elementLayout(), offset + i * sequence.elementLayout().byteSize(), found);
        }
      }
      // What is padding in one member of a union may be a number in another.
      case UnionLayout _, ValueLayout _ -> {}
    }
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public void write(MemorySegment value, MemorySegment to) {
    if (value.byteSize() != size) {
      throw new IllegalArgumentException(
          "a segment of %d bytes where %d are needed".formatted(value.byteSize(), size));
    }
    to.copyFrom(value);
    for (var gap : gaps) {
      to.asSlice(gap.offset(), gap.size()).fill((byte) 0);
    }
  }

  /** A copy on the heap; an array of longs, so that its members are aligned. */
  @Override
  public MemorySegment read(MemorySegment from) {
    var longs = new long[Math.ceilDiv(size, Long.BYTES)];
    return MemorySegment.ofArray(longs).asSlice(0, size).copyFrom(from);
  }

  @Override
  public int cType(BtfBuilder types) {
    return cType(types, layout);
  }

  private static int cType(BtfBuilder types, MemoryLayout part) {
    return switch (part) {
      case ValueLayout value -> number(value).in(types);
      case SequenceLayout sequence ->
          types.intern(
              new BtfType.Array(
                  cType(types, sequence.elementLayout()),
                  CInt.U32.in(types),
                  (int) sequence.elementCount()));
      case StructLayout struct ->
          types.intern(
              new BtfType.Struct(name(struct), (int) struct.byteSize(), members(types, struct)));
      case UnionLayout union ->
          types.intern(
              new BtfType.Union(name(union), (int) union.byteSize(), members(types, union)));
      case PaddingLayout padding ->
          types.intern(
              new BtfType.Array(CInt.U8.in(types), CInt.U32.in(types), (int) padding.byteSize()));
    };
  }

  private static List<BtfType.Member> members(BtfBuilder types, GroupLayout group) {
    var members = new ArrayList<BtfType.Member>();
    long offset = 0;
    for (var member : group.memberLayouts()) {
      if (!(member instanceof PaddingLayout)) {
        members.add(
            new BtfType.Member(
                name(member), cType(types, member), Math.toIntExact(offset * Byte.SIZE), 0));
      }
      offset += group instanceof UnionLayout ? 0 : member.byteSize();
    }
    return members;
  }

  private static String name(MemoryLayout part) {
    return part.name().filter(name -> !name.isEmpty()).map(CName::of).orElse("");
  }

  /** By size and order alone: BTF has floating point, but the kernel's programs do not. */
  private static CInt number(ValueLayout value) {
    int bytes = (int) value.byteSize();
    return value.order() == ByteOrder.BIG_ENDIAN && bytes > 1
        ? CInt.networkOrder(bytes)
        : CInt.unsigned(bytes);
  }

  /** The layout. */
  @Override
  public String toString() {
    return layout.toString();
  }
}
