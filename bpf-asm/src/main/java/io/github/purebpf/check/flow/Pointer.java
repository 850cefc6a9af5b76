package io.github.purebpf.check.flow;

import io.github.purebpf.asm.MapShape;
import java.util.Optional;

/**
 * An address.
 *
 * @param kind what it points to
 * @param offset bytes from where it pointed first
 * @param fixed whether the offset is known
 * @param nullness whether it may be null
 * @param extent by kind: the number of the frame of {@link Kind#STACK}, the bytes known to be there
 *     of {@link Kind#PACKET} and {@link Kind#MEMORY}, else 0
 * @param map the map of {@link Kind#MAP} and {@link Kind#MAP_VALUE}, where it is known
 * @param identity shared by its copies, 0 if it can have none
 * @param doubted whether it was on the stack where paths met: the verifier, which takes stack that
 *     was not written on one path for the same as written stack, may have taken it for a number
 */
public record Pointer(
    Kind kind,
    int offset,
    boolean fixed,
    Nullness nullness,
    int extent,
    Optional<MapShape> map,
    int identity,
    boolean doubted)
    implements Value {
  /** What an address can point to. */
  public enum Kind {
    /** The program's context. */
    CONTEXT("the context"),
    /** The stack of a function. */
    STACK("the stack"),
    /** A map itself. */
    MAP("a map"),
    /** A value in a map. */
    MAP_VALUE("a map's value"),
    /** The packet. */
    PACKET("the packet"),
    /** The packet's metadata. */
    PACKET_META("the packet's metadata"),
    /** Where the packet ends. */
    PACKET_END("the packet's end"),
    /** A socket. */
    SOCKET("a socket"),
    /** Memory of known size. */
    MEMORY("a ring buffer record"),
    /** What a lookup in an unknown map gives. */
    LOOKED_UP("a map's value");

    private final String text;

    Kind(String text) {
      this.text = text;
    }

    @Override
    public String toString() {
      return text;
    }
  }

  /** Whether an address may be null. */
  public enum Nullness {
    /** It is an address for sure. */
    NEVER,
    /** No kernel takes it without a check. */
    MAYBE,
    /** Kernels from Linux 6.14 on may know that it is not null: an array's value. */
    MAYBE_BY_KERNEL
  }

  /** An address that is not null, at its first offset. */
  public static Pointer to(Kind kind, int extent) {
    return new Pointer(kind, 0, true, Nullness.NEVER, extent, Optional.empty(), 0, false);
  }

  /** The stack of a frame. */
  public static Pointer stack(int frame) {
    return to(Kind.STACK, frame);
  }

  /** A map. */
  public static Pointer map(Optional<MapShape> shape) {
    return new Pointer(Kind.MAP, 0, true, Nullness.NEVER, 0, shape, 0, false);
  }

  /** Moved by a known number of bytes; the offset becomes unknown when it leaves 32 bits. */
  public Pointer plus(long bytes) {
    long moved = offset + bytes;
    return fixed && moved == (int) moved
        ? new Pointer(kind, (int) moved, true, nullness, extent, map, identity, doubted)
        : moved();
  }

  /** Moved by an unknown number of bytes. */
  public Pointer moved() {
    return new Pointer(kind, 0, false, nullness, extent, map, identity, doubted);
  }

  /** With another nullness and identity. */
  public Pointer with(Nullness newNullness, int newIdentity) {
    return new Pointer(kind, offset, fixed, newNullness, extent, map, newIdentity, doubted);
  }

  /** With another extent. */
  public Pointer withExtent(int newExtent) {
    return new Pointer(kind, offset, fixed, nullness, newExtent, map, identity, doubted);
  }

  /** The same, which the verifier may have taken for a number. */
  public Pointer inDoubt() {
    return new Pointer(kind, offset, fixed, nullness, extent, map, identity, true);
  }

  /** Whether it may be null, for some kernels or all. */
  public boolean nullable() {
    return nullness != Nullness.NEVER;
  }
}
