package io.github.purebpf.redirect;

import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** What a {@link CgroupFollower} tells, as lines such as {@code began /cgroup/a}. */
final class FollowerNews implements CgroupFollower.Listener {
  private static final int LIMIT_SECONDS = 30;

  private final BlockingQueue<String> news = new LinkedBlockingQueue<>();

  @Override
  public void began(Path cgroup) {
    news.add("began " + cgroup);
  }

  @Override
  public void gone(Path cgroup) {
    news.add("gone " + cgroup);
  }

  @Override
  public void failed(Path cgroup, RuntimeException why) {
    news.add("failed " + cgroup + " " + why.getMessage());
  }

  String next() throws InterruptedException {
    var next = news.poll(LIMIT_SECONDS, TimeUnit.SECONDS);
    assertNotNull(next, "no news");
    return next;
  }

  /** Takes what comes until it is a line, and returns all with it. */
  List<String> until(String line) throws InterruptedException {
    var lines = new ArrayList<String>();
    do {
      lines.add(next());
    } while (!lines.getLast().equals(line));
    return lines;
  }

  /** What has come and was not taken. */
  List<String> rest() {
    var rest = new ArrayList<String>();
    news.drainTo(rest);
    return rest;
  }
}
