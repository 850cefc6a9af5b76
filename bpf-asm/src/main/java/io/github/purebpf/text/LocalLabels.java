package io.github.purebpf.text;

import java.util.HashMap;
import java.util.Map;

/**
 * Labels that are numbers and may be bound again and again: {@code 1b} is the last {@code 1:}
 * before, {@code 1f} the next. Each binding gets a name of its own, which no label can have.
 */
final class LocalLabels {
  private final Map<String, Integer> bound = new HashMap<>();

  /** The name of the label bound here. */
  String bind(String number) {
    return name(number, bound.merge(number, 1, Integer::sum));
  }

  /** The name of the label that a token such as {@code 1f} refers to, or null if it does not. */
  String target(Token token) {
    var text = token.text();
    if (token.kind() != Token.Kind.NUMBER || text.length() < 2 || !hasDigits(text)) {
      return null;
    }
    var number = text.substring(0, text.length() - 1);
    int last = bound.getOrDefault(number, 0);
    return switch (text.charAt(text.length() - 1)) {
      case 'f' -> name(number, last + 1);
      case 'b' -> name(number, last);
      default -> null;
    };
  }

  private static boolean hasDigits(String text) {
    for (int i = 0; i < text.length() - 1; i++) {
      if (text.charAt(i) < '0' || text.charAt(i) > '9') {
        return false;
      }
    }
    return true;
  }

  private static String name(String number, int count) {
    return number + ":" + count;
  }
}
