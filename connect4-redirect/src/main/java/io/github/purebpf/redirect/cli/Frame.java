package io.github.purebpf.redirect.cli;

import io.github.purebpf.redirect.ServerTraffic;
import io.github.purebpf.redirect.ServiceTraffic;
import io.github.purebpf.redirect.VirtualAddress;
import io.github.purebpf.redirect.cli.text.Words;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What watch shows at one moment; lines that fit a width, from two snapshots. */
final class Frame {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("HH:mm:ss'Z'").withZone(ZoneOffset.UTC);

  /** Bars that are shorter say nothing. */
  private static final int SHORTEST_BAR = 4;

  private static final int LONGEST_BAR = 60;
  private static final String EIGHTHS = "▏▎▍▌▋▊▉";

  private final Snapshot before;
  private final Snapshot now;
  private final int width;
  private final List<String> lines = new ArrayList<>();

  private Frame(Snapshot before, Snapshot now, int width) {
    this.before = before;
    this.now = now;
    this.width = width;
  }

  /**
   * The lines.
   *
   * @param before the snapshot that rates are counted from; the same one for none
   * @param width that no line exceeds, at least 1
   */
  static List<String> of(Snapshot before, Snapshot now, int width) {
    var frame = new Frame(before, now, width);
    frame.head();
    long most =
        now.state().traffic().values().stream()
            .flatMap(traffic -> traffic.servers().stream())
            .mapToLong(ServerTraffic::open)
            .max()
            .orElse(0);
    now.state().traffic().values().forEach(traffic -> frame.service(traffic, most));
    if (!now.events().isEmpty()) {
      frame.add("");
      now.events().forEach(frame::add);
    }
    return frame.lines;
  }

  private void head() {
    var services = now.state().traffic().values();
    long open = services.stream().mapToLong(ServiceTraffic::open).sum();
    add(
        "%s  %d %s, %d open%s"
            .formatted(
                TIME.format(now.state().at()),
                services.size(),
                services.size() == 1 ? "address" : "addresses",
                open,
                rate(attempted(now), attempted(before))
                    .map(r -> ", " + r + " connects")
                    .orElse("")));
  }

  private static long attempted(Snapshot snapshot) {
    return snapshot.state().traffic().values().stream()
        .mapToLong(
            traffic ->
                traffic.refused()
                    + traffic.servers().stream().mapToLong(ServerTraffic::attempted).sum())
        .sum();
  }

  private void service(ServiceTraffic traffic, long most) {
    var vip = traffic.service().vip();
    add("");
    var old = Optional.ofNullable(before.state().traffic().get(vip));
    add(
        "%s  %s  %d open%s"
            .formatted(
                vip, Words.of(traffic.service().policy()), traffic.open(), refused(traffic, old)));
    if (traffic.servers().isEmpty()) {
      add("  no server: " + Words.of(traffic.service().noServer()));
    }
    traffic.servers().forEach(server -> server(vip, server, most));
  }

  private String refused(ServiceTraffic traffic, Optional<ServiceTraffic> old) {
    if (traffic.refused() == 0) {
      return "";
    }
    return ", %d found no server%s"
        .formatted(
            traffic.refused(),
            rate(traffic.refused(), old.map(ServiceTraffic::refused).orElse(0L))
                .map(rate -> " (" + rate + ")")
                .orElse(""));
  }

  private void server(VirtualAddress vip, ServerTraffic server, long most) {
    var old = before(vip, server);
    var left = "  %-21s %6d open ".formatted(server.server(), server.open());
    var right =
        " %10s  %s%s"
            .formatted(
                rate(server.attempted(), old.map(ServerTraffic::attempted).orElse(0L)).orElse("-"),
                server.active() ? "" : "drains ",
                failed(server, old))
            .stripTrailing();
    // The same for all servers, so that bars can be compared.
    int room =
        Math.min(LONGEST_BAR, width - left.length() - " 9999999.9/s  drains 99 failed".length());
    add(left + (room < SHORTEST_BAR ? "" : bar(server.open(), most, room)) + right);
  }

  private Optional<ServerTraffic> before(VirtualAddress vip, ServerTraffic server) {
    return Optional.ofNullable(before.state().traffic().get(vip)).stream()
        .flatMap(traffic -> traffic.servers().stream())
        .filter(traffic -> traffic.server().equals(server.server()))
        .findFirst();
  }

  private String failed(ServerTraffic server, Optional<ServerTraffic> old) {
    long failed = server.failed() - old.map(ServerTraffic::failed).orElse(0L);
    return now.secondsSince(before) <= 0 || failed <= 0 ? "" : failed + " failed";
  }

  /** Events per second since the snapshot before; empty if there is none. */
  private Optional<String> rate(long countNow, long countBefore) {
    double seconds = now.secondsSince(before);
    return seconds <= 0
        ? Optional.empty()
        : Optional.of(
            String.format(Locale.ROOT, "%.1f/s", Math.max(0, countNow - countBefore) / seconds));
  }

  /** A bar of a length, as full as a part is of a whole. */
  static String bar(long part, long whole, int length) {
    if (whole <= 0) {
      return " ".repeat(length);
    }
    int eighths = (int) Math.round((double) part / whole * length * 8);
    var bar = "█".repeat(eighths / 8);
    if (eighths % 8 > 0) {
      bar += EIGHTHS.charAt(eighths % 8 - 1);
    }
    return bar + " ".repeat(length - bar.length());
  }

  private void add(String line) {
    var cut = line.length() <= width ? line : line.substring(0, width);
    lines.add(cut.stripTrailing());
  }
}
