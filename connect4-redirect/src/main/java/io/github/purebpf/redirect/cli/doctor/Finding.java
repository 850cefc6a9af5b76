package io.github.purebpf.redirect.cli.doctor;

import java.util.Objects;
import java.util.Optional;

/**
 * One thing that was looked at.
 *
 * @param level how it is
 * @param subject what was looked at, a word or two
 * @param text what was found
 * @param remedy what to do about it; there is one unless all is well
 */
public record Finding(Level level, String subject, String text, Optional<String> remedy) {
  /** How a thing is, from good to bad. */
  public enum Level {
    /** As it should be. */
    OK,
    /** It works, but not as well as it could, or not everywhere. */
    WARNING,
    /** It does not work. */
    PROBLEM
  }

  /** Refuses a bad finding that tells no remedy. */
  public Finding {
    Objects.requireNonNull(subject, "subject");
    Objects.requireNonNull(text, "text");
    if (level != Level.OK && remedy.isEmpty()) {
      throw new IllegalArgumentException("no remedy: " + text);
    }
  }

  static Finding ok(String subject, String text) {
    return new Finding(Level.OK, subject, text, Optional.empty());
  }

  static Finding warning(String subject, String text, String remedy) {
    return new Finding(Level.WARNING, subject, text, Optional.of(remedy));
  }

  static Finding problem(String subject, String text, String remedy) {
    return new Finding(Level.PROBLEM, subject, text, Optional.of(remedy));
  }
}
