package io.github.purebpf.bpf.internal.query;

/**
 * An array that the kernel writes to memory that a field of the info points to. The field with the
 * count is in the answer the number that there is, also where that is more than was asked for.
 *
 * @param pointer the field that points to it
 * @param count the field that holds the number of its elements
 * @param elementSize the bytes of an element, if the kernel does not tell them
 * @param recordSize the field that holds the bytes of an element, 0 if there is none
 * @param more elements that are written but not counted
 */
public record InfoArray(int pointer, int count, int elementSize, int recordSize, int more) {
  /** One whose elements never grow. */
  public static InfoArray of(int pointer, int count, int elementSize) {
    return new InfoArray(pointer, count, elementSize, 0, 0);
  }

  /** One of records that newer kernels may make longer. */
  public static InfoArray ofRecords(int pointer, int count, int recordSize) {
    return new InfoArray(pointer, count, 0, recordSize, 0);
  }

  /** A text, whose NUL is not counted. */
  public static InfoArray ofText(int pointer, int length) {
    return new InfoArray(pointer, length, Byte.BYTES, 0, 1);
  }

  int elementSize(ObjectInfo info) {
    return recordSize == 0 ? elementSize : info.u32(recordSize);
  }

  /** How many elements a buffer for all must hold, 0 if there are none. */
  int room(ObjectInfo info) {
    int counted = info.u32(count);
    return counted == 0 ? 0 : counted + more;
  }
}
