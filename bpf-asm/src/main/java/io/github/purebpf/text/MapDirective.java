package io.github.purebpf.text;

import io.github.purebpf.asm.MapShape;
import io.github.purebpf.insn.AsmException;
import io.github.purebpf.insn.MapRef;
import io.github.purebpf.text.Token.Kind;
import io.github.purebpf.uapi.MapFlags;
import io.github.purebpf.uapi.MapType;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Reads {@code .map NAME TYPE KEY-SIZE VALUE-SIZE MAX-ENTRIES [FLAG|FLAG...]}. */
final class MapDirective {
  private static final Map<String, MapType> TYPES =
      Stream.of(MapType.values())
          .collect(
              Collectors.toUnmodifiableMap(type -> type.name().toLowerCase(Locale.ROOT), t -> t));

  /** The flags that a map can be made with, whatever process makes it. */
  private static final Map<String, Integer> FLAGS =
      Map.ofEntries(
          Map.entry("no_prealloc", MapFlags.NO_PREALLOC),
          Map.entry("no_common_lru", MapFlags.NO_COMMON_LRU),
          Map.entry("rdonly", MapFlags.RDONLY),
          Map.entry("wronly", MapFlags.WRONLY),
          Map.entry("stack_build_id", MapFlags.STACK_BUILD_ID),
          Map.entry("zero_seed", MapFlags.ZERO_SEED),
          Map.entry("rdonly_prog", MapFlags.RDONLY_PROG),
          Map.entry("wronly_prog", MapFlags.WRONLY_PROG),
          Map.entry("clone", MapFlags.CLONE),
          Map.entry("mmapable", MapFlags.MMAPABLE),
          Map.entry("preserve_elems", MapFlags.PRESERVE_ELEMS),
          Map.entry("inner_map", MapFlags.INNER_MAP),
          Map.entry("segv_on_fault", MapFlags.SEGV_ON_FAULT),
          Map.entry("no_user_conv", MapFlags.NO_USER_CONV));

  private final TokenCursor in;
  private final NumberReader numbers;
  private final ParsedText out;

  MapDirective(TokenCursor in, Dialect dialect, ParsedText out) {
    this.in = in;
    this.numbers = new NumberReader(in, dialect);
    this.out = out;
  }

  /** Reads what follows {@code .map}. */
  void parse() {
    var token = in.peek();
    if (token.kind() != Kind.WORD && token.kind() != Kind.NUMBER) {
      throw in.expected("a map's name");
    }
    in.next();
    MapRef map;
    try {
      map = new MapRef(token.text());
    } catch (AsmException e) {
      throw new ParseFailure(token, e.problem());
    }
    var type = type();
    int keySize = size("the size of a key");
    int valueSize = size("the size of a value");
    int maxEntries = size("the number of entries");
    int flags = in.peek().endsStatement() ? 0 : flags();
    if (!out.map(map, new MapShape(type, keySize, valueSize, maxEntries, flags))) {
      throw new ParseFailure(token, "map " + token.describe() + " is defined already");
    }
  }

  private MapType type() {
    comma();
    var token = in.expect(Kind.WORD, "a map type, such as hash");
    var type = TYPES.get(token.text().toLowerCase(Locale.ROOT));
    if (type == null) {
      throw new ParseFailure(
          token,
          token.describe()
              + " is no map type; there are "
              + TYPES.keySet().stream().sorted().collect(Collectors.joining(", ")));
    }
    return type;
  }

  private int size(String what) {
    comma();
    return numbers.index(what, Integer.MAX_VALUE);
  }

  private int flags() {
    comma();
    int flags = 0;
    do {
      var token = in.peek();
      if (token.kind() == Kind.NUMBER) {
        flags |= numbers.index("a flag", Integer.MAX_VALUE);
      } else {
        in.expect(Kind.WORD, "a flag");
        var flag = FLAGS.get(token.text().toLowerCase(Locale.ROOT));
        if (flag == null) {
          throw new ParseFailure(
              token,
              token.describe()
                  + " is no flag of a map; there are numbers and "
                  + FLAGS.keySet().stream().sorted().collect(Collectors.joining(", ")));
        }
        flags |= flag;
      }
    } while (in.accept("|"));
    return flags;
  }

  /** Commas between the words are welcome, as in other directives. */
  private void comma() {
    boolean _ = in.accept(",");
  }
}
