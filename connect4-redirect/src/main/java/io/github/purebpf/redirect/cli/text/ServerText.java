package io.github.purebpf.redirect.cli.text;

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
        : Arrays.stream(text.split(",", -1)).map(WeightedServer::parse).toList();
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
