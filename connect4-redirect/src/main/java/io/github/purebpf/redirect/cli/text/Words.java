package io.github.purebpf.redirect.cli.text;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** How constants are written wherever a user sees them: {@code least-connections}. */
public final class Words {
  private Words() {}

  /** The word of a constant. */
  public static String of(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** The words of all constants of a type, in their order. */
  public static List<String> all(Class<? extends Enum<?>> type) {
    return Arrays.stream(type.getEnumConstants()).map(Words::of).toList();
  }

  /**
   * The constant of a word.
   *
   * @param what what it is to be, such as {@code policy}
   * @throws IllegalArgumentException if there is none; the message tells those that there are
   */
  public static <E extends Enum<E>> E parse(Class<E> type, String what, String word) {
    for (var constant : type.getEnumConstants()) {
      if (of(constant).equals(word)) {
        return constant;
      }
    }
    throw new IllegalArgumentException(unknown(what, word, all(type)));
  }

  /** Says that there is no such word, which one is like it, and which there are. */
  public static String unknown(String what, String word, List<String> known) {
    return "there is no %s \"%s\"; %s"
        .formatted(
            what,
            word,
            Suggestion.of(word, known)
                .map(near -> "did you mean " + near + "?")
                .orElse("it is one of " + String.join(", ", known)));
  }
}
