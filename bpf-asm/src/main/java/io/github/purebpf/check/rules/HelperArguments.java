package io.github.purebpf.check.rules;

import static io.github.purebpf.check.flow.Value.Anything.ANYTHING;

import io.github.purebpf.asm.MapShape;
import io.github.purebpf.check.Rule;
import io.github.purebpf.check.flow.Pointer;
import io.github.purebpf.check.flow.Pointer.Kind;
import io.github.purebpf.check.flow.Scalar;
import io.github.purebpf.check.flow.Stack;
import io.github.purebpf.check.flow.Value;
import io.github.purebpf.check.tables.Argument;
import io.github.purebpf.check.tables.HelperEntry;
import io.github.purebpf.insn.Reg;
import io.github.purebpf.uapi.MapType;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;

/** The arguments of a helper: their kinds, the memory behind them, and the map. */
final class HelperArguments {
  private final HelperEntry helper;
  private final String name;
  private final Site site;
  private Optional<MapShape> map = Optional.empty();

  private HelperArguments(HelperEntry helper, String name, Site site) {
    this.helper = helper;
    this.name = name;
    this.site = site;
  }

  /** Checks the arguments, and forgets what the helper may have changed. */
  static void check(HelperEntry helper, String name, boolean measured, Site site) {
    var arguments = new HelperArguments(helper, name, site);
    boolean context = false;
    for (int i = 0; i < helper.arguments().size(); i++) {
      var argument = helper.arguments().get(i);
      var reg = Reg.of(i + 1);
      var value = site.read(reg);
      if (measured) {
        arguments.kind(reg, argument, value);
      }
      context |= argument.takes('c');
      if (value instanceof Pointer pointer) {
        arguments.pointer(reg, argument, pointer);
      }
    }
    if (context) {
      // It may move the packet, after which its addresses are worth nothing.
      site.state().replaceAll(value -> isPacket(value) ? ANYTHING : value);
    }
  }

  private static boolean isPacket(Value value) {
    return value instanceof Pointer pointer
        && switch (pointer.kind()) {
          case PACKET, PACKET_END, PACKET_META -> true;
          default -> false;
        };
  }

  private void kind(Reg reg, Argument argument, Value value) {
    char kind = letter(value);
    if (kind == 0 || argument.takes(kind)) {
      return;
    }
    var pointer = value instanceof Pointer p ? p : null;
    if (pointer != null && pointer.nullable()) {
      if (argument.takes('0') || !argument.takes(letter(pointer.kind()))) {
        return;
      }
      Access.nullCheck(
          pointer, argument.takes('n'), "argument " + reg + " of " + name + " is", site);
      return;
    }
    site.flaw(
        pointer != null && pointer.doubted() && (argument.takes('n') || argument.takes('0')),
        Rule.HELPER_ARGUMENT,
        "argument %s of %s is %s"
            .formatted(reg, name, pointer == null ? "a number" : pointer.kind()),
        "it takes " + taken(argument));
  }

  /** The letter of the helper table, or 0 for what is not known there. */
  private static char letter(Value value) {
    return switch (value) {
      case Scalar number -> number.isConstant() && number.min() == 0 ? '0' : 'n';
      case Pointer pointer when pointer.nullable() -> 'o';
      case Pointer pointer -> letter(pointer.kind());
      case Value.Unset _, Value.Anything _ -> 0;
    };
  }

  private static char letter(Kind kind) {
    return switch (kind) {
      case CONTEXT -> 'c';
      case STACK -> 's';
      case MAP -> 'm';
      case MAP_VALUE -> 'v';
      case SOCKET -> 'k';
      case MEMORY -> 'r';
      case PACKET, PACKET_META, PACKET_END, LOOKED_UP -> 0;
    };
  }

  private static String taken(Argument argument) {
    var text = new StringBuilder();
    for (char kind : argument.kinds().toCharArray()) {
      var word =
          switch (kind) {
            case 'n' -> "a number";
            case '0' -> argument.takes('n') ? "" : "0";
            case 'c' -> "the context";
            case 's' -> "a stack address";
            case 'v' -> "the address of a map's value";
            case 'r' -> "a ring buffer record";
            case 'k' -> "a socket";
            case 'm' -> "a map";
            default -> "";
          };
      text.append(text.isEmpty() || word.isEmpty() ? "" : " or ").append(word);
    }
    return text.isEmpty() ? "something else, such as a function or a kernel object" : text + "";
  }

  private void pointer(Reg reg, Argument argument, Pointer pointer) {
    switch (pointer.kind()) {
      case CONTEXT -> {
        if (argument.takes('c') && !argument.takes('n')) {
          ContextAccess.isModified(pointer, site);
        }
      }
      case MAP -> {
        if (argument.takes('m') && !argument.takes('n')) {
          map = pointer.map();
          mapType();
        }
      }
      case STACK -> stack(reg, argument, pointer);
      case MAP_VALUE -> {
        int room = room(reg, argument).orElse(0);
        boolean known = pointer.fixed() && pointer.map().isPresent() && room > 0;
        if (known && outside(pointer.offset(), room, pointer.map().orElseThrow().valueSize())) {
          tooSmall(Rule.MAP_VALUE_BOUNDS, reg, room, "a map's value");
        }
      }
      case MEMORY -> {
        int room = room(reg, argument).orElse(0);
        boolean known = pointer.fixed() && pointer.extent() > 0 && room > 0;
        if (known && outside(pointer.offset(), room, pointer.extent())) {
          tooSmall(Rule.MEMORY_BOUNDS, reg, room, "a ring buffer record");
        }
      }
      case PACKET, PACKET_META, PACKET_END, SOCKET, LOOKED_UP -> {}
    }
  }

  private static boolean outside(int offset, int room, int size) {
    return offset < 0 || (long) offset + room > size;
  }

  private void tooSmall(Rule rule, Reg reg, int room, String what) {
    site.flaw(
        rule,
        "argument %s of %s must have %d bytes, and does not in %s".formatted(reg, name, room, what),
        "use a smaller size, or more memory");
  }

  private void mapType() {
    var type = map.map(MapShape::type);
    boolean keys = helper.arguments().stream().anyMatch(arg -> arg.room() == Argument.Room.KEY);
    boolean keyless = map.isPresent() && map.get().keySize() == 0;
    if (type.isPresent() && (helper.refusedMaps().contains(type.get()) || (keys && keyless))) {
      mapTypeFlaw(type.get());
    }
  }

  private void mapTypeFlaw(MapType type) {
    site.flaw(
        Rule.MAP_TYPE,
        "%s does not take a map of type %s".formatted(name, type.kernelName()),
        "use a map type that " + name + " works on");
  }

  /** How many bytes must be at an address, as far as that is known. */
  private OptionalInt room(Reg reg, Argument argument) {
    return switch (argument.room()) {
      case UNKNOWN -> OptionalInt.empty();
      case BYTES -> OptionalInt.of(argument.bytes());
      case KEY -> OptionalInt.of(map.map(MapShape::keySize).orElse(1));
      case VALUE -> OptionalInt.of(map.map(MapShape::valueSize).orElse(1));
      case SIZE ->
          site.frame().get(Reg.of(reg.number() + 1)) instanceof Scalar size
                  && size.isConstant()
                  && size.min() > 0
                  && size.min() <= Integer.MAX_VALUE
              ? OptionalInt.of((int) size.min())
              : OptionalInt.empty();
    };
  }

  private void stack(Reg reg, Argument argument, Pointer pointer) {
    var frame = site.state().frame(pointer.extent());
    if (!pointer.fixed()) {
      frame.stack().overwrite(-Stack.BYTES, 0);
      return;
    }
    int offset = pointer.offset();
    int room = room(reg, argument).orElse(0);
    if (room > 0 && (offset < -Stack.BYTES || (long) offset + room > 0)) {
      site.flaw(
          Rule.STACK_BOUNDS,
          "argument %s of %s is %d bytes at r10%+d, which are not all in the stack"
              .formatted(reg, name, room, offset),
          "take stack from r10-%d or below".formatted(room));
      return;
    }
    boolean key = argument.room() == Argument.Room.KEY;
    boolean isRead = key || (argument.room() == Argument.Room.VALUE && name.contains("_update_"));
    if (isRead && room > 0 && !frame.stack().isWritten(offset, room)) {
      site.warn(
          Rule.UNINITIALISED_STACK,
          "nothing was written to some of the %d bytes of the %s at r10%+d"
              .formatted(room, argument.room().name().toLowerCase(Locale.ROOT), offset),
          "write them first; kernels before 6.3, and all without privilege, reject this");
    }
    if (room > 0) {
      site.walk().useStack(frame.function(), offset, site.state().isCertain());
    }
    if (!key) {
      frame.stack().overwrite(offset, room > 0 ? offset + room : 0);
    }
  }
}
