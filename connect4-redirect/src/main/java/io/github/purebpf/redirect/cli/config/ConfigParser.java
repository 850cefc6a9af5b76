package io.github.purebpf.redirect.cli.config;

import io.github.purebpf.redirect.Keepalive;
import io.github.purebpf.redirect.NoServer;
import io.github.purebpf.redirect.Policy;
import io.github.purebpf.redirect.Server;
import io.github.purebpf.redirect.Service;
import io.github.purebpf.redirect.VirtualAddress;
import io.github.purebpf.redirect.WeightedServer;
import io.github.purebpf.redirect.cli.text.KeepaliveText;
import io.github.purebpf.redirect.cli.text.Words;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/**
 * Reads files such as
 *
 * <pre>
 * # what is behind the addresses
 * service 10.0.0.1:8500
 *   policy least-connections
 *   no-server refuse
 *   keepalive 30s/10s/3/20s
 *   server 10.1.2.3:8500
 *   server 10.1.2.4:8500 weight 3
 * </pre>
 *
 * <p>One statement is one line; how it is indented does not matter. It ends at the first thing that
 * is wrong.
 */
public final class ConfigParser {
  private static final Pattern WORD = Pattern.compile("[^ \t]+");
  private static final String SERVICE = "service";
  private static final String WEIGHT = "weight";
  private static final List<String> STATEMENTS =
      List.of(SERVICE, "server", "policy", "no-server", "keepalive");

  private final SortedMap<VirtualAddress, Service> services = new TreeMap<>();
  private final SortedMap<VirtualAddress, Integer> lines = new TreeMap<>();

  /** What has been said of the service that is being read. */
  private final Set<String> said = new HashSet<>();

  private Optional<Service> current = Optional.empty();

  private String source = "";
  private int line;
  private List<Word> words = List.of();

  /**
   * A word of a line.
   *
   * @param column from 1
   */
  private record Word(int column, String text) {}

  private ConfigParser() {}

  /**
   * Reads a file.
   *
   * @return its services by their addresses
   * @throws ConfigException if anything in it is wrong
   */
  public static SortedMap<VirtualAddress, Service> parse(String content) {
    var parser = new ConfigParser();
    for (var line : content.split("\n", -1)) {
      parser.read(line.endsWith("\r") ? line.substring(0, line.length() - 1) : line);
    }
    return Collections.unmodifiableSortedMap(parser.services);
  }

  private void read(String text) {
    line++;
    source = text;
    words = words();
    if (words.isEmpty()) {
      return;
    }
    var statement = words.getFirst();
    switch (statement.text()) {
      case SERVICE -> service();
      case "server" -> server();
      case "policy" ->
          once(
              word -> {
                var policy = Words.parse(Policy.class, "policy", word);
                return service -> service.withPolicy(policy);
              });
      case "no-server" ->
          once(
              word -> {
                var noServer = Words.parse(NoServer.class, "answer", word);
                return service -> service.withNoServer(noServer);
              });
      case "keepalive" ->
          once(
              word -> {
                var keepalive = KeepaliveText.parse(word);
                return service -> with(service, keepalive);
              });
      default ->
          throw wrong(statement.column(), Words.unknown("statement", statement.text(), STATEMENTS));
    }
  }

  private static Service with(Service service, Optional<Keepalive> keepalive) {
    return keepalive.map(service::withKeepalive).orElse(service);
  }

  /** Those in front of a comment, which begins with a word. */
  private List<Word> words() {
    var list = new ArrayList<Word>();
    var matcher = WORD.matcher(source);
    while (matcher.find() && !matcher.group().startsWith("#")) {
      for (int i = matcher.start(); i < matcher.end(); i++) {
        if (Character.isISOControl(source.charAt(i))) {
          throw wrong(
              i + 1, "there is a control character, U+%04X".formatted((int) source.charAt(i)));
        }
      }
      list.add(new Word(matcher.start() + 1, matcher.group()));
    }
    return list;
  }

  private ConfigException wrong(int column, String message) {
    return new ConfigException(line, column, source, message);
  }

  /** Reads a word and says where it stands if it is wrong. */
  private <T> T value(Word word, Function<String, T> parser) {
    try {
      return parser.apply(word.text());
    } catch (ConfigException e) {
      throw e;
    } catch (IllegalArgumentException e) {
      throw wrong(word.column(), e.getMessage());
    }
  }

  /** The word at an index, which must be there. */
  private Word need(int index, String what) {
    if (words.size() <= index) {
      var last = words.getLast();
      throw wrong(last.column() + last.text().length(), what + " is missing behind " + last.text());
    }
    return words.get(index);
  }

  private void noMore(int count) {
    if (words.size() > count) {
      var word = words.get(count);
      throw wrong(word.column(), "\"" + word.text() + "\" is one word too many");
    }
  }

  private void service() {
    var word = need(1, "VIP:PORT");
    var vip = value(word, VirtualAddress::parse);
    noMore(2);
    if (lines.containsKey(vip)) {
      throw wrong(word.column(), vip + " is there already, in line " + lines.get(vip));
    }
    lines.put(vip, line);
    said.clear();
    put(Service.of(vip));
  }

  private void put(Service service) {
    current = Optional.of(service);
    services.put(service.vip(), service);
  }

  private Service current() {
    return current.orElseThrow(
        () ->
            wrong(
                words.getFirst().column(),
                "a service must come before this line; write: service VIP:PORT"));
  }

  private void server() {
    var service = current();
    var word = need(1, "SERVER:PORT");
    var server = value(word, Server::parse);
    int weight = 1;
    if (words.size() > 2) {
      var keyword = words.get(2);
      if (!keyword.text().equals(WEIGHT)) {
        throw wrong(keyword.column(), Words.unknown("word here", keyword.text(), List.of(WEIGHT)));
      }
      weight = value(need(3, "the number"), WeightedServer::parseWeight);
    }
    noMore(4);
    var servers = new ArrayList<>(service.servers());
    servers.add(new WeightedServer(server, weight));
    put(value(word, _ -> service.withServers(servers)));
  }

  /**
   * A statement of one value, that a service has at most once.
   *
   * @param parser reads the value, and gives what it makes of the service
   */
  private void once(Function<String, UnaryOperator<Service>> parser) {
    var statement = words.getFirst();
    var service = current();
    var value = need(1, "the value");
    var change = value(value, parser);
    noMore(2);
    if (!said.add(statement.text())) {
      throw wrong(
          statement.column(), statement.text() + " of " + service.vip() + " is said already");
    }
    put(change.apply(service));
  }
}
