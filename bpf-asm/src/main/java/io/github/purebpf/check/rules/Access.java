package io.github.purebpf.check.rules;

import static io.github.purebpf.check.flow.Value.Anything.ANYTHING;

import io.github.purebpf.check.Rule;
import io.github.purebpf.check.flow.Pointer;
import io.github.purebpf.check.flow.Pointer.Kind;
import io.github.purebpf.check.flow.Pointer.Nullness;
import io.github.purebpf.check.flow.Scalar;
import io.github.purebpf.check.flow.Stack;
import io.github.purebpf.check.flow.Value;
import io.github.purebpf.insn.Mem;
import io.github.purebpf.insn.MemSize;
import io.github.purebpf.uapi.MapFlags;

/** Reads and writes of memory, by what the address points to. */
final class Access {
  private static final String REMEDY_CHECK =
      "compare it with 0 first and leave out the access where it is equal";

  private final Site site;
  private final int size;
  private final boolean write;

  private Access(Site site, int size, boolean write) {
    this.site = site;
    this.size = size;
    this.write = write;
  }

  /** What a read gives, filled with zeros. */
  static Value read(Mem mem, MemSize size, Site site) {
    return new Access(site, size.bytes(), false).at(mem, null);
  }

  /** Writes a value; null stands for one that is not known. */
  static void write(Mem mem, MemSize size, Value value, Site site) {
    new Access(site, size.bytes(), true).at(mem, value);
  }

  /** Refuses an address that may be null. */
  static void nullCheck(Pointer pointer, boolean doubted, String use, Site site) {
    String why = "%s %s, which may be null".formatted(use, pointer.kind());
    if (pointer.nullness() == Nullness.MAYBE) {
      site.flaw(doubted, Rule.NULL_CHECK, why, REMEDY_CHECK);
    } else if (pointer.nullness() == Nullness.MAYBE_BY_KERNEL) {
      site.warn(
          Rule.NULL_CHECK,
          why + " for kernels before 6.14, and after if the key is not constant",
          REMEDY_CHECK);
    }
  }

  private Value at(Mem mem, Value stored) {
    return switch (site.read(mem.base())) {
      case Scalar number -> {
        boolean isNull = number.isConstant() && number.min() == 0;
        site.flaw(
            Rule.SCALAR_DEREFERENCE,
            mem.base() + (isNull ? " is null here" : " holds a number, not an address"),
            isNull ? "use it where it was found not to be 0" : "load it with an address first");
        yield ANYTHING;
      }
      case Pointer pointer -> {
        if (pointer.nullable()) {
          nullCheck(pointer, false, write ? "the write goes to" : "the read is from", site);
        }
        yield at(pointer, mem, stored);
      }
      case Value.Unset _, Value.Anything _ -> ANYTHING;
    };
  }

  private Value at(Pointer pointer, Mem mem, Value stored) {
    return switch (pointer.kind()) {
      case CONTEXT -> ContextAccess.at(pointer, mem.offset(), size, write, site);
      case STACK -> pointer.fixed() ? stack(pointer, mem, stored) : anyStack(pointer);
      case MAP_VALUE -> mapValue(pointer, mem);
      case PACKET -> packet(pointer, mem);
      case MEMORY -> memory(pointer, mem);
      case PACKET_META -> number();
      case LOOKED_UP -> ANYTHING;
      case MAP, SOCKET -> {
        if (write) {
          site.flaw(
              Rule.POINTER_ACCESS,
              "a write to " + pointer.kind(),
              pointer.kind() == Kind.MAP
                  ? "look a value up, or load the address of the map's value"
                  : "sockets are changed by helpers only");
        }
        yield ANYTHING;
      }
      case PACKET_END -> {
        site.flaw(
            Rule.POINTER_ACCESS,
            "the packet's end is not memory",
            "use the address of the packet, and compare it with the end");
        yield ANYTHING;
      }
    };
  }

  /** A number that was read, of which the verifier knows no more. */
  private Value number() {
    return write ? ANYTHING : Scalar.fresh(size, site.newIdentity());
  }

  private Value stack(Pointer pointer, Mem mem, Value stored) {
    int offset = pointer.offset() + mem.offset();
    var frame = site.state().frame(pointer.extent());
    if (offset < -Stack.BYTES || offset + size > 0) {
      site.flaw(
          Rule.STACK_BOUNDS,
          "%d bytes at r10%+d are not in the stack, which is r10-512 to r10-1"
              .formatted(size, offset),
          "use offsets from -512 to -" + size);
      return ANYTHING;
    }
    site.walk().useStack(frame.function(), offset, site.state().isCertain());
    if (offset % size != 0) {
      site.flaw(
          Rule.STACK_ALIGNMENT,
          "%d bytes at r10%+d are not aligned".formatted(size, offset),
          "use an offset that is a multiple of " + size);
      frame.stack().overwrite(offset, offset + size);
      return ANYTHING;
    }
    if (write) {
      spill(pointer, stored);
      frame.stack().store(offset, size, stored);
      return ANYTHING;
    }
    var cut = frame.stack().cutPointer(offset, size);
    if (cut != null) {
      site.flaw(
          cut.doubted(),
          Rule.PARTIAL_POINTER,
          "%d bytes of an address on the stack are read".formatted(size),
          "read all 8 bytes of it");
      return ANYTHING;
    }
    if (!frame.stack().isWritten(offset, size)) {
      site.warn(
          Rule.UNINITIALISED_STACK,
          "nothing was written to the %d bytes at r10%+d".formatted(size, offset),
          "write them first; kernels before 6.3, and all without privilege, reject this");
    }
    var loaded = frame.stack().load(offset, size);
    return loaded != null ? loaded : size == 8 ? ANYTHING : Scalar.upTo(-1L >>> (64 - 8 * size));
  }

  private void spill(Pointer stack, Value stored) {
    if (!(stored instanceof Pointer address)) {
      return;
    }
    if (size < 8) {
      site.flaw(
          address.doubted(),
          Rule.PARTIAL_POINTER,
          "%d bytes of an address are stored to the stack".formatted(size),
          "store all 8 bytes of it");
    } else if (address.kind() == Kind.STACK && stack.extent() != site.state().depth() - 1) {
      site.flaw(
          address.doubted(),
          Rule.STACK_POINTER_ESCAPES,
          "an address of a stack is stored to the stack of a caller",
          "store a number, or what is at the address");
    }
  }

  private Value anyStack(Pointer pointer) {
    if (write) {
      site.state().frame(pointer.extent()).stack().overwrite(-Stack.BYTES, 0);
    }
    return ANYTHING;
  }

  private Value mapValue(Pointer pointer, Mem mem) {
    if (pointer.map().isEmpty()) {
      return size == 8 || write ? ANYTHING : Scalar.upTo(-1L >>> (64 - 8 * size));
    }
    var map = pointer.map().orElseThrow();
    int offset = pointer.offset() + mem.offset();
    if (pointer.fixed() && (offset < 0 || offset + size > map.valueSize())) {
      site.flaw(
          Rule.MAP_VALUE_BOUNDS,
          "%d bytes at %d are not in the map's value of %d bytes"
              .formatted(size, offset, map.valueSize()),
          "stay within the value, or make the map's values larger");
    }
    boolean readOnly = (map.flags() & MapFlags.RDONLY_PROG) != 0;
    boolean writeOnly = (map.flags() & MapFlags.WRONLY_PROG) != 0;
    if (write ? readOnly : writeOnly) {
      site.flaw(
          Rule.MAP_ACCESS,
          write ? "the map is read-only for programs" : "the map is write-only for programs",
          "create the map without BPF_F_" + (write ? "RDONLY_PROG" : "WRONLY_PROG"));
    }
    // Eight bytes may be a kernel pointer, and the verifier knows the contents of frozen maps.
    if (size == 8) {
      return ANYTHING;
    }
    return readOnly ? Scalar.upTo(-1L >>> (64 - 8 * size)) : number();
  }

  private Value packet(Pointer pointer, Mem mem) {
    int offset = pointer.offset() + mem.offset();
    int known = Math.max(pointer.extent(), 0);
    if (pointer.fixed() && (offset < 0 || offset + size > known)) {
      site.flaw(
          Rule.PACKET_BOUNDS,
          known == 0
              ? "the packet was not compared with its end"
              : "%d bytes at %d of the packet, of which %d are known to be there"
                  .formatted(size, offset, known),
          "compare packet + %d with the packet's end before".formatted(Math.max(offset, 0) + size));
    }
    return number();
  }

  private Value memory(Pointer pointer, Mem mem) {
    int offset = pointer.offset() + mem.offset();
    boolean known = pointer.fixed() && pointer.extent() > 0;
    if (known && (offset < 0 || offset + size > pointer.extent())) {
      site.flaw(
          Rule.MEMORY_BOUNDS,
          "%d bytes at %d are not in %s of %d bytes"
              .formatted(size, offset, pointer.kind(), pointer.extent()),
          "stay within what was reserved, or reserve more");
    }
    return number();
  }
}
