package io.github.purebpf.redirect.cli.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class StoryTest {
  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  private Story story(Charset charset, boolean colors) {
    return Story.to(new PrintStream(bytes, true, charset), colors);
  }

  private String told(Charset charset) {
    return bytes.toString(charset).replace(System.lineSeparator(), "\n");
  }

  @Test
  void aStepThatHappensIsNoFailure() {
    var story = story(StandardCharsets.UTF_8, false);
    story.step("a client", "127.77.0.1:80", "served A", "served A");
    assertEquals(List.of(), story.failures());
    assertEquals(
        "   ✓ a client                127.77.0.1:80 → served A\n", told(StandardCharsets.UTF_8));
  }

  @Test
  void aStepThatDoesNotHappenIsToldAndKept() {
    var story = story(StandardCharsets.UTF_8, false);
    story.step("a client", "127.77.0.1:80", "served A", "refused");
    story.step("the world ends", false);
    story.count("server A", 2, 1);
    assertEquals(
        List.of(
            "a client, 127.77.0.1:80: refused instead of served A",
            "the world ends",
            "server A took 1 connects instead of 2"),
        story.failures());
    assertTrue(told(StandardCharsets.UTF_8).contains("✗"));
  }

  @Test
  void asciiIsEnough() {
    var story = story(StandardCharsets.US_ASCII, false);
    story.step("a client", "127.77.0.1:80", "served A", "served A");
    story.count("server A", 3, 3);
    assertEquals(
        """
          ok a client                127.77.0.1:80 -> served A
          ok server A                ### 3
        """,
        told(StandardCharsets.US_ASCII));
  }

  @Test
  void barsAreToldOnceTheyAreWhatTheyAreToBe() throws InterruptedException {
    var story = story(StandardCharsets.US_ASCII, false);
    var looks = new AtomicInteger();
    story.bars(
        List.of(
            new Story.Bar("server A", 3, 3, looks::get), new Story.Bar("server B", 1, 2, () -> 2)),
        () -> looks.incrementAndGet() == 3);
    assertEquals(List.of(), story.failures());
    assertEquals(
        """
          ok server A                ### 3
          ok server B                ## 2
        """,
        told(StandardCharsets.US_ASCII));
  }

  @Test
  void barsMoveOnATerminal() throws InterruptedException {
    var story = story(StandardCharsets.UTF_8, true);
    var looks = new AtomicInteger();
    story.bars(
        List.of(new Story.Bar("server A", 3, 3, () -> Math.min(3, looks.incrementAndGet()))),
        () -> true);
    var told = told(StandardCharsets.UTF_8);
    assertTrue(told.contains("\u001b[2m█\u001b[0m 1\u001b[K\n\u001b[1A"), told);
    assertTrue(
        told.endsWith(
            "\u001b[1A   \u001b[32m✓\u001b[0m server A                "
                + "\u001b[36m███\u001b[0m 3\u001b[K\n"),
        told);
  }

  @Test
  void theEndSaysWhetherAllOfItHappened() {
    var story = story(StandardCharsets.UTF_8, false);
    story.end();
    assertTrue(
        told(StandardCharsets.UTF_8)
            .matches("\nAll of it happened, in [0-9]+[.,][0-9] seconds[.]\n"));
    story.step("the world ends", false);
    story.end();
    assertTrue(told(StandardCharsets.UTF_8).endsWith("\n1 of the steps did not happen.\n"));
  }

  @Test
  void colorsAreForTerminalsOnly() {
    story(StandardCharsets.UTF_8, false).title("title");
    assertFalse(told(StandardCharsets.UTF_8).contains("\u001b"));
    story(StandardCharsets.UTF_8, true).title("title");
    assertTrue(told(StandardCharsets.UTF_8).contains("\u001b[1mtitle\u001b[0m"));
  }

  @Test
  void whenSilencedItSaysNoMore() {
    var story = story(StandardCharsets.UTF_8, false);
    story.silence();
    story.step("a client", "127.77.0.1:80", "served A", "failed");
    assertEquals("", told(StandardCharsets.UTF_8));
  }
}
