package io.github.purebpf.check.rules;

import static io.github.purebpf.check.flow.Value.Anything.ANYTHING;

import io.github.purebpf.check.Rule;
import io.github.purebpf.check.flow.Pointer;
import io.github.purebpf.check.flow.Pointer.Kind;
import io.github.purebpf.check.flow.Pointer.Nullness;
import io.github.purebpf.check.flow.Scalar;
import io.github.purebpf.check.flow.Value;
import io.github.purebpf.check.tables.ContextTable;
import io.github.purebpf.uapi.ProgramType;
import java.util.Optional;
import java.util.stream.Collectors;

/** Reads and writes of the context. */
final class ContextAccess {
  private static final ContextTable TABLE = ContextTable.INSTANCE;

  private ContextAccess() {}

  static Value at(Pointer pointer, int offset, int size, boolean write, Site site) {
    var options = site.walk().options();
    if (isModified(pointer, site)) {
      return ANYTHING;
    }
    if (!pointer.fixed() || options.type().filter(TABLE::has).isEmpty()) {
      return ANYTHING;
    }
    var type = options.type().orElseThrow();
    var attachType = options.attachType();
    if (write) {
      if (!TABLE.mayWrite(type, attachType, offset, size)) {
        refuse(type, offset, size, true, site);
      }
      return ANYTHING;
    }
    var result = TABLE.read(type, attachType, offset, size);
    if (result.isEmpty()) {
      refuse(type, offset, size, false, site);
    }
    return result.map(known -> value(known, size, site)).orElse(ANYTHING);
  }

  /** A context pointer that was added to is refused by every kernel; syscall programs may. */
  static boolean isModified(Pointer pointer, Site site) {
    boolean modified = pointer.fixed() && pointer.offset() != 0;
    if (modified && !site.walk().options().type().equals(Optional.of(ProgramType.SYSCALL))) {
      site.flaw(
          Rule.MODIFIED_CONTEXT_POINTER,
          "%d was added to the address of the context".formatted(pointer.offset()),
          "keep the address as it came in r1, and use the offset of the access");
    }
    return modified;
  }

  private static void refuse(ProgramType type, int offset, int size, boolean write, Site site) {
    var options = site.walk().options();
    var sizes = TABLE.sizes(type, options.attachType(), offset, write);
    String verb = write ? "written" : "read";
    String where =
        options
            .attachType()
            .map(attachType -> type.kernelName() + " at " + attachType.kernelName())
            .orElse(type.kernelName());
    site.flaw(
        Rule.CONTEXT_ACCESS,
        "%d bytes at %d of the context cannot be %s in %s".formatted(size, offset, verb, where),
        sizes.isEmpty()
            ? "nothing at this offset can be " + verb + "; use another field"
            : "it can be %s in %s bytes"
                .formatted(
                    verb, sizes.stream().map(String::valueOf).collect(Collectors.joining(" or "))));
  }

  private static Value value(ContextTable.Result result, int size, Site site) {
    return switch (result) {
      case NUMBER -> Scalar.fresh(size, site.newIdentity());
      case PACKET -> Pointer.to(Kind.PACKET, 0);
      case PACKET_END -> Pointer.to(Kind.PACKET_END, 0);
      case PACKET_META -> Pointer.to(Kind.PACKET_META, 0);
      case SOCKET -> Pointer.to(Kind.SOCKET, 0);
      case SOCKET_OR_NULL -> Pointer.to(Kind.SOCKET, 0).with(Nullness.MAYBE, site.newIdentity());
      case OTHER -> ANYTHING;
    };
  }
}
