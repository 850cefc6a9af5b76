package io.github.purebpf.redirect.cli;

import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Follows the content of a file by looking at it now and then, which works on every file system and
 * whatever an editor does to replace it. A content counts when it is seen a second time, so that
 * none is taken that is written only half.
 */
final class ConfigFollower {
  private final Supplier<String> read;
  private final Consumer<String> changed;
  private final Consumer<RuntimeException> wrong;

  /** The content that was dealt with last. */
  private String settled;

  private Optional<String> seen = Optional.empty();
  private String complaint = "";

  /**
   * Begins with a content that is known.
   *
   * @param read throws a {@link CommandException} if that is not possible
   * @param changed told of each new content; throws if it is wrong
   * @param wrong told of what the others have thrown, once for each content
   */
  ConfigFollower(
      String settled,
      Supplier<String> read,
      Consumer<String> changed,
      Consumer<RuntimeException> wrong) {
    this.settled = settled;
    this.read = read;
    this.changed = changed;
    this.wrong = wrong;
  }

  /** Looks at the file. */
  void look() {
    try {
      var now = read.get();
      complaint = "";
      if (now.equals(settled)) {
        seen = Optional.empty();
      } else if (seen.filter(now::equals).isEmpty()) {
        seen = Optional.of(now);
      } else {
        settled = now;
        seen = Optional.empty();
        changed.accept(now);
      }
    } catch (RuntimeException e) {
      var message = String.valueOf(e.getMessage());
      if (!complaint.equals(message)) {
        complaint = message;
        wrong.accept(e);
      }
    }
  }
}
