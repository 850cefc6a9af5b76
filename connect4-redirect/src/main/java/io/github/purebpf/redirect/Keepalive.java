package io.github.purebpf.redirect;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Objects;

/**
 * How connections to a virtual address are probed, so that a server that dies without a word is
 * noticed. The redirector sets it on the socket when it connects; the program may set others.
 *
 * @param idle how long nothing may come before the first probe, whole seconds from 1 to 32,767
 *     ({@code TCP_KEEPIDLE})
 * @param interval the time between probes, whole seconds from 1 to 32,767 ({@code TCP_KEEPINTVL})
 * @param probes how many go unanswered before the connection ends, 1 to 127 ({@code TCP_KEEPCNT})
 * @param userTimeout how long data that was sent may go unanswered, in milliseconds up to four
 *     hours ({@code TCP_USER_TIMEOUT}); zero for what the system does
 */
public record Keepalive(Duration idle, Duration interval, int probes, Duration userTimeout) {
  private static final Duration LONGEST_TIMEOUT = Duration.ofHours(4);

  /** Refuses what the kernel would. */
  public Keepalive {
    requireSeconds("idle", idle);
    requireSeconds("interval", interval);
    Objects.requireNonNull(userTimeout, "userTimeout");
    if (probes < 1 || probes > 127) {
      throw new IllegalArgumentException(probes + " probes: from 1 to 127 are possible");
    }
    if (userTimeout.isNegative() || userTimeout.compareTo(LONGEST_TIMEOUT) > 0) {
      throw new IllegalArgumentException(
          "user timeout %s is not from 0 to 4 hours".formatted(userTimeout));
    }
  }

  private static void requireSeconds(String name, Duration duration) {
    if (!duration.equals(duration.truncatedTo(ChronoUnit.SECONDS))
        || duration.toSeconds() < 1
        || duration.toSeconds() > 32_767) {
      throw new IllegalArgumentException(
          "%s %s is not from 1 to 32767 whole seconds".formatted(name, duration));
    }
  }
}
