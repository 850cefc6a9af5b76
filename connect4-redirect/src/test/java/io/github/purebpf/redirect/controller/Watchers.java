package io.github.purebpf.redirect.controller;

import io.github.purebpf.redirect.pace.Backoff;
import io.github.purebpf.redirect.pace.Rota;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The requests of many controllers at Consul, one blocking query each, in the way of {@code
 * ConsulWatch}: the addresses by {@link Rota}, the pauses by {@link Backoff}. The figures that
 * ConsulWatch keeps to itself are told again here. Answers take no time.
 *
 * <p>Times are in seconds.
 */
final class Watchers {
  private static final double BETWEEN_REQUESTS = 0.5;
  private static final Duration FIRST_PAUSE = Duration.ofMillis(2200);
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

  /** How long Consul holds a request, and the part of it by which it holds some longer. */
  private static final double WAIT = 300;

  private static final double LONGER = 1.0 / 16;
  private static final double NANOS = 1e9;

  /** How many requests came in each second. */
  static final class Requests {
    private final int[] seconds;

    private Requests(int seconds) {
      this.seconds = new int[seconds];
    }

    private void at(double second) {
      if (second < seconds.length) {
        seconds[(int) second]++;
      }
    }

    /** In the busiest second from one to before another. */
    int most(int from, int to) {
      return Arrays.stream(seconds, from, to).max().orElseThrow();
    }

    /** In each second from one to before another, on the mean. */
    double mean(int from, int to) {
      return Arrays.stream(seconds, from, to).average().orElseThrow();
    }
  }

  private final int hosts;
  private final int addresses;
  private final RandomGenerator random;
  private final Backoff backoff;

  /** Which address each host asks. */
  private final List<Rota<Integer>> asked;

  Watchers(int hosts, int addresses, RandomGenerator random) {
    this.hosts = hosts;
    this.addresses = addresses;
    this.random = random;
    this.backoff = new Backoff(FIRST_PAUSE, LONGEST_PAUSE, random);
    var all = IntStream.range(0, addresses).boxed().toList();
    this.asked = Stream.generate(() -> new Rota<>(all, random)).limit(hosts).toList();
  }

  /** How many blocking queries wait at each address. */
  int[] held() {
    int[] held = new int[addresses];
    for (var rota : asked) {
      held[rota.now()]++;
    }
    return held;
  }

  private double held(double from) {
    return from + WAIT * (1 + random.nextDouble() * LONGER);
  }

  /**
   * All start.
   *
   * @param within how long that takes
   * @param seconds how long it is looked at
   */
  Requests start(double within, int seconds) {
    var requests = new Requests(seconds);
    for (int host = 0; host < hosts; host++) {
      double at = random.nextDouble() * within;
      requests.at(at);
      for (at += BETWEEN_REQUESTS; at < seconds; at = held(at)) {
        requests.at(at);
      }
    }
    return requests;
  }

  /**
   * The first address breaks its connections off and refuses others; later, Consul tells all that a
   * server is gone.
   *
   * @param told when that is; a whole second
   * @param seconds how long it is looked at
   * @return those at each address
   */
  List<Requests> die(int told, int seconds) {
    var requests = Stream.generate(() -> new Requests(seconds)).limit(addresses).toList();
    for (var rota : asked) {
      if (rota.now() == 0) {
        rota.next();
        double at = backoff.after(0) / NANOS; // the others are tried without more delay
        requests.get(rota.now()).at(at);
        requests.get(rota.now()).at(at + BETWEEN_REQUESTS);
        rota.serves();
      }
      requests.get(rota.now()).at(told);
    }
    return requests;
  }

  /** No address answers from the first second on. */
  Requests allGone(int seconds) {
    var requests = new Requests(seconds);
    for (var rota : asked) {
      double at = 0;
      for (int failures = 1; at < seconds; failures++) {
        at += backoff.after(rota.next() ? failures / addresses : 0) / NANOS;
        requests.at(at);
      }
    }
    return requests;
  }
}
