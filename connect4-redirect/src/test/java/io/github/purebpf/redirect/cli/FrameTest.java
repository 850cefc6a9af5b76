package io.github.purebpf.redirect.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameTest {
  private static final Instant NOON = Instant.parse("2026-01-31T12:00:00Z");

  private static String frame(long more, int width) {
    var before = new Snapshot(States.some(NOON, 0), List.of());
    var now = more < 0 ? before : new Snapshot(States.some(NOON.plusSeconds(2), more), List.of());
    return String.join("\n", Frame.of(before, now, width));
  }

  @Test
  void theFirstFrameHasNoRates() {
    assertEquals(
        """
        12:00:00Z  2 addresses, 8 open

        10.0.0.1:8500  least-connections  8 open
          10.1.2.3:8500              5 open ██████████████████          -
          10.1.2.4:8500              2 open ███████▎                    -
          10.1.2.5:8500              1 open ███▋                        -  drains

        10.0.0.2:80  single  0 open, 4 found no server
          no server: unreachable""",
        frame(-1, 84));
  }

  @Test
  void laterFramesHaveRates() {
    assertEquals(
        """
        12:00:02Z  2 addresses, 11 open, 1.5/s connects

        10.0.0.1:8500  least-connections  11 open
          10.1.2.3:8500              8 open ██████████████████      1.5/s
          10.1.2.4:8500              2 open ████▌                   0.0/s
          10.1.2.5:8500              1 open ██▎                     0.0/s  drains

        10.0.0.2:80  single  0 open, 4 found no server (0.0/s)
          no server: unreachable""",
        frame(3, 84));
  }

  @Test
  void aNarrowWindowHasNoBars() {
    assertEquals(
        """
        12:00:02Z  2 addresses, 11 open, 1.5/s c

        10.0.0.1:8500  least-connections  11 ope
          10.1.2.3:8500              8 open
          10.1.2.4:8500              2 open
          10.1.2.5:8500              1 open

        10.0.0.2:80  single  0 open, 4 found no
          no server: unreachable""",
        frame(3, 40));
  }

  @Property
  void noLineIsWiderThanTheWindow(
      @ForAll @IntRange(min = 1, max = 300) int width,
      @ForAll @IntRange(max = 1_000_000_000) int more) {
    for (var line : frame(more, width).split("\n", -1)) {
      assertTrue(line.length() <= width, line);
    }
  }

  @Property
  void aBarHasItsLengthAndGrows(
      @ForAll @IntRange(max = 1000) int part,
      @ForAll @IntRange(min = 1, max = 1000) int whole,
      @ForAll @IntRange(min = 1, max = 100) int length) {
    var bar = Frame.bar(Math.min(part, whole), whole, length);
    assertEquals(length, bar.length());
    if (part >= whole) {
      assertEquals("█".repeat(length), bar);
    }
    assertEquals(" ".repeat(length), Frame.bar(0, whole, length));
    assertEquals(" ".repeat(length), Frame.bar(0, 0, length));
  }

  @Test
  void theScreenIsDrawnOverAndCutAtItsHeight() {
    var size = new Screen.Size(5, 80);
    var lines = IntStream.range(0, 9).mapToObj(i -> "line " + i).toList();
    assertEquals(
        "\u001b[Hline 0\u001b[K\r\nline 1\u001b[K\r\n\u001b[J",
        Screen.draw(lines.subList(0, 2), size));
    assertEquals(
        "\u001b[Hline 0\u001b[K\r\nline 1\u001b[K\r\nline 2\u001b[K\r\n... 6 lines more\u001b[K"
            + "\u001b[J",
        Screen.draw(lines, size));
    assertEquals(Optional.of(new Screen.Size(24, 80)), Screen.size("24 80"));
    for (var answer : List.of("0 0", "", "24", "stty: no")) {
      assertEquals(Optional.empty(), Screen.size(answer));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0", "99ms", "fast", "-1"})
  void anIntervalIsADurationOfAtLeastATenthOfASecond(String text) {
    assertThrows(CommandException.class, () -> WatchCommand.interval(text));
    assertEquals(Duration.ofMillis(100), WatchCommand.interval("100ms"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "0", "-1", "x", "1.5"})
  void aCountIsANumber(String text) {
    assertThrows(CommandException.class, () -> WatchCommand.count(text));
  }
}
