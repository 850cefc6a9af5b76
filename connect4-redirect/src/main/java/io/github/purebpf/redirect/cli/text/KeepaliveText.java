package io.github.purebpf.redirect.cli.text;

import io.github.purebpf.redirect.Keepalive;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;

/** How connections are probed, as {@code 30s/10s/3/20s}; {@code off} for not at all. */
public final class KeepaliveText {
  /** How it is written. */
  public static final String SYNTAX = "IDLE/INTERVAL/COUNT[/USER_TIMEOUT]";

  /** The word for none. */
  public static final String OFF = "off";

  private static final Pattern DURATION = Pattern.compile("([0-9]{1,9})(ms|s|m|h)?");

  private KeepaliveText() {}

  /**
   * Reads it.
   *
   * @return empty for {@value #OFF}
   * @throws IllegalArgumentException if the text is anything else; the message says what is wrong
   */
  public static Optional<Keepalive> parse(String text) {
    if (text.equals(OFF)) {
      return Optional.empty();
    }
    var parts = text.split("/", -1);
    if (parts.length < 3 || parts.length > 4) {
      throw new IllegalArgumentException(
          "\"%s\" is no %s such as 30s/10s/3/20s, nor %s".formatted(text, SYNTAX, OFF));
    }
    if (!parts[2].matches("[0-9]{1,9}")) {
      throw new IllegalArgumentException(
          "\"" + parts[2] + "\" is no number of probes from 1 to 127");
    }
    return Optional.of(
        new Keepalive(
            duration(parts[0]),
            duration(parts[1]),
            Integer.parseInt(parts[2]),
            parts.length == 4 ? duration(parts[3]) : Duration.ZERO));
  }

  /**
   * Reads {@code 500ms}, {@code 30s}, {@code 2m} or {@code 1h}; without a unit it is seconds.
   *
   * @throws IllegalArgumentException if the text is anything else
   */
  public static Duration duration(String text) {
    var matcher = DURATION.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "\"" + text + "\" is no duration such as 500ms, 30s or 2m");
    }
    long number = Long.parseLong(matcher.group(1));
    return switch (matcher.group(2)) {
      case "ms" -> Duration.ofMillis(number);
      case "m" -> Duration.ofMinutes(number);
      case "h" -> Duration.ofHours(number);
      case null, default -> Duration.ofSeconds(number);
    };
  }

  private static String of(Duration duration) {
    return duration.toMillisPart() == 0 ? duration.toSeconds() + "s" : duration.toMillis() + "ms";
  }

  /** Writes it. */
  public static String of(Optional<Keepalive> keepalive) {
    return keepalive
        .map(
            k ->
                "%s/%s/%d%s"
                    .formatted(
                        of(k.idle()),
                        of(k.interval()),
                        k.probes(),
                        k.userTimeout().isZero() ? "" : "/" + of(k.userTimeout())))
        .orElse(OFF);
  }
}
