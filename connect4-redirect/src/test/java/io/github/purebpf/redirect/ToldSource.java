package io.github.purebpf.redirect;

import io.github.purebpf.redirect.source.Finding;
import io.github.purebpf.redirect.source.ServerSource;
import java.util.Arrays;
import java.util.Set;
import java.util.function.Consumer;

/** A source that finds what a test says. */
final class ToldSource implements ServerSource {
  private volatile Consumer<Finding> told = _ -> {};
  private volatile boolean closed;

  @Override
  public String description() {
    return "a test";
  }

  @Override
  public void start(Consumer<Finding> told) {
    this.told = told;
  }

  @Override
  public void close() {
    closed = true;
  }

  boolean isClosed() {
    return closed;
  }

  void finds(Finding finding) {
    told.accept(finding);
  }

  void finds(Server... servers) {
    finds(new Finding.Servers(Arrays.stream(servers).map(WeightedServer::new).toList(), Set.of()));
  }
}
