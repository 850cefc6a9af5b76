package io.github.purebpf.redirect.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.purebpf.redirect.VirtualAddress;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.regex.Pattern;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventLogTest {
  private static final Instant NOW = Instant.parse("2026-01-31T12:00:00.1239Z");

  /**
   * Goes a step deeper for each escape, not for each character, which is too deep for long ones.
   */
  private static final Pattern FIELD =
      Pattern.compile(" ([a-z]+)=(\"[^\"\\\\]*+(?:\\\\.[^\"\\\\]*+)*+\"|\\S+)");

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private EventLog log(EventLog.Format format) {
    return log(out, format);
  }

  private EventLog log(OutputStream to, EventLog.Format format) {
    return new EventLog(
        new PrintStream(to, false, StandardCharsets.UTF_8),
        new PrintStream(err, false, StandardCharsets.UTF_8),
        format,
        () -> NOW);
  }

  @Test
  void thatItCannotBeWrittenIsSaidOnce() {
    var full =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("No space left on device");
          }
        };
    var log = log(full, EventLog.Format.JSON);
    log.info("ready", fields());
    log.info("stopped", fields());
    var words = err.toString(StandardCharsets.UTF_8);
    assertTrue(words.startsWith("connect4-redirect: the log cannot be written"), words);
    assertEquals(words.length() - 1, words.indexOf('\n'), words);
  }

  @Test
  void nothingIsSaidOfALogThatIsWritten() {
    log(EventLog.Format.TEXT).info("ready", fields());
    assertEquals("", err.toString(StandardCharsets.UTF_8));
  }

  private String written() {
    var text = out.toString(StandardCharsets.UTF_8);
    out.reset();
    return text;
  }

  private static SequencedMap<String, Object> fields() {
    var fields = new LinkedHashMap<String, Object>();
    fields.put("vip", VirtualAddress.parse("10.0.0.1:8503"));
    fields.put("servers", 3);
    fields.put("stale", false);
    fields.put("reason", "no \"leader\"\nyet");
    fields.put("retry_in", null);
    fields.put("gone", List.of("10.1.2.3:8503"));
    return fields;
  }

  @Test
  void peopleReadOneLine() {
    log(EventLog.Format.TEXT).warn("source-failed", fields());
    assertEquals(
        "2026-01-31T12:00:00.123Z warn source-failed vip=10.0.0.1:8503 servers=3 stale=false"
            + " reason=\"no \\\"leader\\\"\\u000ayet\" retry_in=null gone=[\"10.1.2.3:8503\"]\n",
        written());
  }

  @Test
  void programsReadOneObject() {
    log(EventLog.Format.JSON).error("source-failed", fields());
    assertEquals(
        "{\"time\":\"2026-01-31T12:00:00.123Z\",\"level\":\"error\",\"event\":\"source-failed\","
            + "\"vip\":\"10.0.0.1:8503\",\"servers\":3,\"stale\":false,"
            + "\"reason\":\"no \\\"leader\\\"\\u000ayet\",\"retry_in\":null,"
            + "\"gone\":[\"10.1.2.3:8503\"]}\n",
        written());
  }

  @Test
  void anEventNeedsNoFields() {
    log(EventLog.Format.TEXT).info("ready", new LinkedHashMap<>());
    assertEquals("2026-01-31T12:00:00.123Z info ready\n", written());
  }

  @Property
  void noValueMakesASecondLineOrAnotherField(@ForAll String reason, @ForAll String server) {
    var fields = new LinkedHashMap<String, Object>();
    fields.put("reason", reason);
    fields.put("server", server);
    log(EventLog.Format.JSON).info("told", fields);
    var json = written();
    assertEquals(json.length() - 1, json.indexOf('\n'));
    assertEquals(
        Map.of(
            "time", "2026-01-31T12:00:00.123Z",
            "level", "info",
            "event", "told",
            "reason", reason,
            "server", server),
        ParsedYaml.parse(json));
    log(EventLog.Format.TEXT).info("told", fields);
    var text = written();
    assertEquals(text.length() - 1, text.indexOf('\n'));
    var head = "2026-01-31T12:00:00.123Z info told";
    assertTrue(text.startsWith(head), text);
    var found = new LinkedHashMap<String, Object>();
    var matcher = FIELD.matcher(text.substring(head.length()).stripTrailing());
    int end = 0;
    while (matcher.find() && matcher.start() == end) {
      var value = matcher.group(2);
      found.put(matcher.group(1), value.startsWith("\"") ? ParsedYaml.parse(value) : value);
      end = matcher.end();
    }
    assertEquals(fields, found, text);
    assertEquals(text.length() - 1 - head.length(), end, text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "Ready", "a b", "a\nb", "-a", "a-", "a--b", "1a"})
  void anEventThatIsNoNameIsRefused(String event) {
    var log = log(EventLog.Format.TEXT);
    var none = new LinkedHashMap<String, Object>();
    assertThrows(IllegalArgumentException.class, () -> log.info(event, none));
    assertEquals("", written());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "time", "level", "event", "a-b", "A", "a=b", "a\nb", "_a"})
  void aFieldThatIsNoNameIsRefused(String field) {
    var log = log(EventLog.Format.JSON);
    var fields = new LinkedHashMap<String, Object>();
    fields.put(field, 1);
    assertThrows(IllegalArgumentException.class, () -> log.info("ready", fields));
    assertEquals("", written());
  }

  @Test
  void linesOfManyThreadsDoNotMix() throws InterruptedException {
    var log = log(EventLog.Format.TEXT);
    var threads = new ArrayList<Thread>();
    for (int i = 0; i < 8; i++) {
      var fields = new LinkedHashMap<String, Object>();
      fields.put("text", Character.toString('a' + i).repeat(500));
      threads.add(
          Thread.ofVirtual()
              .start(
                  () -> {
                    for (int j = 0; j < 100; j++) {
                      log.info("told", fields);
                    }
                  }));
    }
    for (var thread : threads) {
      thread.join();
    }
    var lines = written().lines().toList();
    assertEquals(800, lines.size());
    for (var line : lines) {
      assertTrue(line.matches("2026-01-31T12:00:00.123Z info told text=([a-h])\\1{499}"), line);
    }
  }
}
