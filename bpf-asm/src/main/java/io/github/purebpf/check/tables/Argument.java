package io.github.purebpf.check.tables;

/**
 * What a helper takes as one of its arguments.
 *
 * @param kinds the letters of the kinds that it takes, {@code *} for any
 * @param room what must be there, if it is an address of memory
 * @param bytes how many, for {@link Room#BYTES}
 */
public record Argument(String kinds, Room room, int bytes) {
  /** How much memory must be at an address. */
  public enum Room {
    /** It is no address of memory, or it is not known how much. */
    UNKNOWN,
    /** A key of the map. */
    KEY,
    /** A value of the map. */
    VALUE,
    /** What the next argument says. */
    SIZE,
    /** A fixed number of bytes. */
    BYTES
  }

  static Argument parse(String text) {
    int colon = text.indexOf(':');
    if (colon < 0) {
      return new Argument(text, Room.UNKNOWN, 0);
    }
    var kinds = text.substring(0, colon);
    return switch (text.substring(colon + 1)) {
      case "key" -> new Argument(kinds, Room.KEY, 0);
      case "value" -> new Argument(kinds, Room.VALUE, 0);
      case "size" -> new Argument(kinds, Room.SIZE, 0);
      case String bytes -> new Argument(kinds, Room.BYTES, Integer.parseInt(bytes));
    };
  }

  /** Whether it takes this kind: a letter of the table. */
  public boolean takes(char kind) {
    return kinds.equals("*") || kinds.indexOf(kind) >= 0;
  }
}
