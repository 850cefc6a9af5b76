package io.github.purebpf.redirect.cli.text;

import io.github.purebpf.redirect.Server;
import io.github.purebpf.redirect.WeightedServer;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/** Servers as {@code 10.1.2.3:8080*3,10.1.2.4:8080}. */
public final class ServerText {
  /** How they are written. */
  public static final String SYNTAX = "SERVER:PORT[*WEIGHT],...";

  private ServerText() {}

  /**
   * Reads servers; none from the empty text.
   *
   * @throws IllegalArgumentException if the text is anything else; the message says what is wrong
   */
  public static List<WeightedServer> parseAll(String text) {
    return text.isEmpty()
        ? List.of()
        : Arrays.stream(text.split(",", -1)).map(ServerText::parse).toList();
  }

  /**
   * Reads one.
   *
   * @throws IllegalArgumentException if the text is anything else; the message says what is wrong
   */
  public static WeightedServer parse(String text) {
    int star = text.indexOf('*');
    return star < 0
        ? new WeightedServer(Server.parse(text))
        : new WeightedServer(
            Server.parse(text.substring(0, star)), parseWeight(text.substring(star + 1)));
  }

  /**
   * Reads a weight.
   *
   * @throws IllegalArgumentException if the text is no number from 1 to 65535
   */
  public static int parseWeight(String text) {
    if (!text.matches("[1-9][0-9]{0,4}") || Integer.parseInt(text) > 65_535) {
      throw new IllegalArgumentException("\"" + text + "\" is no weight, a number from 1 to 65535");
    }
    return Integer.parseInt(text);
  }

  /** Writes one; the weight 1 is left out. */
  public static String of(WeightedServer weighted) {
    return weighted.weight() == 1
        ? weighted.server().toString()
        : weighted.server() + "*" + weighted.weight();
  }

  /** Writes servers. */
  public static String of(List<WeightedServer> servers) {
    return servers.stream().map(ServerText::of).collect(Collectors.joining(","));
  }
}
