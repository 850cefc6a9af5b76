package io.github.purebpf.bpf.internal.query;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** The names of the functions that verified programs call, which {@code /proc/kallsyms} lists. */
public final class KernelSymbols {
  /** The list of the running kernel, in which addresses are zero for whom they are kept from. */
  public static final Path KALLSYMS = Path.of("/proc/kallsyms");

  /** What the number in a call is the distance from. */
  private static final String BASE = "__bpf_call_base";

  private KernelSymbols() {}

  /**
   * The names of functions by their distance from {@code __bpf_call_base}, as far as they are told.
   *
   * @param kallsyms lines of address, kind and name
   */
  public static Map<Integer, String> named(Path kallsyms, Set<Integer> distances) {
    var names = new HashMap<Integer, String>();
    if (distances.isEmpty()) {
      return names;
    }
    var text = read(kallsyms);
    long base = addressOf(text, BASE);
    if (base == 0) {
      return names;
    }
    text.lines()
        .forEach(
            line -> {
              long distance = address(line) - base;
              if (distance == (int) distance && distances.contains((int) distance)) {
                names.putIfAbsent((int) distance, name(line));
              }
            });
    return names;
  }

  private static String read(Path kallsyms) {
    try {
      return Files.readString(kallsyms, StandardCharsets.ISO_8859_1);
    } catch (IOException _) {
      return ""; // as good as a list of zeros: the calls keep their numbers
    }
  }

  private static long addressOf(String text, String symbol) {
    return text.lines()
        .filter(line -> name(line).equals(symbol))
        .mapToLong(KernelSymbols::address)
        .findFirst()
        .orElse(0);
  }

  private static long address(String line) {
    return Long.parseUnsignedLong(line, 0, line.indexOf(' '), 16);
  }

  /** Behind the address and the letter of the kind, before the name of a module. */
  private static String name(String line) {
    int start = line.indexOf(' ') + 3;
    int end = line.indexOf('\t', start);
    return line.substring(start, end < 0 ? line.length() : end);
  }
}
