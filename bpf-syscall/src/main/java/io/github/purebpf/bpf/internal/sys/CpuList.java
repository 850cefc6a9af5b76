package io.github.purebpf.bpf.internal.sys;

import java.util.BitSet;
import java.util.List;

/**
 * Numbers of CPUs in ascending order, as files such as {@code /sys/devices/system/cpu/possible}
 * list them. There may be gaps.
 *
 * @param numbers at least one
 */
public record CpuList(List<Integer> numbers) {
  /** More than any configuration of Linux has; what is above is a misread file. */
  private static final int LIMIT = 1 << 16;

  /** Keeps a copy. */
  public CpuList {
    numbers = List.copyOf(numbers);
  }

  /**
   * Reads {@code 0-3,5}.
   *
   * @throws IllegalArgumentException if it is no such list, or an empty one
   */
  public static CpuList parse(String text) {
    var cpus = new BitSet();
    for (var range : text.strip().split(",", -1)) {
      var ends = range.split("-", -1);
      int first = number(ends[0], text);
      int last = ends.length == 1 ? first : number(ends[1], text);
      if (ends.length > 2 || last < first || last >= LIMIT) {
        throw misread(text);
      }
      cpus.set(first, last + 1);
    }
    return new CpuList(cpus.stream().boxed().toList());
  }

  private static int number(String digits, String text) {
    if (digits.isEmpty()
        || digits.length() > 5
        || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
      throw misread(text);
    }
    return Integer.parseInt(digits);
  }

  private static IllegalArgumentException misread(String text) {
    return new IllegalArgumentException("'" + text.strip() + "' is no list of CPUs such as 0-3,5");
  }

  /** How many there are. */
  public int size() {
    return numbers.size();
  }
}
