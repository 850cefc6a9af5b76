package io.github.purebpf.btf;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Collects types and lays them out as BTF bytes that stand for themselves; Linux 4.18.
 *
 * <p>Ids are given in the order in which types are added, from 1. A type may refer to one that is
 * added later; {@link #build} checks that all are there. A string is stored once, however many
 * types it names. Names are written as they are: what the kernel takes as a C name, {@link CName}
 * knows.
 *
 * <p>A builder is not safe for use by several threads.
 */
public final class BtfBuilder {
  private static final short MAGIC = (short) 0xeb9f;
  private static final byte VERSION = 1;
  private static final int HEADER = 24;

  private final List<int[]> types = new ArrayList<>();

  /** By their words, which takes less than to compare records. */
  private final Map<IntBuffer, Integer> ids = new HashMap<>();

  private final StringTable strings = new StringTable();
  private int highestReference;
  private int referrer;

  /** A builder without a type. */
  public BtfBuilder() {}

  /** The id that the next new type will get. */
  public int nextId() {
    return types.size() + 1;
  }

  /**
   * Adds a type, also if an equal one is there.
   *
   * @return its id
   * @throws IllegalArgumentException if a number does not fit the format, a name holds a NUL or no
   *     Unicode, or it is {@code void}, which is never stored
   */
  public int add(BtfType type) {
    return add(new TypeEncoder(type, strings));
  }

  private int add(TypeEncoder encoder) {
    int id = nextId();
    int[] words = encoder.words();
    types.add(words);
    ids.putIfAbsent(IntBuffer.wrap(words), id);
    if (encoder.highestReference() > highestReference) {
      highestReference = encoder.highestReference();
      referrer = id;
    }
    return id;
  }

  /**
   * The id of the first type that equals this one, which is added if there is none.
   *
   * @throws IllegalArgumentException as {@link #add} does
   */
  public int intern(BtfType type) {
    var encoder = new TypeEncoder(type, strings);
    var id = ids.get(IntBuffer.wrap(encoder.words()));
    return id == null ? add(encoder) : id;
  }

  /**
   * Stores a string that no type names, such as a line of source.
   *
   * @return its offset in the string section, 0 for the empty string
   * @throws IllegalArgumentException if it holds a NUL or is no Unicode
   */
  public int string(String text) {
    return strings.offset(text);
  }

  /** The bytes of all strings so far. */
  public int stringBytes() {
    return strings.size();
  }

  /**
   * The BTF: a header of 24 bytes, the types, the strings.
   *
   * @param order the byte order of the machine that will read it
   * @throws IllegalStateException if there is no type, or one refers to an id that was never given
   */
  public byte[] build(ByteOrder order) {
    if (types.isEmpty()) {
      throw new IllegalStateException("BTF without a type; the kernel takes none");
    }
    if (highestReference > types.size()) {
      throw new IllegalStateException(
          "type %d refers to type %d; the last one is %d"
              .formatted(referrer, highestReference, types.size()));
    }
    int typeBytes = types.stream().mapToInt(words -> words.length * Integer.BYTES).sum();
    var bytes =
        ByteBuffer.allocate(HEADER + typeBytes + strings.size())
            .order(order)
            .putShort(MAGIC)
            .put(VERSION)
            .put((byte) 0)
            .putInt(HEADER)
            .putInt(0)
            .putInt(typeBytes)
            .putInt(typeBytes)
            .putInt(strings.size());
    types.forEach(
        words -> {
          for (int word : words) {
            bytes.putInt(word);
          }
        });
    return bytes.put(strings.bytes()).array();
  }
}
