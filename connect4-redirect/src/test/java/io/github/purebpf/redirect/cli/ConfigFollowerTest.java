package io.github.purebpf.redirect.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConfigFollowerTest {
  private static final String GONE = "gone";
  private static final String WRONG = "wrong";

  private final List<String> events = new ArrayList<>();
  private String content = "a";
  private final ConfigFollower follower =
      new ConfigFollower(
          "a",
          () -> {
            if (content.equals(GONE)) {
              throw new CommandException(ExitCode.CONFIG, "no such file");
            }
            return content;
          },
          text -> {
            if (text.startsWith(WRONG)) {
              throw new CommandException(ExitCode.CONFIG, "wrong: " + text);
            }
            events.add(text);
          },
          e -> events.add(e.getMessage()));

  /** What happens when the file is looked at while it has these contents. */
  private List<String> eventsOf(String... contents) {
    events.clear();
    for (var text : contents) {
      content = text;
      follower.look();
    }
    return events;
  }

  @Test
  void aContentCountsWhenItIsSeenTwice() {
    assertEquals(List.of(), eventsOf("a", "a", "b", "bc", "b"));
    assertEquals(List.of("b"), eventsOf("b", "b", "b"));
    assertEquals(List.of("a"), eventsOf("a", "a", "a"));
  }

  @Test
  void whatIsWrongIsToldOnce() {
    assertEquals(List.of("wrong: wrong 1"), eventsOf("wrong 1", "wrong 1", "wrong 1", "wrong 1"));
    assertEquals(List.of("wrong: wrong 2"), eventsOf("wrong 2", "wrong 2", "wrong 2"));
    assertEquals(List.of("b"), eventsOf("b", "b", "b"));
  }

  @Test
  void aFileThatIsAwayForAMomentChangesNothing() {
    assertEquals(List.of("no such file"), eventsOf(GONE, GONE, GONE, "a", "a"));
    assertEquals(List.of("no such file", "b"), eventsOf(GONE, "b", "b"));
  }
}
